//! Measures endpoints of a running server, each next to `pgbench` sending the same statements to the same database.
//!
//! Closed loop: each of N connections sends its next request when the last answer is in. Server, database and load share
//! one machine and both sides get the same number of connections and the same time, so the ratio says what the server
//! itself costs.

mod http;
mod pgbench;
mod sample;
mod target;
mod workload;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::BenchError;
use crate::database::Place;
use http::Server;
use sample::Sample;

/// `pgbench` takes no more script files than this.
const TARGETS_MAX: u16 = 128;

/// Measure endpoints of a running server, and pgbench with the same statements on the same database.
#[derive(Args)]
pub(crate) struct Load {
    #[command(flatten)]
    place: Place,
    /// Address of the running server
    #[arg(long, value_name = "http://HOST:PORT", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// API key of the owner of the practice; see `mentalspace api-key create`
    #[arg(long, value_name = "KEY", env = "BENCH_KEY", hide_env_values = true)]
    key: Option<String>,
    /// A header to send instead of the key, such as "Cookie: …", for endpoints that are pages
    #[arg(long, value_name = "NAME: VALUE", conflicts_with = "key")]
    header: Option<String>,
    /// The practice that is asked for
    #[arg(long, value_name = "SLUG", default_value = "bench-small-0001")]
    practice: String,
    /// Folder of the endpoints: one SQL file each
    #[arg(long, value_name = "DIR", default_value = "bench/workload")]
    workload: PathBuf,
    /// Only endpoints whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Connections on either side
    #[arg(long, value_name = "COUNT", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// Seconds of each measurement
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Different requests per endpoint
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=i64::from(TARGETS_MAX)))]
    targets: u16,
    /// Role that pgbench acts as, so that row-level security binds it as it binds the server
    #[arg(long, value_name = "ROLE", default_value = "mentalspace_app")]
    role: String,
    /// The pgbench to use [default: from PATH]
    #[arg(long, value_name = "FILE", default_value = "pgbench")]
    pgbench: PathBuf,
    /// Process of the server, to tell its memory afterwards
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
}

impl Load {
    pub(crate) async fn run(self) -> Result<(), BenchError> {
        let endpoints = workload::read(&self.workload, self.only.as_deref())?;
        let database = self.place.open()?;
        let client = database.connect().await?;
        let targets = target::choose(&client, &self.practice, self.targets).await?;
        let server = Server::new(&self.server, self.headers())?;
        let time = Duration::from_secs(self.seconds);
        println!(
            "{} connections, {} s each, {} different requests",
            self.connections,
            self.seconds,
            targets.len()
        );
        println!(
            "{:<20}{:<10}{:>10}{:>11}{:>11}{:>9}",
            "endpoint", "", "per second", "p50", "p99", "errors"
        );
        for endpoint in &endpoints {
            let paths = endpoint.paths(&targets)?;
            http::rehearse(&server, &paths).await?;
            let asked = http::measure(&server, &paths, self.connections, time).await?;
            report(&endpoint.name, "server", &asked);
            let scripts = endpoint.scripts(&targets)?;
            let run = pgbench::Run {
                program: &self.pgbench,
                database: &database.config,
                role: &self.role,
                connections: self.connections,
                time,
            };
            let possible = run.measure(&scripts).await?;
            report("", "pgbench", &possible);
            println!(
                "{:<20}{:<10}{:>10.2}",
                "",
                "ratio",
                asked.per_second() / possible.per_second().max(f64::MIN_POSITIVE)
            );
        }
        if let Some(pid) = self.server_pid {
            println!("{}", memory(pid)?);
        }
        drop(client);
        database.close()
    }

    fn headers(&self) -> Vec<String> {
        let key = self.key.as_ref().map(|key| format!("Authorization: Bearer {key}"));
        key.into_iter().chain(self.header.clone()).collect()
    }
}

fn report(name: &str, side: &str, sample: &Sample) {
    let (p50, p99) = (sample.millisecond_at(0.50), sample.millisecond_at(0.99));
    let (rate, errors) = (sample.per_second(), sample.errors);
    println!("{name:<20}{side:<10}{rate:>10.0}{p50:>8.2} ms{p99:>8.2} ms{errors:>9}");
}

/// What the server's process holds now, and at most held.
fn memory(pid: u32) -> Result<String, BenchError> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).map_err(BenchError::io(path))?;
    let kibibytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    };
    let (now, peak) = (kibibytes("VmRSS:").unwrap_or(0), kibibytes("VmHWM:").unwrap_or(0));
    Ok(format!("server memory {} MB, at most {} MB", now / 1024, peak / 1024))
}
