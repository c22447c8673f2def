//! The database's processes: telling whether they run, starting, waiting, stopping.
//!
//! The caller holds the folder's lock throughout. A process is taken for ours by the tag in its command line, never by
//! its number alone: after a reboot the number in `postmaster.pid` may belong to anybody.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::account::Account;
use crate::binaries::{self, Binaries};
use crate::create::{last_lines, tool};
use crate::error::ClusterError;
use crate::folder::{Folder, PORT, Passage};

/// Replaying the log after a crash can take minutes on a large database.
const START_SECONDS_MAX: u64 = 600;
const STOP_SECONDS_MAX: u64 = 60;
/// How long PostgreSQL's processes get to obey `SIGQUIT` before they are ended by force.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// One cluster's processes as seen from this process.
#[derive(Debug)]
pub(crate) struct Processes {
    folder: Folder,
    setting: Option<PathBuf>,
    extra: Vec<(String, String)>,
    /// The postmaster, when this process started it; kept so that it does not linger as a zombie.
    child: Option<Child>,
}

/// What `postmaster.pid` says.
struct PidFile {
    pid: u32,
    status: String,
}

impl Processes {
    pub(crate) fn new(folder: Folder, setting: Option<PathBuf>, extra: Vec<(String, String)>) -> Self {
        Self {
            folder,
            setting,
            extra,
            child: None,
        }
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Makes sure that the cluster exists and accepts connections; joins a running one. Answers its process.
    pub(crate) fn ensure(&mut self) -> Result<u32, ClusterError> {
        let account = Account::choose(&self.folder.cluster())?;
        if let Some(pid) = self.join_running()? {
            return Ok(pid);
        }
        let made_by = self.folder.made_by()?;
        let binaries = binaries::find(self.setting.as_deref(), &self.folder.cluster(), made_by, account)?;
        if made_by.is_none() {
            crate::create::create(&self.folder, &binaries, account)?;
        }
        self.clear_remains()?;
        self.start(&binaries, account)
    }

    /// The postmaster that runs now, whoever started it.
    pub(crate) fn running(&mut self) -> Option<u32> {
        let pid = self.read_pid_file()?.pid;
        self.is_ours(pid).then_some(pid)
    }

    /// Waits for a postmaster that starts or stops; `None` when there is none.
    fn join_running(&mut self) -> Result<Option<u32>, ClusterError> {
        let Some(pid) = self.running() else {
            return Ok(None);
        };
        let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while Instant::now() < until {
            if !self.is_ours(pid) {
                return Ok(None);
            }
            if self.is_ready(pid) {
                return Ok(Some(pid));
            }
            pause(LOOK_AGAIN);
        }
        Err(self.slow(pid, "start", START_SECONDS_MAX))
    }

    /// After a crash or a reboot: the pid file of a number that is somebody else's now, and backends without postmaster.
    fn clear_remains(&mut self) -> Result<(), ClusterError> {
        let patience = Instant::now() + ORPHAN_PATIENCE;
        let until = patience + ORPHAN_PATIENCE;
        let mut orphans = self.orphans();
        while !orphans.is_empty() && Instant::now() < until {
            let late = Instant::now() >= patience;
            for pid in &orphans {
                // SIGQUIT is PostgreSQL's own word for "leave at once"; the log is replayed afterwards.
                send(*pid, if late { Signal::KILL } else { Signal::QUIT });
            }
            pause(LOOK_AGAIN);
            orphans = self.orphans();
        }
        if UnixStream::connect(self.folder.socket().join(format!(".s.PGSQL.{PORT}"))).is_ok() {
            return Err(ClusterError::RunsElsewhere {
                data: self.folder.data.clone(),
            });
        }
        if let Some(file) = self.read_pid_file()
            && is_alive(file.pid)
        {
            // PostgreSQL itself clears a file whose process is gone, with a check of the shared memory; it only
            // stumbles over a number that another process has been given since.
            let path = self.folder.cluster().join("postmaster.pid");
            fs::remove_file(&path).map_err(ClusterError::file("remove", path))?;
        }
        Ok(())
    }

    fn start(&mut self, binaries: &Binaries, account: Account) -> Result<u32, ClusterError> {
        let cluster = self.folder.cluster();
        if let Account::Other { uid, .. } = account
            && std::os::unix::fs::MetadataExt::uid(
                &fs::metadata(&cluster).map_err(ClusterError::file("read", &cluster))?,
            ) != uid
        {
            account.own_tree(&cluster)?;
        }
        let socket = self.folder.make_socket_folder(account)?;
        let cluster_passage = Passage::to(&cluster, account)?;
        let socket_passage = Passage::to(&socket, account)?;
        let log = self.folder.data.join("postgresql.start.log");
        let words = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&log)
            .map_err(ClusterError::file("create", &log))?;
        self.folder.give_to_owner(&log)?;
        let mut socket_setting = std::ffi::OsString::from("unix_socket_directories=");
        socket_setting.push(socket_passage.name());
        let mut command = tool(binaries, "postgres", account);
        command.arg("-D").arg(cluster_passage.name());
        for setting in [
            "listen_addresses=".to_owned(),
            "unix_socket_permissions=0700".to_owned(),
            format!("port={PORT}"),
            format!("cluster_name={}", self.folder.tag()),
        ] {
            command.arg("-c").arg(setting);
        }
        command.arg("-c").arg(socket_setting);
        for (name, value) in &self.extra {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // Its own process group, or Ctrl-C at the terminal would end it before the server has let go of it.
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words);
        let child = command
            .spawn()
            .map_err(ClusterError::file("run", binaries.program("postgres")))?;
        let pid = child.id();
        self.child = Some(child);
        self.wait_ready(pid)
    }

