//! Finding PostgreSQL's programs.
//!
//! Order: what a setting names (then nothing else is tried), `MENTALSPACE_PG_HOME`, `PATH`, the distributions' folders
//! newest first, the caches that `./run` fills. An existing cluster takes only its own major version.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use crate::error::ClusterError;

/// The oldest major version that the program's SQL is written for.
pub const OLDEST_MAJOR: u32 = 15;

/// A folder with `postgres` and `initdb`, and what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) folder: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Finds the binaries for a new cluster, or for one that `made_by` tells the version of.
pub(crate) fn find(
    setting: Option<&Path>,
    cluster: &Path,
    made_by: Option<u32>,
    account: Account,
) -> Result<Binaries, ClusterError> {
    let named = setting.map(Path::to_owned).or_else(|| {
        env::var_os("MENTALSPACE_PG_BIN")
            .filter(|set| !set.is_empty())
            .map(PathBuf::from)
    });
    if let Some(folder) = named {
        let found = examine(&folder, account).map_err(|reason| ClusterError::UnusableBinaries {
            folder: folder.clone(),
            reason,
        })?;
        if made_by.is_some_and(|major| major != found.major) {
            return Err(other_version(cluster, made_by, vec![found.major]));
        }
        if found.major < OLDEST_MAJOR {
            let reason = format!(
                "it holds PostgreSQL {}, and {OLDEST_MAJOR} is the oldest that will do",
                found.major
            );
            return Err(ClusterError::UnusableBinaries { folder, reason });
        }
        return Ok(found);
    }
    let mut offered = Vec::new();
    for folder in places() {
        let Ok(found) = examine(&folder, account) else {
            continue;
        };
        if found.major >= OLDEST_MAJOR && made_by.is_none_or(|major| major == found.major) {
            return Ok(found);
        }
        if !offered.contains(&found.major) {
            offered.push(found.major);
        }
    }
    if made_by.is_some() {
        return Err(other_version(cluster, made_by, offered));
    }
    Err(ClusterError::NotInstalled {
        minimum: OLDEST_MAJOR,
        install: install_command(),
    })
}

fn other_version(cluster: &Path, made_by: Option<u32>, offered: Vec<u32>) -> ClusterError {
    ClusterError::OtherVersion {
        cluster: cluster.to_owned(),
        made_by: made_by.unwrap_or_default(),
        offered,
    }
}

fn places() -> Vec<PathBuf> {
    let mut places = Vec::new();
    places.extend(
        env::var_os("MENTALSPACE_PG_HOME")
            .filter(|set| !set.is_empty())
            .map(|home| Path::new(&home).join("bin")),
    );
    if let Some(path) = env::var_os("PATH") {
        places.extend(env::split_paths(&path).filter(|folder| folder.is_absolute()));
    }
    places.extend(versions_below(Path::new("/usr/lib/postgresql"), ""));
    places.extend(versions_below(Path::new("/usr"), "pgsql-"));
    let caches = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    if let Some(caches) = caches {
        places.extend(versions_below(&caches.join("mentalspace/postgresql"), ""));
    }
    places.extend(versions_below(Path::new("/var/cache/mentalspace/postgresql"), ""));
    places
}

/// `<folder>/<prefix><number>…/bin`, newest first.
fn versions_below(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = leading_number(name.to_str()?.strip_prefix(prefix)?)?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, path)| path).collect()
}

/// What is in the folder, or why it will not do. Asks as the account that shall run it, which may see less than root.
fn examine(folder: &Path, account: Account) -> Result<Binaries, String> {
    for name in ["postgres", "initdb"] {
        if !folder.join(name).is_file() {
            return Err(format!("there is no '{name}' in it"));
        }
    }
    let mut command = Command::new(folder.join("postgres"));
    command.arg("--version").current_dir("/");
    account.apply(&mut command);
    let answer = command
        .output()
        .map_err(|error| format!("'postgres' cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout);
    match major_of(&said) {
        Some(major) if answer.status.success() => Ok(Binaries {
            folder: folder.to_owned(),
            major,
        }),
        _ => Err(format!(
            "'postgres --version' said: {}",
            String::from_utf8_lossy(&answer.stderr).trim()
        )),
    }
}

/// The major version in "postgres (PostgreSQL) 15.18 (Debian …)".
fn major_of(said: &str) -> Option<u32> {
    leading_number(said.split_once("(PostgreSQL) ")?.1)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// The one command that installs PostgreSQL on this kind of machine.
fn install_command() -> &'static str {
    let path = env::var_os("PATH").unwrap_or_default();
    install_command_for(|program| env::split_paths(&path).any(|folder| folder.join(OsStr::new(program)).is_file()))
}

fn install_command_for(has: impl Fn(&str) -> bool) -> &'static str {
    if has("apt-get") {
        "sudo apt-get install --yes --no-install-recommends postgresql"
    } else if has("dnf") {
        "sudo dnf install --assumeyes postgresql-server postgresql-contrib"
    } else if has("pacman") {
        "sudo pacman --sync --noconfirm postgresql"
    } else if has("apk") {
        "sudo apk add postgresql postgresql-contrib"
    } else if has("brew") {
        "brew install postgresql@18"
    } else {
        "sudo apt-get install --yes --no-install-recommends postgresql"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_whatever_the_packager_adds() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18.4\n"), Some(18));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_of("mysqld 8\n"), None);
    }

    #[test]
    fn one_install_command_is_named_for_each_kind_of_machine() {
        assert!(install_command_for(|program| program == "dnf").contains("dnf install"));
        assert!(install_command_for(|_| false).contains("apt-get install"));
    }
}
