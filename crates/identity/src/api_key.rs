//! Keys for programs: made for a user, never reaching further than the user, shown once, ending by themselves.

mod store;

use jiff::SignedDuration;
use kernel::{ApiKeyId, Permission, Problems, Refusal, Role, UserId, text};
use platform::{StoreError, Tx};
use serde_json::json;

use crate::audit::{self, Action, Entry, Purpose};
use crate::session::fresh_token;
use crate::web::cookie_value;
use crate::{AccessError, Actor, user};

pub use store::KeyRow;

/// Longest life of a key.
const DAYS_MAX: u16 = 365;

/// Why a key could not be made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Rights.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Values.
    #[error("invalid values")]
    Invalid(Problems),
    /// Database.
    #[error("key could not be stored")]
    Store(#[from] StoreError),
}

impl From<&KeyError> for Refusal {
    fn from(error: &KeyError) -> Self {
        match error {
            KeyError::Access(error) => (*error).into(),
            KeyError::Invalid(problems) => Self::Invalid(problems.clone()),
            KeyError::Store(error) => Self::from(error),
        }
    }
}

/// Makes a key for a user; gives its text, which is kept nowhere. People make their own; the house makes any.
///
/// # Errors
/// [`KeyError`].
pub async fn create_key(
    tx: &Tx,
    actor: &Actor,
    user: UserId,
    label: &str,
    scopes: &[String],
    days: u16,
) -> Result<String, KeyError> {
    actor.need(Permission::ApiKeyManage)?;
    if actor.user.is_some_and(|own| own != user) {
        return Err(AccessError::Missing(Permission::ApiKeyManage).into());
    }
    let owner = user::store::find(tx, tx.practice(), user)
        .await?
        .ok_or(AccessError::Hidden)?;
    let (label, scopes) = parse(actor, &owner.roles, label, scopes, days)?;
    let (secret, hash) = fresh_token();
    let id: ApiKeyId = tx.id();
    let expires = tx.now() + SignedDuration::from_hours(24 * i64::from(days));
    store::insert(tx, tx.practice(), id, user, &label, &hash, &scopes, tx.now(), expires).await?;
    let entry = Entry::new(Action::Create, "api_key")
        .id(id.uuid())
        .purpose(Purpose::Administration);
    audit::record(
        tx,
        actor,
        entry.detail(json!({ "user": user, "scopes": scopes, "days": days })),
    )
    .await?;
    Ok(format!("msk_{}", cookie_value(tx.practice(), &secret)))
}

fn parse(
    actor: &Actor,
    roles: &[Role],
    label: &str,
    scopes: &[String],
    days: u16,
) -> Result<(String, Vec<String>), KeyError> {
    let mut problems = Problems::default();
    let label = problems.keep("label", text::line(label, 100));
    if !(1..=DAYS_MAX).contains(&days) {
        problems.add("days", "range", "A key lives between 1 and 365 days.");
    }
    let mut wanted: Vec<String> = scopes
        .iter()
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        problems.add("scopes", "required", "Please choose what the key may do.");
    }
    for word in &wanted {
        // A key made with a key keeps within the first one's limits.
        let reaches = |permission: Permission| {
            crate::rights::of_roles(roles, permission).is_some()
                && actor.limits.as_ref().is_none_or(|limits| limits.contains(&permission))
        };
        let fits = if word == "*" {
            actor.limits.is_none()
        } else {
            word.parse::<Permission>().is_ok_and(reaches)
        };
        if !fits {
            problems.add(
                "scopes",
                "unknown",
                format!(
                    "“{}” is no permission that this account has.",
                    word.chars().take(60).collect::<String>()
                ),
            );
        }
    }
    match label {
        Some(label) if problems.is_empty() => Ok((label, wanted)),
        _ => Err(KeyError::Invalid(problems)),
    }
}

/// The living keys of the person who asks.
///
/// # Errors
/// The database.
pub(crate) async fn own(tx: &Tx, user: UserId) -> Result<Vec<KeyRow>, StoreError> {
    store::of_user(tx, tx.practice(), user, tx.now()).await
}

/// Revokes one of one's own keys.
///
/// # Errors
/// [`KeyError`]; hidden if it is nobody's, somebody else's or over.
pub(crate) async fn revoke(tx: &Tx, actor: &Actor, id: ApiKeyId) -> Result<(), KeyError> {
    let user = actor.person(Permission::ApiKeyManage)?;
    if store::revoke_one(tx, tx.practice(), user, id, tx.now()).await? == 0 {
        return Err(AccessError::Hidden.into());
    }
    Ok(audit::record(
        tx,
        actor,
        Entry::new(Action::Delete, "api_key")
            .id(id.uuid())
            .purpose(Purpose::Administration),
    )
    .await?)
}
