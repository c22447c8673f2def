//! Signing in: the password, the throttle before it, and the second factor behind it (IAM-38 to IAM-45).
//!
//! Unknown address, wrong password and suspended user get the same answer for the same work. Failures are
//! counted by a keyed hash of the address, outside every practice, so that an address that belongs to nobody
//! locks just as one that does.

mod pages;
mod set_up;
mod store;

use hmac::{Hmac, Mac};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{PracticeId, Refusal, SessionId, UserId};
use platform::{App, StoreError, Tx};
use serde_json::json;
use sha2::Sha256;

use crate::audit::{self, Action, Entry, Outcome, Purpose};
use crate::factor::{self, FactorError, Shown};
use crate::password::{self, HashError};
use crate::session::{self, Browser};
use crate::{Actor, user};

pub(crate) use pages::routes;
pub(crate) use set_up::codes_page;

/// Failures within [`WINDOW`] that lock.
const FAILURES_MAX: usize = 5;
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// First, second, third and later lock within a day.
const LOCKS: [SignedDuration; 3] = [
    SignedDuration::from_mins(30),
    SignedDuration::from_mins(60),
    SignedDuration::from_hours(24),
];
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How far back failures are looked at: a lock of a day may have begun a day after another.
const MEMORY: SignedDuration = SignedDuration::from_hours(72);
/// Failures from one address in ten minutes; then everybody behind it waits.
const ADDRESS_MAX: i64 = 30;
const ADDRESS_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address and password do not belong together, or may not come in; which of it is not told.
    #[error("not accepted")]
    Wrong,
    /// Too many failures.
    #[error("locked for {seconds} s")]
    Locked {
        /// Whole seconds to wait.
        seconds: u32,
    },
    /// The second step was failed too often, or took too long; it starts again with the password.
    #[error("second step is over")]
    Over,
    /// Hashing.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Second factor.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<&SignInError> for Refusal {
    fn from(error: &SignInError) -> Self {
        match error {
            SignInError::Wrong
            | SignInError::Over
            | SignInError::Factor(FactorError::Wrong | FactorError::Confirmed) => Self::SignIn,
            SignInError::Locked { seconds } => Self::TooMany { seconds: *seconds },
            SignInError::Hash(error) => Self::from(error),
            SignInError::Store(error) | SignInError::Factor(FactorError::Store(error)) => Self::from(error),
            SignInError::Factor(FactorError::Key(_)) => Self::Fault,
        }
    }
}

/// A door that a password opens: a user of one practice.
#[derive(Clone, Debug)]
pub struct Door {
    /// The practice.
    pub practice: PracticeId,
    /// Its name.
    pub name: String,
    /// The user there.
    pub user: UserId,
}

/// Checks address and password; gives the practices they open. Throttled before any work.
///
/// # Errors
/// [`SignInError`].
pub async fn with_password(
    app: &App,
    browser: &Browser,
    email: &str,
    typed: &str,
    slug: Option<&str>,
) -> Result<Vec<Door>, SignInError> {
    let email = kernel::text::email(email).unwrap_or_else(|_| email.trim().to_lowercase());
    let account = account_hash(app, &email);
    let address = browser.address.as_deref().unwrap_or_default();
    take_turn(app, &account, address).await?;
    let mut opened = Vec::new();
    let mut checked = 0;
    for practice in practices(app, &email, slug).await? {
        let tx = app.db.begin(practice).await?;
        let Some(account) = store::account(&tx, practice, &email).await? else {
            continue;
        };
        tx.commit().await?;
        checked += 1;
        let has_password = account.hash.is_some();
        let fits = password::verify(app, typed, account.hash).await?;
        let may_enter = matches!(account.status.as_str(), "active" | "onboarding")
            && matches!(account.practice_status.as_str(), "active" | "set_up");
        if fits && may_enter && has_password {
            opened.push(Door {
                practice,
                name: account.practice_name,
                user: account.user_id,
            });
        } else {
            note_failure(app, practice, account.user_id, browser).await?;
        }
    }
    if checked == 0 {
        password::verify(app, typed, None).await?;
    }
    if opened.is_empty() {
        return Err(SignInError::Wrong);
    }
    let tx = app.db.begin(outside()).await?;
    store::note(&tx, outside(), tx.id(), &account, address, true, tx.now()).await?;
    tx.commit().await?;
    Ok(opened)
}

/// Attempts belong to no practice; they are kept under an id that no practice has.
const fn outside() -> PracticeId {
    PracticeId::from_uuid(uuid::Uuid::nil())
}

