//! Benchmarks: fills a database with synthetic practices, and measures the server beside what its database could do.
//!
//! Knows the schema and the REST routes from outside, as any other program would; links nothing of the server, so that
//! what it measures is the server and not itself. Prints numbers and ratios, never a verdict. See `bench/README.md`.

mod database;
mod generate;
mod load;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The embedded database of a data folder.
    #[error("{0}")]
    Cluster(#[from] embedded::ClusterError),
    /// Words of PostgreSQL are in the source of the error.
    #[error("database: {}", database::words(.0))]
    Database(#[from] tokio_postgres::Error),
    /// Sockets, files, processes.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Dates and zones.
    #[error("{0}")]
    Time(#[from] jiff::Error),
    /// Anything that a person has to mend before the run makes sense.
    #[error("{0}")]
    Refused(String),
}

impl BenchError {
    /// Wraps an error of the operating system with what was tried.
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

#[derive(Parser)]
#[command(name = "bench", about, long_about = None)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Fill a migrated database with synthetic practices
    Generate(generate::Generate),
    /// Measure endpoints of a running server, and pgbench with the same statements on the same database
    Load(load::Load),
}

fn main() -> ExitCode {
    // One thread: what measures must take as little as it can of the cores that it shares with what is measured.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bench: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = match Command::parse().what {
        What::Generate(generate) => runtime.block_on(generate.run()),
        What::Load(load) => runtime.block_on(load.run()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
