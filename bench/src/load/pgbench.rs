//! The yardstick: `pgbench` with the same statements, on the same database, on as many connections.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::sample::Sample;
use crate::BenchError;

/// How to run it.
pub(super) struct Run<'run> {
    pub(super) program: &'run Path,
    pub(super) database: &'run Config,
    pub(super) role: &'run str,
    pub(super) connections: u16,
    pub(super) time: Duration,
}

/// A folder for scripts and logs that goes when the run is over.
struct Workshop(PathBuf);

impl Workshop {
    fn open() -> Result<Self, BenchError> {
        let folder = std::env::temp_dir().join(format!("mentalspace-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(BenchError::io(folder.display().to_string()))?;
        Ok(Self(folder))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // A folder left in the temporary place harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Run<'_> {
    /// Runs the scripts, each as often as the others.
    pub(super) async fn measure(&self, scripts: &[String]) -> Result<Sample, BenchError> {
        let workshop = Workshop::open()?;
        let mut command = Command::new(self.program);
        command
            .current_dir(&workshop.0)
            .args(["--no-vacuum", "--protocol=prepared", "--log", "--log-prefix=latency"])
            .arg(format!("--client={}", self.connections))
            .arg(format!("--jobs={}", self.connections.min(2)))
            .arg(format!("--time={}", self.time.as_secs()))
            .kill_on_drop(true);
        for (number, script) in scripts.iter().enumerate() {
            let name = format!("{number}.sql");
            fs::write(workshop.0.join(&name), script).map_err(BenchError::io(name.clone()))?;
            command.arg(format!("--file={name}"));
        }
        self.point(&mut command);
        let output = command
            .output()
            .await
            .map_err(BenchError::io(self.program.display().to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said
                .lines()
                .find(|line| line.contains("ERROR") || line.contains("error"));
            return Err(BenchError::Refused(format!(
                "pgbench failed: {}",
                first.unwrap_or_default()
            )));
        }
        read_logs(&workshop.0, self.time)
    }

    /// Points the tool at the database by its environment; arguments could be read by everybody on the machine.
    fn point(&self, command: &mut Command) {
        let database = self.database;
        if let Some(Host::Unix(folder)) = database.get_hosts().first() {
            command.env("PGHOST", folder);
        } else if let Some(Host::Tcp(name)) = database.get_hosts().first() {
            command.env("PGHOST", name);
        }
        if let Some(port) = database.get_ports().first() {
            command.env("PGPORT", port.to_string());
        }
        for (name, value) in [("PGUSER", database.get_user()), ("PGDATABASE", database.get_dbname())] {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        if let Some(password) = database.get_password() {
            command.env("PGPASSWORD", String::from_utf8_lossy(password).into_owned());
        }
        // The server's connections have just-in-time compilation off too.
        command.env("PGOPTIONS", format!("-c role={} -c jit=off", self.role));
    }
}

/// One line per transaction: connection, number, microseconds, script, seconds, microseconds of the end.
fn read_logs(folder: &Path, time: Duration) -> Result<Sample, BenchError> {
    let mut seen = Sample::new(time)?;
    let failed = || BenchError::io("reading pgbench's logs");
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        if !entry.file_name().to_string_lossy().starts_with("latency.") {
            continue;
        }
        for line in fs::read_to_string(entry.path()).map_err(failed())?.lines() {
            match line.split(' ').nth(2).and_then(|field| field.parse().ok()) {
                Some(microseconds) => seen.record(microseconds),
                None => seen.errors += 1,
            }
        }
    }
    Ok(seen)
}
