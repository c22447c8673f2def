//! Platform: the world that the rooms above live in.
//!
//! Database, jobs, events, live notices, files, mail, keys, clock and configuration, each behind a small
//! type of its own and all of them reached through [`App`]. It knows no person, no client and no rule of the
//! field; it knows only that every row belongs to a practice.

pub mod clock;
pub mod config;
pub mod db;
pub mod events;
pub mod files;
pub mod jobs;
pub mod keys;
pub mod live;
pub mod mail;
pub mod migrate;
pub mod statement;

use std::sync::Arc;

pub use clock::Clock;
pub use config::Config;
pub use db::{Db, StoreError, Tx};
pub use inventory;
pub use postgres_types;

/// An error with all its causes on one line, for the log.
#[must_use]
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Everything a handler or a job may reach. Cheap to clone; one per process.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The time, which tests can move.
    pub clock: Clock,
    /// The settings of this process.
    pub config: Arc<Config>,
    /// Keys and envelope encryption.
    pub keys: Arc<keys::Keys>,
    /// The file store.
    pub files: Arc<dyn files::FileStore>,
    /// Live notices to open pages.
    pub live: live::Live,
    /// What turns a record into a PDF.
    pub printer: Arc<dyn print::Printer>,
}
