//! Keys: one master key of the installation, and a data key per practice wrapped by it.
//!
//! Secrets that must be read again (TOTP seeds, files, mail passwords) are sealed with AES-256-GCM under the
//! practice's data key and bound to the place they are kept in, so a sealed value moved to another row or
//! another practice does not open.

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use kernel::PracticeId;
use sha2::{Digest, Sha256};

use crate::{StoreError, Tx};

const NONCE_BYTES: usize = 12;
const KEY_BYTES: usize = 32;

/// What can go wrong with keys. `Display` holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file can't be read or written.
    #[error("key file {path}")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The key file is not 32 bytes.
    #[error("key file {0} is damaged; restore it from its backup")]
    Damaged(String),
    /// A sealed value does not open: another key, another place, or altered.
    #[error("sealed value does not open")]
    Sealed,
    /// The database.
    #[error("data key")]
    Store(#[from] StoreError),
}

/// The keys of this installation.
pub struct Keys {
    master: [u8; KEY_BYTES],
    // Data keys are few and small; kept so that a page does not unwrap one each time.
    practices: Mutex<HashMap<PracticeId, [u8; KEY_BYTES]>>,
}

crate::statement! {
    /// The practice's wrapped data key.
    fn find_data_key(practice: PracticeId) -> maybe (Vec<u8>,) = "
    select wrapped from practice_key where practice_id = $1"
}
crate::statement! {
    /// Keeps a new practice's wrapped data key; the first one wins.
    fn insert_data_key(practice: PracticeId, wrapped: &[u8]) -> count = "
    insert into practice_key (practice_id, wrapped) values ($1, $2) on conflict (practice_id) do nothing"
}

impl Keys {
    /// Reads the master key, or makes one at the first start. Losing this file loses what it sealed.
    ///
    /// # Errors
    /// The file can't be read or written, or is damaged.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let file = |source| KeyError::File {
            path: path.display().to_string(),
            source,
        };
        let master: [u8; KEY_BYTES] = match std::fs::read(path) {
            Ok(bytes) => bytes
                .try_into()
                .map_err(|_| KeyError::Damaged(path.display().to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let fresh: [u8; KEY_BYTES] = rand::random();
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(file)?;
                }
                let mut out = std::fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)
                    .map_err(file)?;
                out.write_all(&fresh).and_then(|()| out.sync_all()).map_err(file)?;
                fresh
            }
            Err(error) => return Err(file(error)),
        };
        Ok(Self::from_master(master))
    }

    /// Keys under a given master key.
    #[must_use]
    pub fn from_master(master: [u8; KEY_BYTES]) -> Self {
        Self {
            master,
            practices: Mutex::new(HashMap::new()),
        }
    }

    /// A key for one purpose, derived from the master key: pepper, cookie and form tokens.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> [u8; KEY_BYTES] {
        Sha256::new()
            .chain_update(self.master)
            .chain_update([0])
            .chain_update(purpose)
            .finalize()
            .into()
    }

    /// Seals a secret under the practice's data key, bound to the place it is kept in.
    ///
    /// # Errors
    /// The database.
    pub async fn seal(&self, tx: &Tx, place: &str, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        seal(&self.data_key(tx).await?, place.as_bytes(), secret)
    }

    /// Opens what [`Keys::seal`] sealed for the same practice and place.
    ///
    /// # Errors
    /// Another key or place, an altered value, or the database.
    pub async fn open_sealed(&self, tx: &Tx, place: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        open(&self.data_key(tx).await?, place.as_bytes(), sealed)
    }

    async fn data_key(&self, tx: &Tx) -> Result<[u8; KEY_BYTES], KeyError> {
        let practice = tx.practice();
        if let Some(key) = self
            .practices
            .lock()
            .ok()
            .and_then(|known| known.get(&practice).copied())
        {
            return Ok(key);
        }
        let place = format!("practice/{practice}");
        let wrapped = match find_data_key(tx, practice).await? {
            Some((wrapped,)) => wrapped,
            None => {
                let fresh: [u8; KEY_BYTES] = rand::random();
                insert_data_key(tx, practice, &seal(&self.master, place.as_bytes(), &fresh)?).await?;
                // Not kept in memory: this transaction may still roll back.
                let (wrapped,) = find_data_key(tx, practice).await?.ok_or(KeyError::Sealed)?;
                return open(&self.master, place.as_bytes(), &wrapped)?
                    .try_into()
                    .map_err(|_| KeyError::Sealed);
            }
        };
        let key: [u8; KEY_BYTES] = open(&self.master, place.as_bytes(), &wrapped)?
            .try_into()
            .map_err(|_| KeyError::Sealed)?;
        if let Ok(mut known) = self.practices.lock() {
            known.insert(practice, key);
        }
        Ok(key)
    }
}

fn seal(key: &[u8; KEY_BYTES], place: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeyError> {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let sealed = Aes256Gcm::new(key.into())
        .encrypt(
            Nonce::from_slice(&nonce),
            Payload {
                msg: secret,
                aad: place,
            },
        )
        .map_err(|_| KeyError::Sealed)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(key: &[u8; KEY_BYTES], place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
    let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or(KeyError::Sealed)?;
    Aes256Gcm::new(key.into())
        .decrypt(Nonce::from_slice(nonce), Payload { msg: body, aad: place })
        .map_err(|_| KeyError::Sealed)
}

#[cfg(test)]
mod tests {
    use super::{open, seal};

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_unaltered() {
        let key = [7; 32];
        let sealed = seal(&key, b"totp/1", b"seed").unwrap();
        assert_eq!(open(&key, b"totp/1", &sealed).unwrap(), b"seed");
        assert!(open(&key, b"totp/2", &sealed).is_err());
        assert!(open(&[8; 32], b"totp/1", &sealed).is_err());
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(open(&key, b"totp/1", &altered).is_err(), "byte {index}");
        }
        assert!(open(&key, b"totp/1", b"short").is_err());
    }
}
