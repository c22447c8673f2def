//! Sessions: a signed-in browser, from the first factor to its end (IAM, numbers).
//!
//! The browser holds a random token, the database only its hash. A session that has shown a password reaches
//! nothing but the second step; when that is passed the token changes, so one that was seen before is worthless.

pub(crate) mod store;

use axum::http::HeaderValue;
use jiff::SignedDuration;
use kernel::{PracticeId, SessionId, UserId};
use platform::{Config, StoreError, Tx};
use sha2::{Digest, Sha256};

use crate::web::{COOKIE, cookie_value};

pub use store::SessionRow;

/// How long a session lasts at most.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// Without a request for this long a session opens nothing any more.
pub const IDLE: SignedDuration = SignedDuration::from_mins(20);
/// How long the second step may take.
const CHALLENGE: SignedDuration = SignedDuration::from_mins(5);
/// How long setting up the first authenticator may take.
const SETTING_UP: SignedDuration = SignedDuration::from_mins(20);
/// Sessions that one user may have at once; the least recently used ends.
pub const CONCURRENT: i64 = 5;
/// Wrong codes that end a session at the second step.
pub const FACTOR_TRIES: i16 = 5;
/// Bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The browser that asks: where from, and what it calls itself.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Network address.
    pub address: Option<String>,
    /// The `User-Agent`, cut to a reasonable length.
    pub agent: Option<String>,
    /// The request's id in the log.
    pub request: Option<String>,
}

/// A fresh token and the hash that is kept of it.
pub(crate) fn fresh_token() -> ([u8; TOKEN_BYTES], Vec<u8>) {
    let token: [u8; TOKEN_BYTES] = rand::random();
    (token, Sha256::digest(token).to_vec())
}

/// Starts a session that has shown a password; gives the cookie's text. `has_factor` decides how long the next
/// step may take.
///
/// # Errors
/// The database.
pub async fn start(
    tx: &Tx,
    user: UserId,
    browser: &Browser,
    has_factor: bool,
) -> Result<(SessionId, String), StoreError> {
    let (token, hash) = fresh_token();
    let id: SessionId = tx.id();
    let ends = tx.now() + if has_factor { CHALLENGE } else { SETTING_UP };
    store::insert(
        tx,
        tx.practice(),
        id,
        &hash,
        user,
        tx.now(),
        ends,
        browser.address.as_deref(),
        browser.agent.as_deref(),
    )
    .await?;
    Ok((id, cookie_value(tx.practice(), &token)))
}

/// Raises a session after its second factor: a new token, the full length, and at most five beside it.
///
/// # Errors
/// The database.
pub async fn raise(tx: &Tx, id: SessionId, user: UserId) -> Result<String, StoreError> {
    let (token, hash) = fresh_token();
    let now = tx.now();
    store::raise(tx, tx.practice(), id, &hash, now, now + ABSOLUTE).await?;
    store::end_beyond(tx, tx.practice(), user, now, id, CONCURRENT - 1).await?;
    Ok(cookie_value(tx.practice(), &token))
}

/// Ends one session of a user; `false` if it was none of theirs or over already.
///
/// # Errors
/// The database.
pub async fn end(tx: &Tx, user: UserId, id: SessionId, reason: &str) -> Result<bool, StoreError> {
    Ok(store::end(tx, tx.practice(), user, id, tx.now(), reason).await? > 0)
}

/// Ends all sessions of a user but one, if one is named.
///
/// # Errors
/// The database.
pub async fn end_all(tx: &Tx, user: UserId, except: Option<SessionId>, reason: &str) -> Result<u64, StoreError> {
    store::end_all(tx, tx.practice(), user, except, tx.now(), reason).await
}

/// The live sessions of a user, latest used first.
///
/// # Errors
/// The database.
pub async fn list(tx: &Tx, user: UserId) -> Result<Vec<SessionRow>, StoreError> {
    store::list(tx, tx.practice(), user, tx.now(), tx.now() - IDLE).await
}

/// The header that gives a browser its session. One place decides the cookie's protection (IAM-61).
///
/// # Errors
/// Never for tokens of ours; a text that no header can hold.
pub fn cookie(config: &Config, token: &str) -> Result<HeaderValue, axum::http::header::InvalidHeaderValue> {
    HeaderValue::from_str(&format!("{}{token}{}", name(config), attributes(config)))
}

/// The header that takes it away.
#[must_use]
pub fn no_cookie(config: &Config) -> HeaderValue {
    let text = format!("{}{}; Max-Age=0", name(config), attributes(config));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("session=; Path=/; Max-Age=0"))
}

fn name(config: &Config) -> String {
    format!("{}{COOKIE}=", if config.is_secure() { "__Host-" } else { "" })
}

fn attributes(config: &Config) -> &'static str {
    if config.is_secure() {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

/// A ready session for tests and for tools of the house: both factors taken as shown. Gives the cookie's text.
///
/// # Errors
/// The database.
pub async fn trusted(tx: &Tx, user: UserId) -> Result<(PracticeId, String), StoreError> {
    let (id, _) = start(tx, user, &Browser::default(), true).await?;
    Ok((tx.practice(), raise(tx, id, user).await?))
}

/// What a person calls a browser, from its `User-Agent`: enough to tell one's own from a stranger's.
#[must_use]
pub fn device(agent: Option<&str>) -> String {
    let agent = agent.unwrap_or_default();
    let pick = |known: &[(&str, &'static str)], other| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map_or(other, |(_, name)| *name)
    };
    let browser = pick(
        &[
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ],
        "A browser",
    );
    let system = pick(
        &[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "Mac"),
            ("Linux", "Linux"),
        ],
        "an unknown system",
    );
    format!("{browser} on {system}")
}

#[cfg(test)]
mod tests {
    use super::{cookie, device};
    use platform::Config;

    #[test]
    fn iam_61_the_cookie_is_bound_to_the_host_where_people_come_by_https() {
        let plain = Config::default();
        let secure = Config {
            public_url: Some("https://ehr.example.test".to_owned()),
            ..Config::default()
        };
        assert_eq!(
            cookie(&plain, "x.y").unwrap(),
            "session=x.y; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            cookie(&secure, "x.y").unwrap(),
            "__Host-session=x.y; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn devices_are_named_plainly() {
        assert_eq!(
            device(Some("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")),
            "Firefox on Linux"
        );
        assert_eq!(device(None), "A browser on an unknown system");
    }
}
