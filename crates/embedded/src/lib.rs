//! A private PostgreSQL in a data folder: found, created, started, watched and stopped.
//!
//! [`Cluster::open`] is all that most callers need. Several processes may open the same folder: the first starts the
//! database, the others join it, and the last to leave stops it. Whoever has it open also watches it and starts it
//! again should it die. Knows nothing of schemas, roles or queries, and needs no async runtime.
//!
//! Invariants (each shown in `tests/it`):
//! - no TCP port is opened, and the socket's folder and the password belong to the owner alone;
//! - a start that was cut off leaves no half-made cluster;
//! - a stale `postmaster.pid`, whoever has its number now, does not keep the database from starting;
//! - the database survives the death of the server and is joined by the next one.

mod account;
mod binaries;
mod create;
mod error;
mod folder;
mod process;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use crate::binaries::OLDEST_MAJOR;
pub use crate::error::ClusterError;
use crate::folder::Folder;
use crate::process::Processes;

/// How soon a dead database is noticed.
const WATCH_EVERY: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Having run for so long, the next death counts as the first again.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// How a client reaches the database as its superuser.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// Folder of the Unix socket: the "host" of a client library.
    pub socket_dir: PathBuf,
    /// Makes up the socket's name; no TCP port.
    pub port: u16,
    /// Name of the superuser.
    pub superuser: String,
    /// The superuser's password (SCRAM). Not shown by `Debug`.
    pub password: String,
    /// The database to work in; exists.
    pub database: String,
}

impl fmt::Debug for Connection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connection")
            .field("socket_dir", &self.socket_dir)
            .field("port", &self.port)
            .field("superuser", &self.superuser)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// What may differ from the usual; `Options::default()` is the usual.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Folder of `postgres` and `initdb`; searched for when absent.
    pub binaries: Option<PathBuf>,
    /// Server settings for this start, such as `("fsync", "off")` for tests.
    pub settings: Vec<(String, String)>,
}

/// A running private PostgreSQL. Dropping it lets go of it like [`Cluster::close`], without telling of failures.
#[derive(Debug)]
pub struct Cluster {
    connection: Connection,
    shared: Arc<Shared>,
    watcher: Option<JoinHandle<()>>,
    share: Option<File>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    processes: Processes,
    closing: bool,
    /// Why the last attempt to start it again failed.
    trouble: Option<String>,
}

impl Shared {
    /// A panic of another thread leaves nothing in the state that the next look would not mend.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cluster {
    /// Opens the database of a data folder, making and starting it if need be. `binaries` overrides the search.
    ///
    /// # Errors
    /// Each variant of [`ClusterError`] says in its text what to do.
    pub fn open(data: &Path, binaries: Option<&Path>) -> Result<Self, ClusterError> {
        let options = Options {
            binaries: binaries.map(Path::to_owned),
            settings: Vec::new(),
        };
        Self::open_with(data, &options)
    }

    /// As [`Cluster::open`], with further settings; a database that already runs keeps those it was started with.
    ///
    /// # Errors
    /// As [`Cluster::open`].
    pub fn open_with(data: &Path, options: &Options) -> Result<Self, ClusterError> {
        let folder = Folder::open(data)?;
        let lock = folder.lock()?;
        let mut processes = Processes::new(folder.clone(), options.binaries.clone(), options.settings.clone());
        processes.ensure()?;
        let share = folder.use_shared()?;
        drop(lock);
        let connection = Connection {
            socket_dir: folder.socket(),
            port: folder::PORT,
            superuser: create::SUPERUSER.to_owned(),
            password: read_password(&folder)?,
            database: create::DATABASE.to_owned(),
        };
        let state = State {
            processes,
            closing: false,
            trouble: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            wake: Condvar::new(),
        });
        let watched = Arc::clone(&shared);
        let watcher = std::thread::Builder::new()
            .name("postgresql-watch".to_owned())
            .spawn(move || watch(&watched))
            .map_err(ClusterError::file("watch", folder.cluster()))?;
        Ok(Self {
            connection,
            shared,
            watcher: Some(watcher),
            share: Some(share),
        })
    }

    /// How to connect; the same after a restart.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The postmaster's process, if it runs at this moment.
    pub fn pid(&self) -> Option<u32> {
        self.shared.state().processes.running()
    }

    /// Why the database could not be started again after it died, in words for the log and for `doctor`.
    pub fn trouble(&self) -> Option<String> {
        self.shared.state().trouble.clone()
    }

    /// Stops the database, whoever else uses it, and starts it again. For tests and for settings that need it.
    ///
    /// # Errors
    /// As [`Cluster::open`].
    pub fn restart(&self) -> Result<(), ClusterError> {
        let mut state = self.shared.state();
        let _lock = state.processes.folder().lock()?;
        state.processes.stop()?;
        state.processes.ensure()?;
        Ok(())
    }

    /// Ends the database with `SIGKILL`, as a crash would; it comes back by itself. For tests.
    pub fn kill_hard(&self) {
        self.shared.state().processes.kill_hard();
    }

    /// Lets go of the database, and stops it cleanly unless another process uses it.
    ///
    /// # Errors
    /// [`ClusterError::Slow`] when it does not end; the data are safe all the same.
    pub fn close(mut self) -> Result<(), ClusterError> {
        self.let_go()
    }

    fn let_go(&mut self) -> Result<(), ClusterError> {
        let Some(watcher) = self.watcher.take() else {
            return Ok(());
        };
        self.shared.state().closing = true;
        self.shared.wake.notify_all();
        // A watcher that panicked has nothing left to end.
        let _ended = watcher.join();
        let mut state = self.shared.state();
        let folder = state.processes.folder().clone();
        let _lock = folder.lock()?;
        self.share = None;
        if folder.is_used()? {
            Ok(())
        } else {
            state.processes.stop()
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nobody is left to tell; `close` is there for those who want to know.
        let _told_by_close = self.let_go();
    }
}

fn read_password(folder: &Folder) -> Result<String, ClusterError> {
    let file = folder.password();
    match fs::read_to_string(&file) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ClusterError::PasswordMissing { file }),
        Err(error) => Err(ClusterError::file("read", file)(error)),
    }
}

/// Starts the database again when it is found dead: at once the first time, then ever later while it keeps dying.
fn watch(shared: &Shared) {
    let mut backoff = Duration::ZERO;
    let mut next_try = Instant::now();
    let mut last_start = Instant::now();
    let mut state = shared.state();
    while !state.closing {
        if Instant::now() >= next_try && state.processes.running().is_none() {
            if last_start.elapsed() > HEALTHY_AFTER {
                backoff = Duration::ZERO;
            }
            let outcome = revive(&mut state);
            state.trouble = outcome.err().map(|error| error.to_string());
            last_start = Instant::now();
            next_try = last_start + backoff;
            backoff = (backoff * 2).clamp(WATCH_EVERY, BACKOFF_MAX);
        }
        state = shared
            .wake
            .wait_timeout(state, WATCH_EVERY)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

fn revive(state: &mut State) -> Result<(), ClusterError> {
    let _lock = state.processes.folder().lock()?;
    // Another process may have been faster; then this joins what it started.
    state.processes.ensure()?;
    Ok(())
}