/// Notes the attempt as failed before the password is looked at, so that many at once can't slip past the limit;
/// a success is noted behind it.
async fn take_turn(app: &App, account: &[u8], address: &str) -> Result<(), SignInError> {
    let tx = app.db.begin(outside()).await?;
    store::queue(
        &tx,
        i64::from_be_bytes(std::array::from_fn(|index| account.get(index).copied().unwrap_or(0))),
    )
    .await?;
    let now = tx.now();
    let failures: Vec<Timestamp> = store::failures(&tx, outside(), account, now - MEMORY)
        .await?
        .into_iter()
        .map(|(at,)| at)
        .rev()
        .collect();
    if let Some(until) = locked_until(&failures).filter(|until| *until > now) {
        return Err(locked(until.duration_since(now)));
    }
    if is_one_household(address) {
        let (count,) = store::failures_from(&tx, outside(), address, now - ADDRESS_WINDOW).await?;
        if count >= ADDRESS_MAX {
            return Err(locked(ADDRESS_WINDOW));
        }
    }
    store::note(&tx, outside(), tx.id(), account, address, false, now).await?;
    Ok(tx.commit().await?)
}

fn locked(wait: SignedDuration) -> SignInError {
    SignInError::Locked {
        seconds: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1),
    }
}

/// Behind a private address stands a balancer or this machine, that is: everybody.
fn is_one_household(address: &str) -> bool {
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            !(address.is_loopback() || address.is_private() || address.is_link_local())
        }
        Ok(std::net::IpAddr::V6(address)) => {
            !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local())
        }
        Err(_) => false,
    }
}

/// Until when failures since the last success lock, oldest first. Pure.
fn locked_until(failures: &[Timestamp]) -> Option<Timestamp> {
    let (mut recent, mut locks) = (Vec::<Timestamp>::new(), Vec::<Timestamp>::new());
    let mut until = None;
    for at in failures {
        recent.retain(|earlier| at.duration_since(*earlier) <= WINDOW);
        recent.push(*at);
        if recent.len() >= FAILURES_MAX {
            locks.retain(|earlier| at.duration_since(*earlier) <= DAY);
            until = Some(*at + LOCKS[locks.len().min(LOCKS.len() - 1)]);
            locks.push(*at);
            recent.clear();
        }
    }
    until
}

