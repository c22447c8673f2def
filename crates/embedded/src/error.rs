//! What can go wrong between a data folder and a database that answers.
//!
//! Every message is written for the person at the terminal: what is wrong, and the one thing to do about it.

use std::path::PathBuf;

/// Why the private PostgreSQL is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No usable binaries anywhere that was looked.
    #[error("PostgreSQL {minimum} or newer was not found on this machine; install it with: {install}")]
    NotInstalled {
        /// The oldest major version that the program works with.
        minimum: u32,
        /// The one command that installs it here.
        install: &'static str,
    },

    /// A folder named by a setting does not hold usable binaries.
    #[error("the PostgreSQL folder {} cannot be used: {reason}", folder.display())]
    UnusableBinaries {
        /// The folder as it was given.
        folder: PathBuf,
        /// What is missing there.
        reason: String,
    },

    /// The data were written by another major version than any that is installed.
    #[error(
        "the data in {} were made by PostgreSQL {made_by}, and this machine offers only {}; install PostgreSQL {made_by} and start again",
        cluster.display(),
        majors(offered)
    )]
    OtherVersion {
        /// The cluster's folder.
        cluster: PathBuf,
        /// Major version that made it.
        made_by: u32,
        /// Major versions that were found.
        offered: Vec<u32>,
    },

    /// PostgreSQL refuses to run as root, and no other account is to be had.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor 'nobody'; make one with: useradd --system postgres"
    )]
    NoAccount,

    /// The folder belongs to somebody else.
    #[error("the data folder {} belongs to another user; start as that user or as root", folder.display())]
    OtherOwner {
        /// The folder that cannot be entered.
        folder: PathBuf,
    },

    /// Cluster without its password file.
    #[error("the database password {} is missing; put it back from a backup of the data folder", file.display())]
    PasswordMissing {
        /// Where the password is expected.
        file: PathBuf,
    },

    /// Another PostgreSQL answers on our socket, yet is no process of this machine or container.
    #[error("the data folder {} is in use by a PostgreSQL in another container; stop it first", data.display())]
    RunsElsewhere {
        /// The data folder.
        data: PathBuf,
    },

    /// `initdb` or the first statements failed.
    #[error("a new database could not be made in {}: {said}", folder.display())]
    Create {
        /// Where it was to stand.
        folder: PathBuf,
        /// The last lines of what the tool said.
        said: String,
    },

    /// PostgreSQL ended before it accepted connections.
    #[error("PostgreSQL did not start: {said}")]
    Start {
        /// The last lines of its log.
        said: String,
    },

    /// It neither became ready nor stopped in time.
    #[error("PostgreSQL (process {pid}) did not {what} within {seconds} seconds; its log is in {}", log.display())]
    Slow {
        /// Its process.
        pid: u32,
        /// "start" or "stop".
        what: &'static str,
        /// How long was waited.
        seconds: u64,
        /// Folder of its log.
        log: PathBuf,
    },

    /// The operating system refused.
    #[error("could not {what} {}", path.display())]
    File {
        /// What was tried: "create", "read", …
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl ClusterError {
    /// For `map_err`: keeps what was tried and with which file beside the system's answer.
    pub(crate) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}

fn majors(offered: &[u32]) -> String {
    if offered.is_empty() {
        return "none".to_owned();
    }
    offered.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
