//! Passwords: which are good enough, and how they are kept (IAM, numbers).
//!
//! Kept as Argon2id over a keyed pepper, so that a stolen database alone opens nothing. Hashing is heavy on
//! purpose: at most one per core runs at once, and whoever can't be served within two seconds is told to try
//! again, so a flood at the door never slows down those inside.

mod common;

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::Refusal;
use platform::App;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

const LENGTH_MIN: usize = 12;
const LENGTH_MAX: usize = 256;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const QUEUE: Duration = Duration::from_secs(2);
/// Parts of names shorter than this are in too many passwords by chance.
const NAME_PART_MIN: usize = 4;

/// One hashing per core at once.
static SEATS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(
        std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
    ))
});

/// Why a password is not good enough; `Display` is the sentence beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("Please use at least 12 characters. A few unrelated words are easy to remember.")]
    Short,
    /// Too many characters.
    #[error("Please use at most 256 characters.")]
    Long,
    /// Holds the e-mail name, the person's or the practice's name.
    #[error("Please leave out your name, your e-mail name and the practice's name; they are the first things tried.")]
    Named,
    /// Among those that attackers try first.
    #[error(
        "This password is on lists that attackers try first. Please choose another; a few unrelated words work well."
    )]
    Common,
}

impl WeakPassword {
    /// Stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Short => "password_short",
            Self::Long => "password_long",
            Self::Named => "password_named",
            Self::Common => "password_common",
        }
    }
}

/// A password that met the rules, normalised.
pub struct Password(String);

impl Password {
    /// Checks a typed password. `about` are the e-mail address, names of the person and of the practice.
    ///
    /// # Errors
    /// [`WeakPassword`], naming the reason.
    pub fn checked(typed: &str, about: &[&str]) -> Result<Self, WeakPassword> {
        let text = normal(typed);
        match text.chars().count() {
            0..LENGTH_MIN => return Err(WeakPassword::Short),
            LENGTH_MIN..=LENGTH_MAX => {}
            _ => return Err(WeakPassword::Long),
        }
        let folded = letters_and_digits(&text);
        if about.iter().any(|name| holds_name(&folded, name)) {
            return Err(WeakPassword::Named);
        }
        if common::is_common(&text) {
            Err(WeakPassword::Common)
        } else {
            Ok(Self(text))
        }
    }
}

fn normal(typed: &str) -> String {
    typed.nfc().collect()
}

fn letters_and_digits(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether the whole name, or the e-mail name before the `@`, stands in the password.
fn holds_name(folded: &str, name: &str) -> bool {
    let name = name.split('@').next().unwrap_or_default();
    let whole = letters_and_digits(name);
    whole.chars().count() >= NAME_PART_MIN && folded.contains(&whole)
}

/// What hashing can refuse.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// All seats were taken for two seconds.
    #[error("too many passwords are being checked")]
    Busy,
    /// The library refused, or the worker was lost.
    #[error("hashing failed: {0}")]
    Failed(String),
}

impl From<&HashError> for Refusal {
    fn from(error: &HashError) -> Self {
        match error {
            HashError::Busy => Self::Unavailable,
            HashError::Failed(_) => Self::Fault,
        }
    }
}

/// Hashes a password for keeping.
///
/// # Errors
/// [`HashError`].
pub async fn hash(app: &App, password: Password) -> Result<String, HashError> {
    let pepper = app.keys.derived("password");
    seated(move || {
        let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())
            .map_err(|error| HashError::Failed(error.to_string()))?;
        let hashed = argon2(&pepper)?.hash_password(password.0.as_bytes(), &salt);
        hashed
            .map(|hash| hash.to_string())
            .map_err(|error| HashError::Failed(error.to_string()))
    })
    .await
}

/// Whether a typed password is the one that is kept. Without one kept, equal work is done on a made-up hash,
/// so that the time tells nobody whether the account exists (IAM-38).
///
/// # Errors
/// [`HashError`].
pub async fn verify(app: &App, typed: &str, kept: Option<String>) -> Result<bool, HashError> {
    let pepper = app.keys.derived("password");
    // What is longer than any password of ours can't be right; it is cut so that it costs no more to refuse.
    let typed: String = normal(typed).chars().take(LENGTH_MAX + 1).collect();
    seated(move || {
        let argon2 = argon2(&pepper)?;
        let exists = kept.is_some();
        let text = match kept {
            Some(text) => text,
            None => nobody(&argon2)?.to_owned(),
        };
        let parsed = PasswordHash::new(&text).map_err(|error| HashError::Failed(error.to_string()))?;
        Ok(argon2.verify_password(typed.as_bytes(), &parsed).is_ok() && exists)
    })
    .await
}

/// The hash of nobody's password, with the same cost as a real one.
fn nobody(argon2: &Argon2) -> Result<&'static str, HashError> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(known) = NOBODY.get() {
        return Ok(known);
    }
    let salt =
        SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|error| HashError::Failed(error.to_string()))?;
    let made = argon2
        .hash_password(&rand::random::<[u8; 32]>(), &salt)
        .map_err(|error| HashError::Failed(error.to_string()))?
        .to_string();
    Ok(NOBODY.get_or_init(|| made))
}

fn argon2(pepper: &[u8]) -> Result<Argon2<'_>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| HashError::Failed(error.to_string()))?;
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|error| HashError::Failed(error.to_string()))
}

async fn seated<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let seat = tokio::time::timeout(QUEUE, Arc::clone(&SEATS).acquire_owned())
        .await
        .map_err(|_| HashError::Busy)?;
    let seat = seat.map_err(|_| HashError::Busy)?;
    let done = tokio::task::spawn_blocking(move || {
        // Held by the work itself: a request that is given up does not free the core that still computes.
        let _seat = seat;
        work()
    });
    done.await.map_err(|error| HashError::Failed(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::{Password, WeakPassword};

    fn check(typed: &str) -> Option<WeakPassword> {
        Password::checked(typed, &["owner@example.test", "Ana", "Whitfield", "Practice A"]).err()
    }

    #[test]
    fn iam_39_the_refusal_names_the_reason() {
        for (typed, reason) in [
            ("practice-a-2026", Some(WeakPassword::Named)),
            ("password1234", Some(WeakPassword::Common)),
            ("P@ssw0rd!2026", Some(WeakPassword::Common)),
            ("qwertyuiop12", Some(WeakPassword::Common)),
            ("123456789012", Some(WeakPassword::Common)),
            ("aaaaaaaaaaaaaa", Some(WeakPassword::Common)),
            ("iloveyouiloveyou", Some(WeakPassword::Common)),
            ("abcdefghijkl", Some(WeakPassword::Common)),
            ("letmein", Some(WeakPassword::Short)),
            ("whitfield sings low", Some(WeakPassword::Named)),
            ("the owner of a boat", Some(WeakPassword::Named)),
            ("lantern violet 7 river", None),
            ("анна любит чай", None),
        ] {
            assert_eq!(check(typed), reason, "{typed}");
        }
        assert_eq!(check(&"x7 ".repeat(86)), Some(WeakPassword::Long));
    }
}
