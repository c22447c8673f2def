//! The command line: each command opens the house of a data folder, also while a server runs on it.

mod keys;
mod practice;
mod records;
mod upkeep;
mod user;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use platform::Config;

use crate::house::{House, HouseError};
use crate::serve::{ServeError, serve};

/// MentalSpace: the health record and practice management of outpatient mental-health practices.
#[derive(Parser)]
#[command(name = "mentalspace", version, about, long_about = None, propagate_version = true)]
pub struct Command {
    #[command(subcommand)]
    what: What,
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Folder of the database, files and keys [default: data, or what the configuration says]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Configuration file; see mentalspace.example.toml
    #[arg(long, global = true, value_name = "FILE", env = "MENTALSPACE_CONFIG")]
    config: Option<PathBuf>,
    /// A file that holds the instant to take as now, for walk-throughs and training
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    clock_file: Option<PathBuf>,
}

#[derive(Args)]
struct Listen {
    /// Address and port; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum What {
    /// Serve; prints "ready http://HOST:PORT" on standard output once it answers
    Serve(Listen),
    /// Serve, with a synthetic demonstration practice and one sign-in per role
    Demo(Listen),
    /// Bring the database's schema up to date
    Migrate(Place),
    /// Say what is wrong with this installation and how to mend it
    Doctor(Place),
    /// Print the description of the REST API (OpenAPI 3.1)
    Openapi,
    /// Open a superuser shell on the embedded database
    Psql(upkeep::Psql),
    /// Open practices
    #[command(subcommand)]
    Practice(practice::Practice),
    /// Make and mend accounts
    #[command(subcommand)]
    User(user::User),
    /// Make keys for programs
    #[command(name = "api-key", subcommand)]
    ApiKey(keys::ApiKey),
    /// Bring records in from other systems
    #[command(subcommand)]
    Import(records::Import),
    /// Look after the audit log
    #[command(subcommand)]
    Audit(records::Audit),
}

/// Why a command failed: one clear line, and what a script can tell by.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The house.
    #[error("{0}")]
    House(#[from] HouseError),
    /// Serving.
    #[error("{0}")]
    Serve(#[from] ServeError),
    /// The configuration.
    #[error("{0}")]
    Config(#[from] platform::config::ConfigError),
    /// A rule of the operation.
    #[error("{0}")]
    Rule(String),
    /// Some of the work was done, some was refused; the report says which.
    #[error("{0}")]
    Partly(String),
    /// The check found something broken.
    #[error("{0}")]
    Broken(String),
    /// Reading or writing.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Refused {
    /// The exit code: 1 in general, 6 when some of the work was done.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Partly(_) => 6,
            Self::House(_) | Self::Serve(_) | Self::Config(_) | Self::Rule(_) | Self::Broken(_) | Self::Io(_) => 1,
        }
    }
}

impl From<platform::StoreError> for Refused {
    fn from(error: platform::StoreError) -> Self {
        Self::House(error.into())
    }
}

impl From<kernel::Refusal> for Refused {
    fn from(refusal: kernel::Refusal) -> Self {
        let (title, sentence) = refusal.words();
        Self::Rule(match refusal {
            kernel::Refusal::Invalid(problems) => {
                let lines: Vec<String> = problems
                    .0
                    .iter()
                    .map(|problem| format!("{}: {}", problem.field, problem.message))
                    .collect();
                lines.join(" ")
            }
            _ => format!("{title}. {sentence}"),
        })
    }
}

impl Place {
    fn config(&self, listen: Option<SocketAddr>) -> Result<Config, Refused> {
        let mut config = Config::load(self.config.as_deref(), std::env::vars())?;
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        if let Some(listen) = listen {
            config.listen = listen;
        }
        if self.clock_file.is_some() {
            config.clock_file.clone_from(&self.clock_file);
        }
        // The database refuses relative socket folders.
        config.data = std::path::absolute(&config.data)?;
        Ok(config)
    }

    /// Opens the house for one command, does its work, and lets go again.
    async fn with<T>(&self, work: impl AsyncFnOnce(&House) -> Result<T, Refused>) -> Result<T, Refused> {
        let mut config = self.config(None)?;
        crate::observe::start_log(config.log);
        // A command beside a running server needs few connections.
        config.database_connections = 4;
        let house = House::open(config).await?;
        let result = work(&house).await;
        house.close().await?;
        result
    }
}

impl Command {
    /// Does what was asked.
    ///
    /// # Errors
    /// One clear line; see [`Refused`].
    pub fn run(self) -> Result<(), Refused> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let result = runtime.block_on(self.what.run());
        // Blocking work left over (a password being hashed for a connection that went away) need not be waited for.
        runtime.shutdown_background();
        result
    }
}

impl What {
    async fn run(self) -> Result<(), Refused> {
        match self {
            Self::Serve(listen) => {
                let config = listen.place.config(listen.listen)?;
                Ok(serve(config, async |_: &House| Ok(Vec::new())).await?)
            }
            Self::Demo(listen) => {
                let config = listen.place.config(listen.listen)?;
                Ok(serve(config, crate::demo::prepare).await?)
            }
            Self::Migrate(place) => upkeep::migrate(&place).await,
            Self::Doctor(place) => upkeep::doctor(&place).await,
            Self::Openapi => {
                let text = crate::router::description()
                    .to_pretty_json()
                    .map_err(std::io::Error::other)?;
                // A reader that has seen enough (`| head`) is no failure.
                match std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes()) {
                    Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
                    _ => Ok(()),
                }
            }
            Self::Psql(psql) => psql.run().await,
            Self::Practice(practice) => practice.run().await,
            Self::User(user) => user.run().await,
            Self::ApiKey(key) => key.run().await,
            Self::Import(import) => import.run().await,
            Self::Audit(audit) => audit.run().await,
        }
    }
}

/// Reads a secret from standard input: everything up to the first line end.
fn secret_from_stdin() -> Result<String, Refused> {
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The practice of a slug.
async fn find_practice(house: &House, slug: &str) -> Result<kernel::PracticeId, Refused> {
    let tx = house.app.db.begin_outside().await?;
    let found = identity::practice_by_slug(&tx, slug).await?;
    found.ok_or_else(|| {
        Refused::Rule(format!(
            "there is no practice {slug}; open it with: mentalspace practice create"
        ))
    })
}

/// The house itself as an actor: what the command line does is recorded under this name.
async fn house_actor(house: &House, practice: kernel::PracticeId) -> Result<identity::Actor, Refused> {
    let tx = house.app.db.begin(practice).await?;
    let actor = identity::house_actor(&tx, "command line").await?;
    tx.commit().await?;
    Ok(actor)
}
