//! The data folder's part that belongs to the database: names, locks, and how another account is let into it.
//!
//! ```text
//! <data>/postgresql/            the cluster (owned by the account that runs it, 0700)
//! <data>/postgresql.making/     a cluster that is not finished; thrown away at the next start
//! <data>/postgresql.password    the superuser's password (0600)
//! <data>/postgresql.lock        held by the one process that starts or stops
//! <data>/postgresql.users       held, shared, by every process that uses the database
//! <data>/socket/                the Unix socket, or /tmp/mentalspace-<hash> when the path were too long for one
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::ClusterError;

/// The socket's file name is made of the port; no TCP port is ever opened.
pub(crate) const PORT: u16 = 5432;

/// A socket's address holds 107 bytes; some clients count less.
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// The names inside one data folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) data: PathBuf,
}

impl Folder {
    /// Makes the folder (for us alone: keys and files stand beside the database) if need be, and resolves its name.
    pub(crate) fn open(data: &Path) -> Result<Self, ClusterError> {
        if !data.exists() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(data)
                .map_err(ClusterError::file("create", data))?;
        }
        let data = data.canonicalize().map_err(ClusterError::file("open", data))?;
        Ok(Self { data })
    }

    pub(crate) fn cluster(&self) -> PathBuf {
        self.data.join("postgresql")
    }

    pub(crate) fn making(&self) -> PathBuf {
        self.data.join("postgresql.making")
    }

    pub(crate) fn password(&self) -> PathBuf {
        self.data.join("postgresql.password")
    }

    /// Stands in the command line and the process title of each of the cluster's processes, which is how they are
    /// known: unlike their working folder it may be read by everybody.
    pub(crate) fn tag(&self) -> String {
        format!("mentalspace-{:016x}", fnv1a(self.data.as_os_str().as_encoded_bytes()))
    }

    /// The major version that made the cluster, if there is a cluster.
    pub(crate) fn made_by(&self) -> Result<Option<u32>, ClusterError> {
        let file = self.cluster().join("PG_VERSION");
        match fs::read_to_string(&file) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(ClusterError::OtherOwner { folder: self.cluster() })
            }
            Err(error) => Err(ClusterError::file("read", file)(error)),
        }
    }

    /// The folder of the socket: inside the data folder unless the path is too long or needs quoting.
    pub(crate) fn socket(&self) -> PathBuf {
        let inside = self.data.join("socket");
        let long = inside.as_os_str().len() + "/.s.PGSQL.".len() + 5 > SOCKET_PATH_BYTES_MAX;
        // PostgreSQL reads a list of folders there, with commas and double quotes as its own signs.
        let plain = inside.to_str().is_some_and(|path| !path.contains([',', '"']));
        if long || !plain {
            Path::new("/tmp").join(self.tag())
        } else {
            inside
        }
    }

    /// Makes the folder of the socket for the account alone.
    pub(crate) fn make_socket_folder(&self, account: Account) -> Result<PathBuf, ClusterError> {
        let folder = self.socket();
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => account.own(&folder)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ClusterError::file("create", folder)(error)),
        }
        let found = fs::symlink_metadata(&folder).map_err(ClusterError::file("read", &folder))?;
        let owner = match account {
            Account::Ourselves => rustix::process::geteuid().as_raw(),
            Account::Other { uid, .. } => uid,
        };
        // In /tmp anybody could have put a folder of that name there before us.
        let foreign = found.uid() != owner && found.uid() != 0;
        if !found.is_dir() || foreign {
            return Err(ClusterError::OtherOwner { folder });
        }
        account.own(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(ClusterError::file("protect", &folder))?;
        Ok(folder)
    }

    /// Waits for the right to start or stop the database; given back when the file is dropped.
    pub(crate) fn lock(&self) -> Result<File, ClusterError> {
        let path = self.data.join("postgresql.lock");
        let file = self.lock_file(&path)?;
        file.lock().map_err(ClusterError::file("lock", path))?;
        Ok(file)
    }

    /// Says that this process uses the database, for as long as the file is kept.
    pub(crate) fn use_shared(&self) -> Result<File, ClusterError> {
        let path = self.data.join("postgresql.users");
        let file = self.lock_file(&path)?;
        file.lock_shared().map_err(ClusterError::file("lock", path))?;
        Ok(file)
    }

    /// Whether any process has the database in use; our own share must have been given back.
    pub(crate) fn is_used(&self) -> Result<bool, ClusterError> {
        let file = self.lock_file(&self.data.join("postgresql.users"))?;
        Ok(file.try_lock().is_err())
    }

    fn lock_file(&self, path: &Path) -> Result<File, ClusterError> {
        let made = !path.exists();
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied => ClusterError::OtherOwner {
                    folder: self.data.clone(),
                },
                _ => ClusterError::file("open", path)(error),
            })?;
        if made {
            self.give_to_owner(path)?;
        }
        Ok(file)
    }

    /// What root makes in another user's data folder belongs to that user, or they could not start again tomorrow.
    pub(crate) fn give_to_owner(&self, path: &Path) -> Result<(), ClusterError> {
        if rustix::process::geteuid().is_root() {
            let found = fs::metadata(&self.data).map_err(ClusterError::file("read", &self.data))?;
            std::os::unix::fs::lchown(path, Some(found.uid()), Some(found.gid()))
                .map_err(ClusterError::file("hand over", path))?;
        }
        Ok(())
    }
}

/// A folder under the name by which a child process can reach it.
///
/// Where the child's account cannot walk the path (root's home is closed), the child inherits the open folder and names
/// it through `/proc/self/fd`, so nobody's permissions need to be loosened. Must live until the child is started.
pub(crate) struct Passage {
    name: PathBuf,
    _open: Option<OwnedFd>,
}

impl Passage {
    pub(crate) fn to(folder: &Path, account: Account) -> Result<Self, ClusterError> {
        if account.reaches(folder) {
            return Ok(Self {
                name: folder.to_owned(),
                _open: None,
            });
        }
        let opened = File::open(folder).map_err(ClusterError::file("open", folder))?;
        let open = OwnedFd::from(opened);
        rustix::io::fcntl_setfd(&open, rustix::io::FdFlags::empty())
            .map_err(|error| ClusterError::file("pass on", folder)(error.into()))?;
        let name = Path::new("/proc/self/fd").join(open.as_raw_fd().to_string());
        Ok(Self {
            name,
            _open: Some(open),
        })
    }

    pub(crate) fn name(&self) -> &Path {
        &self.name
    }
}

/// A short, stable name for a path (FNV-1a; the standard hasher may change between compilers).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_stays_inside_the_data_folder_while_its_path_fits() {
        let short = Folder {
            data: "/srv/mentalspace/data".into(),
        };
        assert_eq!(short.socket(), Path::new("/srv/mentalspace/data/socket"));
        let long = Folder {
            data: Path::new("/srv").join("x".repeat(90)),
        };
        assert!(long.socket().starts_with("/tmp"));
        assert!(long.socket().as_os_str().len() < 60);
        let comma = Folder {
            data: "/srv/a,b".into(),
        };
        assert!(comma.socket().starts_with("/tmp"));
    }

    #[test]
    fn the_tag_differs_between_folders_and_stays_the_same_between_builds() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
