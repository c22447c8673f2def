//! Second factors: setting up an authenticator app, checking its codes, and recovery codes (IAM-40).
//!
//! Invariants: a step of an authenticator is accepted once, a recovery code is spent once, both decided by one
//! guarded update; a new authenticator takes a place only where none is confirmed.

mod store;

use hmac::{Hmac, Mac};
use kernel::{AuthenticatorId, UserId};
use platform::keys::KeyError;
use platform::{App, StoreError, Tx};
use sha2::Sha256;

use crate::totp;

/// What can go wrong with factors.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The code is wrong, late, or was used before.
    #[error("code not accepted")]
    Wrong,
    /// There is a confirmed authenticator already.
    #[error("an authenticator is already confirmed")]
    Confirmed,
    /// Keys.
    #[error("authenticator seed")]
    Key(#[from] KeyError),
    /// Database.
    #[error("authenticator could not be stored")]
    Store(#[from] StoreError),
}

/// Which factor was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A code of the authenticator app.
    Code,
    /// A recovery code.
    RecoveryCode {
        /// Codes left.
        left: i64,
    },
}

fn place(id: AuthenticatorId) -> String {
    format!("authenticator/{id}")
}

/// Whether a user has a confirmed authenticator.
///
/// # Errors
/// The database.
pub async fn is_set_up(tx: &Tx, user: UserId) -> Result<bool, StoreError> {
    Ok(store::confirmed(tx, tx.practice(), user)
        .await?
        .is_some_and(|(count,)| count > 0))
}

/// Recovery codes that are left.
///
/// # Errors
/// The database.
pub async fn recovery_codes_left(tx: &Tx, user: UserId) -> Result<i64, StoreError> {
    Ok(store::codes_left(tx, tx.practice(), user)
        .await?
        .map_or(0, |(count,)| count))
}

/// The seed to be confirmed: the one already waiting, so that reloading the page changes nothing, or a new one.
///
/// # Errors
/// [`FactorError::Confirmed`]; keys; database.
pub async fn waiting_seed(app: &App, tx: &Tx, user: UserId) -> Result<Vec<u8>, FactorError> {
    if is_set_up(tx, user).await? {
        return Err(FactorError::Confirmed);
    }
    if let Some(waiting) = store::waiting(tx, tx.practice(), user).await?.into_iter().next() {
        return Ok(app.keys.open_sealed(tx, &place(waiting.id), &waiting.seed).await?);
    }
    let seed: [u8; totp::SEED_BYTES] = rand::random();
    insert(app, tx, user, &seed).await?;
    Ok(seed.to_vec())
}

async fn insert(app: &App, tx: &Tx, user: UserId, seed: &[u8]) -> Result<AuthenticatorId, FactorError> {
    let id: AuthenticatorId = tx.id();
    let sealed = app.keys.seal(tx, &place(id), seed).await?;
    store::insert_totp(tx, tx.practice(), id, user, &sealed, tx.now()).await?;
    Ok(id)
}

/// Confirms the waiting authenticator by one of its codes; gives fresh recovery codes, to be shown once.
///
/// # Errors
/// [`FactorError`].
pub async fn confirm(app: &App, tx: &Tx, user: UserId, typed: &str) -> Result<Vec<String>, FactorError> {
    if is_set_up(tx, user).await? {
        return Err(FactorError::Confirmed);
    }
    let waiting = store::waiting(tx, tx.practice(), user)
        .await?
        .into_iter()
        .next()
        .ok_or(FactorError::Wrong)?;
    let seed = app.keys.open_sealed(tx, &place(waiting.id), &waiting.seed).await?;
    let step = totp::accepted(&seed, &digits(typed), tx.now(), None).ok_or(FactorError::Wrong)?;
    if store::confirm(tx, tx.practice(), waiting.id, step, tx.now()).await? == 0 {
        return Err(FactorError::Confirmed);
    }
    Ok(fresh_recovery_codes(app, tx, user).await?)
}

/// Sets up a confirmed authenticator without a person, for the demonstration and the command line; gives its seed.
///
/// # Errors
/// [`FactorError`].
pub async fn set_up(app: &App, tx: &Tx, user: UserId, seed: &[u8]) -> Result<(), FactorError> {
    let id = insert(app, tx, user, seed).await?;
    store::confirm(tx, tx.practice(), id, -1, tx.now()).await?;
    Ok(())
}

/// Replaces a user's recovery codes; the old ones are void.
///
/// # Errors
/// The database.
pub async fn fresh_recovery_codes(app: &App, tx: &Tx, user: UserId) -> Result<Vec<String>, StoreError> {
    store::remove_codes(tx, tx.practice(), user).await?;
    let codes = totp::fresh_recovery_codes();
    for code in &codes {
        store::insert_code(tx, tx.practice(), tx.id(), user, &code_hash(app, user, code), tx.now()).await?;
    }
    Ok(codes)
}

/// Checks what was typed at the second step: six digits are a code of the app, anything else a recovery code.
///
/// # Errors
/// [`FactorError::Wrong`]; keys; database.
pub async fn check(app: &App, tx: &Tx, user: UserId, typed: &str) -> Result<Shown, FactorError> {
    let code = digits(typed);
    if code.len() == 6 && !typed.chars().any(char::is_alphabetic) {
        for known in store::totps(tx, tx.practice(), user).await? {
            let seed = app.keys.open_sealed(tx, &place(known.id), &known.seed).await?;
            if let Some(step) = totp::accepted(&seed, &code, tx.now(), known.last_step)
                && store::spend_step(tx, tx.practice(), known.id, step, tx.now()).await? == 1
            {
                return Ok(Shown::Code);
            }
        }
        return Err(FactorError::Wrong);
    }
    if store::spend_code(tx, tx.practice(), user, &code_hash(app, user, typed), tx.now()).await? == 0 {
        return Err(FactorError::Wrong);
    }
    Ok(Shown::RecoveryCode {
        left: recovery_codes_left(tx, user).await?,
    })
}

/// The code that would be accepted next; for the demonstration practice alone.
///
/// # Errors
/// Keys; database.
pub(crate) async fn next_code(app: &App, tx: &Tx, user: UserId) -> Result<Option<String>, FactorError> {
    let Some(known) = store::totps(tx, tx.practice(), user).await?.into_iter().next() else {
        return Ok(None);
    };
    let seed = app.keys.open_sealed(tx, &place(known.id), &known.seed).await?;
    let this = totp::step(tx.now());
    let next = if known.last_step.is_some_and(|last| last >= this) {
        this + 1
    } else {
        this
    };
    Ok(Some(totp::code(&seed, next)))
}

fn digits(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_digit).take(12).collect()
}

/// Keyed, so that a stolen database alone does not let 50-bit codes be searched for.
fn code_hash(app: &App, user: UserId, typed: &str) -> Vec<u8> {
    let plain = totp::plain_recovery_code(typed);
    match Hmac::<Sha256>::new_from_slice(&app.keys.derived("recovery-code")) {
        Ok(mut mac) => {
            mac.update(user.uuid().as_bytes());
            mac.update(plain.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        // HMAC takes keys of any length; an empty hash is stored nowhere and matches nothing.
        Err(_) => Vec::new(),
    }
}
