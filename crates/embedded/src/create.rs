//! Making a new cluster: `initdb`, settings, the password, the first database.
//!
//! Invariant: the cluster appears under its final name only when all of that is done, so a start that was cut off
//! leaves nothing half-made behind.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::ClusterError;
use crate::folder::{Folder, Passage};

/// The superuser's name, whatever account the processes run under.
pub(crate) const SUPERUSER: &str = "postgres";

/// The database that the program works in.
pub(crate) const DATABASE: &str = "mentalspace";

/// Appended to the generated `postgresql.conf`, where an administrator may change it.
const SETTINGS: &str = "
# --- MentalSpace: a private database on a Unix socket ---
max_connections = 100
shared_buffers = 128MB
wal_level = replica
fsync = on
# Compiling a query costs more than the short queries of a page take.
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# One file per weekday, begun anew each week. Neither statements nor details: they would carry what people typed.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_error_verbosity = terse
log_min_error_statement = panic
";

/// Makes the cluster and its password file. The caller holds the folder's lock.
pub(crate) fn create(folder: &Folder, binaries: &Binaries, account: Account) -> Result<(), ClusterError> {
    let making = folder.making();
    if making.exists() {
        fs::remove_dir_all(&making).map_err(ClusterError::file("remove", &making))?;
    }
    let password = random_password()?;
    let mut said = String::new();
    let mut made = false;
    for locale in locales(binaries.major) {
        DirBuilder::new()
            .mode(0o700)
            .create(&making)
            .map_err(ClusterError::file("create", &making))?;
        account.own(&making)?;
        match init(&making, binaries, account, &password, locale)? {
            Ok(()) => {
                made = true;
                break;
            }
            Err(refusal) => said = refusal,
        }
        fs::remove_dir_all(&making).map_err(ClusterError::file("remove", &making))?;
    }
    if !made {
        return Err(ClusterError::Create {
            folder: folder.cluster(),
            said,
        });
    }
    configure(&making.join("cluster"))?;
    first_database(folder, binaries, account)?;
    write_password(folder, &password)?;
    let cluster = folder.cluster();
    fs::rename(making.join("cluster"), &cluster).map_err(ClusterError::file("create", &cluster))?;
    sync(&folder.data)?;
    fs::remove_dir_all(&making).map_err(ClusterError::file("remove", &making))
}

/// Which locale to ask for, best first: the built-in one does not change when the operating system is upgraded and so
/// cannot corrupt an index; the classification of letters still comes from the system, for trigram search.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    if major >= 17 {
        &[
            &[
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C.UTF-8",
            ],
            &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
        ]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    }
}

/// Runs `initdb`; the inner error is what it said when it refused.
fn init(
    making: &Path,
    binaries: &Binaries,
    account: Account,
    password: &str,
    locale: &[&str],
) -> Result<Result<(), String>, ClusterError> {
    let password_file = making.join("password");
    write_private(&password_file, password)?;
    account.own(&password_file)?;
    let passage = Passage::to(making, account)?;
    let mut command = tool(binaries, "initdb", account);
    command
        .arg("--pgdata")
        .arg(passage.name().join("cluster"))
        .arg(format!("--username={SUPERUSER}"))
        .arg("--pwfile")
        .arg(passage.name().join("password"))
        .args(["--encoding=UTF8", "--data-checksums", "--no-instructions"])
        .args(["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"])
        .args(locale)
        .stdin(Stdio::null());
    let answer = command
        .output()
        .map_err(ClusterError::file("run", binaries.program("initdb")))?;
    fs::remove_file(&password_file).map_err(ClusterError::file("remove", &password_file))?;
    if answer.status.success() {
        return Ok(Ok(()));
    }
    Ok(Err(last_lines(&String::from_utf8_lossy(&answer.stderr))))
}

fn configure(cluster: &Path) -> Result<(), ClusterError> {
    let file = cluster.join("postgresql.conf");
    let mut settings = OpenOptions::new()
        .append(true)
        .open(&file)
        .map_err(ClusterError::file("open", &file))?;
    settings
        .write_all(SETTINGS.as_bytes())
        .map_err(ClusterError::file("write", &file))?;
    settings.sync_all().map_err(ClusterError::file("write", &file))
}

/// Single-user mode needs no client program, which not every package brings.
fn first_database(folder: &Folder, binaries: &Binaries, account: Account) -> Result<(), ClusterError> {
    let program = binaries.program("postgres");
    let passage = Passage::to(&folder.making(), account)?;
    let mut command = tool(binaries, "postgres", account);
    command
        .args([
            "--single",
            "-j",
            "-c",
            "exit_on_error=on",
            "-c",
            "logging_collector=off",
            "-D",
        ])
        .arg(passage.name().join("cluster"))
        .arg("template1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(ClusterError::file("run", &program))?;
    if let Some(mut input) = child.stdin.take() {
        input
            .write_all(format!("create database {DATABASE};\n").as_bytes())
            .map_err(ClusterError::file("run", &program))?;
    }
    let answer = child.wait_with_output().map_err(ClusterError::file("run", &program))?;
    if answer.status.success() {
        return Ok(());
    }
    let said = last_lines(&String::from_utf8_lossy(&answer.stderr));
    Err(ClusterError::Create {
        folder: folder.cluster(),
        said,
    })
}

/// A program of the binaries as the account, with a clean environment: `PGDATA`, `PGPORT` and the like must not reach it.
pub(crate) fn tool(binaries: &Binaries, name: &str, account: Account) -> Command {
    let mut command = Command::new(binaries.program(name));
    command.env_clear().current_dir("/");
    for kept in ["PATH", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.env("LC_MESSAGES", "C");
    account.apply(&mut command);
    command
}

fn write_password(folder: &Folder, password: &str) -> Result<(), ClusterError> {
    let path = folder.password();
    let new = folder.data.join("postgresql.password.new");
    if new.exists() {
        fs::remove_file(&new).map_err(ClusterError::file("remove", &new))?;
    }
    write_private(&new, password)?;
    folder.give_to_owner(&new)?;
    fs::rename(&new, &path).map_err(ClusterError::file("write", path))?;
    sync(&folder.data)
}

fn write_private(path: &Path, text: &str) -> Result<(), ClusterError> {
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(ClusterError::file("create", path))?;
    file.write_all(text.as_bytes())
        .map_err(ClusterError::file("write", path))?;
    file.sync_all().map_err(ClusterError::file("write", path))
}

fn sync(folder: &Path) -> Result<(), ClusterError> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(ClusterError::file("write", folder))
}

/// 256 bits from the system's generator, as hexadecimal digits.
fn random_password() -> Result<String, ClusterError> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(ClusterError::file("read", "/dev/urandom"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The end of a tool's output, on one line, since an error is one line.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.len().saturating_sub(6);
    if lines.is_empty() {
        "it said nothing".to_owned()
    } else {
        lines[first..].join(" | ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_long_output_is_told() {
        assert_eq!(last_lines(" one \n\n two\n"), "one | two");
        assert_eq!(last_lines(""), "it said nothing");
        assert!(!last_lines("a\nb\nc\nd\ne\nf\ng\n").contains('a'));
    }
}
