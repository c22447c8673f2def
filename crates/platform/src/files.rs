//! The file store: bytes under a key, whole or not at all.
//!
//! The local store is a folder. A file appears under its name only once it is complete on disk, so a crash or
//! a full disk never leaves half a file to be read. What is stored is already sealed where it must be.

use std::path::PathBuf;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;

/// What can go wrong with a stored file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No file of that name.
    #[error("no such file")]
    Missing,
    /// A name with anything but `a-z0-9-/.`, or with an empty or dotted part.
    #[error("not a legal file name")]
    Name,
    /// The disk or service refused.
    #[error("file store")]
    Io(#[from] std::io::Error),
}

/// A place that keeps files.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores a file, replacing one of the same name; durable once this returns.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FileError>;
    /// Reads a file.
    async fn get(&self, name: &str) -> Result<Vec<u8>, FileError>;
    /// Removes a file; one that does not exist is no error.
    async fn remove(&self, name: &str) -> Result<(), FileError>;
}

/// Files in a folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A store in this folder, which is made when first needed.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self(root)
    }

    fn path(&self, name: &str) -> Result<PathBuf, FileError> {
        let part_ok = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        };
        if name.split('/').all(part_ok) {
            Ok(self.0.join(name))
        } else {
            Err(FileError::Name)
        }
    }
}

#[async_trait]
impl FileStore for Folder {
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.path(name)?;
        let folder = path.parent().ok_or(FileError::Name)?;
        tokio::fs::create_dir_all(folder).await?;
        let partial = path.with_extension(format!("part-{}", rand::random::<u64>()));
        let written = async {
            let mut file = tokio::fs::File::create_new(&partial).await?;
            file.write_all(bytes).await?;
            file.sync_all().await?;
            tokio::fs::rename(&partial, &path).await?;
            // The new name itself must survive a power cut.
            tokio::fs::File::open(folder).await?.sync_all().await
        };
        let result = written.await;
        if result.is_err() {
            let _gone_already_is_fine = tokio::fs::remove_file(&partial).await;
        }
        Ok(result?)
    }

    async fn get(&self, name: &str) -> Result<Vec<u8>, FileError> {
        tokio::fs::read(self.path(name)?).await.map_err(missing)
    }

    async fn remove(&self, name: &str) -> Result<(), FileError> {
        match tokio::fs::remove_file(self.path(name)?).await.map_err(missing) {
            Err(FileError::Missing) => Ok(()),
            other => other,
        }
    }
}

fn missing(error: std::io::Error) -> FileError {
    if error.kind() == std::io::ErrorKind::NotFound {
        FileError::Missing
    } else {
        FileError::Io(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_never_leave_the_folder_and_files_round_trip() {
        let root = std::env::temp_dir().join(format!("mentalspace-files-{}", rand::random::<u64>()));
        let store = Folder::new(root.clone());
        for name in ["../x", "a/../b", "/etc/passwd", "", "a//b", ".x", "A", "a\0b"] {
            assert!(matches!(store.put(name, b"x").await, Err(FileError::Name)), "{name:?}");
        }
        store.put("a/b-1.pdf", b"one").await.unwrap();
        store.put("a/b-1.pdf", b"two").await.unwrap();
        assert_eq!(store.get("a/b-1.pdf").await.unwrap(), b"two");
        assert_eq!(
            std::fs::read_dir(root.join("a")).unwrap().count(),
            1,
            "no partial file stays behind"
        );
        store.remove("a/b-1.pdf").await.unwrap();
        assert!(matches!(store.get("a/b-1.pdf").await, Err(FileError::Missing)));
        std::fs::remove_dir_all(root).unwrap();
    }
}