    fn wait_ready(&mut self, pid: u32) -> Result<u32, ClusterError> {
        let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while Instant::now() < until {
            if self.is_ready(pid) {
                return Ok(pid);
            }
            if self.child_has_ended(pid) {
                return Err(ClusterError::Start {
                    said: self.last_words(),
                });
            }
            pause(LOOK_AGAIN);
        }
        Err(self.slow(pid, "start", START_SECONDS_MAX))
    }

    /// Ends open transactions, writes everything out, and waits for the end. Nothing happens when nothing runs.
    pub(crate) fn stop(&mut self) -> Result<(), ClusterError> {
        let Some(pid) = self.running() else {
            return Ok(());
        };
        send(pid, Signal::INT);
        let started = Instant::now();
        let patience = Duration::from_secs(STOP_SECONDS_MAX);
        let mut pressed = false;
        while started.elapsed() < patience + ORPHAN_PATIENCE {
            if !self.is_ours(pid) {
                return Ok(());
            }
            if !pressed && started.elapsed() > patience {
                send(pid, Signal::QUIT);
                pressed = true;
            }
            pause(LOOK_AGAIN);
        }
        Err(self.slow(pid, "stop", STOP_SECONDS_MAX))
    }

    /// Ends the postmaster as a crash would.
    pub(crate) fn kill_hard(&mut self) {
        if let Some(pid) = self.running() {
            send(pid, Signal::KILL);
        }
    }

    fn read_pid_file(&self) -> Option<PidFile> {
        let text = fs::read_to_string(self.folder.cluster().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        // Line 8 of the file is the postmaster's own word on how far it is.
        let status = lines.nth(6).unwrap_or_default().trim().to_owned();
        Some(PidFile { pid, status })
    }

    fn is_ready(&self, pid: u32) -> bool {
        self.read_pid_file()
            .is_some_and(|file| file.pid == pid && file.status == "ready")
    }

    fn is_ours(&mut self, pid: u32) -> bool {
        if self.child.as_ref().is_some_and(|child| child.id() == pid) {
            return !self.child_has_ended(pid);
        }
        is_alive(pid) && bears(pid, &self.folder.tag()).unwrap_or(true)
    }

    fn child_has_ended(&mut self, pid: u32) -> bool {
        let Some(child) = &mut self.child else {
            return false;
        };
        if child.id() != pid {
            return false;
        }
        let ended = matches!(child.try_wait(), Ok(Some(_)));
        if ended {
            self.child = None;
        }
        ended
    }

    /// Processes of this cluster while no postmaster is known to run.
    fn orphans(&mut self) -> Vec<u32> {
        let tag = self.folder.tag();
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| bears(*pid, &tag) == Some(true) && is_alive(*pid))
            .collect()
    }

    /// The end of what it said: on its error channel, or in the log file that it had opened by then.
    fn last_words(&self) -> String {
        let start = fs::read_to_string(self.folder.data.join("postgresql.start.log")).unwrap_or_default();
        let newest = fs::read_dir(self.folder.cluster().join("log"))
            .ok()
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .max()
            .and_then(|(_, path)| fs::read(path).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        match newest {
            Some(log) if start.contains("logging collector") => last_lines(&log),
            _ => last_lines(&start),
        }
    }

    fn slow(&self, pid: u32, what: &'static str, seconds: u64) -> ClusterError {
        ClusterError::Slow {
            pid,
            what,
            seconds,
            log: self.folder.cluster().join("log"),
        }
    }
}

/// Whether a process of that number lives; a zombie does not.
fn is_alive(pid: u32) -> bool {
    let Some(number) = number(pid) else {
        return false;
    };
    let exists = match test_kill_process(number) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    };
    exists && !is_zombie(pid)
}

fn is_zombie(pid: u32) -> bool {
    // "123 (name) Z …"; the name may hold anything, so the state is looked for behind its last bracket.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| stat.rsplit_once(") ").map(|(_, rest)| rest.starts_with('Z')))
        .unwrap_or(false)
}

/// Whether the process is a PostgreSQL with the tag in its command line or title; `None` where that cannot be seen.
fn bears(pid: u32, tag: &str) -> Option<bool> {
    match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if name.trim() != "postgres" {
                return Some(false);
            }
            // Empty while the process is on its way out: gone in a moment, but not yet.
            (!line.is_empty()).then(|| String::from_utf8_lossy(&line).contains(tag))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Either it is gone, or this system (or this chroot) has no /proc.
            fs::exists("/proc/self/cmdline")
                .ok()
                .filter(|seen| *seen)
                .map(|_| false)
        }
        Err(_) => None,
    }
}

fn number(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

fn send(pid: u32, signal: Signal) {
    if let Some(number) = number(pid) {
        // It may have ended by itself in this very moment, which is what the callers wait for anyway.
        let _gone = kill_process(number, signal);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "PostgreSQL tells its state in a file only, and this crate has no async runtime"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