fn account_hash(app: &App, email: &str) -> Vec<u8> {
    match Hmac::<Sha256>::new_from_slice(&app.keys.derived("sign-in-account")) {
        Ok(mut mac) => {
            mac.update(email.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        // HMAC takes keys of any length.
        Err(_) => vec![0; 32],
    }
}

async fn practices(app: &App, email: &str, slug: Option<&str>) -> Result<Vec<PracticeId>, StoreError> {
    let tx = app.db.begin_outside().await?;
    let found = match slug {
        Some(slug) => store::by_slug(&tx, slug).await?.map(|(id, _)| id).into_iter().collect(),
        None => store::by_address(&tx, email)
            .await?
            .into_iter()
            .map(|(id,)| id)
            .collect(),
    };
    tx.commit().await?;
    Ok(found)
}

/// Checks the password of somebody who is signed in, under the same throttle as at the door.
///
/// # Errors
/// [`SignInError`].
pub(crate) async fn again(app: &App, tx: &Tx, actor: &Actor, typed: &str) -> Result<(), SignInError> {
    let user = actor.user.ok_or(SignInError::Wrong)?;
    let (email,) = user::store::email(tx, tx.practice(), user).await?;
    let kept = user::store::password(tx, tx.practice(), user)
        .await?
        .map(|(hash,)| hash);
    let (account, address) = (account_hash(app, &email), actor.address.as_deref().unwrap_or_default());
    take_turn(app, &account, address).await?;
    if !password::verify(app, typed, kept).await? {
        return Err(SignInError::Wrong);
    }
    let noting = app.db.begin(outside()).await?;
    store::note(&noting, outside(), noting.id(), &account, address, true, noting.now()).await?;
    Ok(noting.commit().await?)
}

/// Begins the session of a door whose password was shown; gives the cookie's text and whether a factor is set up.
///
/// # Errors
/// The database.
pub async fn begin(app: &App, browser: &Browser, door: &Door) -> Result<(String, bool), SignInError> {
    let tx = app.db.begin(door.practice).await?;
    let has_factor = factor::is_set_up(&tx, door.user).await?;
    let (id, token) = session::start(&tx, door.user, browser, has_factor).await?;
    let actor = actor(&tx, door.user, browser, Some(id)).await?;
    audit::record(&tx, &actor, entry(id).detail(json!({ "step": "password" }))).await?;
    tx.commit().await?;
    Ok((token, has_factor))
}

fn entry(session: SessionId) -> Entry {
    Entry::new(Action::SignIn, "session")
        .id(session.uuid())
        .purpose(Purpose::Administration)
}

/// Finishes the second step with what was typed; gives the cookie's new text.
///
/// # Errors
/// [`SignInError::Factor`] with the tries left in the database; [`SignInError::Over`] at the fifth.
pub async fn with_factor(app: &App, tx: &Tx, actor: &Actor, typed: &str) -> Result<(String, Shown), SignInError> {
    let (Some(user), Some(session)) = (actor.user, actor.session) else {
        return Err(SignInError::Over);
    };
    match factor::check(app, tx, user, typed).await {
        Ok(shown) => {
            let token = session::raise(tx, session, user).await?;
            user::signed_in(tx, user).await?;
            let detail = match shown {
                Shown::Code => json!({ "step": "factor", "factor": "totp" }),
                Shown::RecoveryCode { left } => json!({ "step": "factor", "factor": "recovery_code", "left": left }),
            };
            audit::record(tx, actor, entry(session).detail(detail)).await?;
            Ok((token, shown))
        }
        Err(FactorError::Wrong) => {
            let tries = session::store::count_wrong_code(tx, tx.practice(), session)
                .await?
                .map_or(session::FACTOR_TRIES, |(tries,)| tries);
            audit::record(
                tx,
                actor,
                entry(session)
                    .outcome(Outcome::Failure)
                    .detail(json!({ "step": "factor", "tries": tries })),
            )
            .await?;
            if tries >= session::FACTOR_TRIES {
                session::end(tx, user, session, "factor_failed").await?;
                return Err(SignInError::Over);
            }
            Err(SignInError::Factor(FactorError::Wrong))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session that asks.
///
/// # Errors
/// The database.
pub async fn out(tx: &Tx, actor: &Actor) -> Result<(), StoreError> {
    let (Some(user), Some(session)) = (actor.user, actor.session) else {
        return Ok(());
    };
    session::end(tx, user, session, "signed_out").await?;
    audit::record(
        tx,
        actor,
        Entry::new(Action::SignOut, "session")
            .id(session.uuid())
            .purpose(Purpose::Administration),
    )
    .await
}

async fn note_failure(app: &App, practice: PracticeId, user: UserId, browser: &Browser) -> Result<(), StoreError> {
    let tx = app.db.begin(practice).await?;
    let actor = actor(&tx, user, browser, None).await?;
    let entry = Entry::new(Action::SignIn, "app_user")
        .id(user.uuid())
        .purpose(Purpose::Administration)
        .outcome(Outcome::Failure);
    audit::record(&tx, &actor, entry.detail(json!({ "step": "password" }))).await?;
    tx.commit().await
}

/// Who an attempt claims to be: for the audit log, without any role, since nothing is proven yet.
pub(crate) async fn actor(
    tx: &Tx,
    user: UserId,
    browser: &Browser,
    session: Option<SessionId>,
) -> Result<Actor, StoreError> {
    let (name, zone) = crate::practice::store::name_and_zone(tx, tx.practice()).await?;
    let mut actor = Actor::house(tx.practice(), "sign-in", TimeZone::get(&zone).unwrap_or(TimeZone::UTC));
    actor.practice_name = name;
    actor.user = Some(user);
    actor.roles.clear();
    actor.session = session;
    actor.address.clone_from(&browser.address);
    actor.request.clone_from(&browser.request);
    Ok(actor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_772_460_000 + minute * 60).unwrap()
    }

    #[test]
    fn iam_45_five_failures_lock_longer_each_time() {
        let check = |minutes: &[i64], until: Option<i64>| {
            let failures: Vec<Timestamp> = minutes.iter().map(|minute| at(*minute)).collect();
            assert_eq!(locked_until(&failures), until.map(at), "{minutes:?}");
        };
        check(&[], None);
        check(&[0, 1, 2, 3], None);
        check(&[0, 0, 1, 1, 1], Some(31));
        check(&[0, 5, 10, 14, 16], None);
        check(&[0, 5, 10, 14, 16, 17], Some(47));
        check(&[0, 0, 0, 0, 0, 40, 40, 40, 40, 40], Some(100));
        check(
            &[0, 0, 0, 0, 0, 40, 40, 40, 40, 40, 110, 110, 110, 110, 110],
            Some(110 + 1440),
        );
        check(&[0, 0, 0, 0, 0, 1500, 1500, 1500, 1500, 1500], Some(1530));
    }

    #[test]
    fn iam_45_a_balancer_is_not_one_household() {
        for (address, alone) in [
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("203.0.113.9", true),
            ("::1", false),
            ("2001:db8::1", true),
            ("", false),
        ] {
            assert_eq!(is_one_household(address), alone, "{address}");
        }
    }
}
