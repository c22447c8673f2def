//! As whom PostgreSQL runs: as ourselves, or, since it refuses root, as an account without rights.
//!
//! Knows `/etc/passwd` and process credentials, nothing of databases.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::error::ClusterError;

/// The account of the database processes and owner of their files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// We are an ordinary user: everything is ours.
    Ourselves,
    /// We are root and step down to this one.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// Chooses the account: for an existing cluster its owner, so that a folder made by an ordinary user stays theirs
    /// when root opens it; for a new one the first of `postgres` and `nobody`.
    pub(crate) fn choose(cluster: &Path) -> Result<Self, ClusterError> {
        let we_are = rustix::process::geteuid().as_raw();
        let owner = fs::metadata(cluster).ok().map(|found| (found.uid(), found.gid()));
        if we_are != 0 {
            return match owner {
                Some((uid, _)) if uid != we_are => Err(ClusterError::OtherOwner {
                    folder: cluster.to_owned(),
                }),
                _ => Ok(Self::Ourselves),
            };
        }
        if let Some((uid, gid)) = owner
            && uid != 0
        {
            return Ok(Self::Other { uid, gid });
        }
        let accounts = fs::read_to_string("/etc/passwd").map_err(ClusterError::file("read", "/etc/passwd"))?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| account_named(&accounts, name))
            .ok_or(ClusterError::NoAccount)
    }

    /// Makes the command run as this account.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            // The standard library also drops the supplementary groups when root sets another user.
            command.uid(uid).gid(gid);
        }
    }

    /// Hands one file or folder to this account.
    pub(crate) fn own(self, path: &Path) -> Result<(), ClusterError> {
        if let Self::Other { uid, gid } = self {
            std::os::unix::fs::lchown(path, Some(uid), Some(gid)).map_err(ClusterError::file("hand over", path))?;
        }
        Ok(())
    }

    /// Hands over a whole tree: a cluster that was copied by root belongs to root, and PostgreSQL would refuse it.
    pub(crate) fn own_tree(self, folder: &Path) -> Result<(), ClusterError> {
        self.own(folder)?;
        for entry in fs::read_dir(folder).map_err(ClusterError::file("read", folder))? {
            let entry = entry.map_err(ClusterError::file("read", folder))?;
            let kind = entry.file_type().map_err(ClusterError::file("read", entry.path()))?;
            if kind.is_dir() {
                self.own_tree(&entry.path())?;
            } else {
                self.own(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether this account can walk down to the folder by its path.
    ///
    /// Root's home is closed to others, and that is where many a first try happens.
    pub(crate) fn reaches(self, folder: &Path) -> bool {
        let Self::Other { uid, gid } = self else {
            return true;
        };
        folder.ancestors().skip(1).all(|above| {
            fs::metadata(above).is_ok_and(|found| {
                let mode = found.mode();
                let enter = if found.uid() == uid {
                    0o100
                } else if found.gid() == gid {
                    0o010
                } else {
                    0o001
                };
                mode & enter != 0
            })
        })
    }
}

fn account_named(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (uid != 0).then_some(Account::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_its_line_only() {
        let accounts = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(
            account_named(accounts, "nobody"),
            Some(Account::Other { uid: 65534, gid: 65533 })
        );
        assert_eq!(account_named(accounts, "postgres"), None);
        assert_eq!(account_named(accounts, "root"), None);
    }
}
