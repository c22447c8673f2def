//! Users: who works here, in which state, with which roles (IAM-11, IAM-14, IAM-32).
//!
//! Invariants: a practice always has an active owner; whoever changes roles never reaches above themselves; a
//! user who has come in is never deleted.

mod api;
pub mod ops;
mod pages;
pub(crate) mod store;

use kernel::{Refusal, Role, UserId};
use platform::{StoreError, Tx};

use crate::web::Routes;
use crate::{AccessError, Actor};

pub use store::{DirectoryRow, UserRow};

kernel::words! {
    /// Where an account stands.
    Status {
        /// Created; the link was not used yet.
        Invited = "invited",
        /// Has a password; the second factor is missing.
        Onboarding = "onboarding",
        /// Works.
        Active = "active",
        /// May not come in for now.
        Suspended = "suspended",
        /// Has left.
        Deactivated = "deactivated",
    }
}

impl Status {
    /// The state's name on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Invited => "Invited",
            Self::Onboarding => "Setting up",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Deactivated => "Left",
        }
    }
}

/// Why something can't be done with a user.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Rights.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Values.
    #[error("invalid values")]
    Invalid(kernel::Problems),
    /// The e-mail address is taken in this practice.
    #[error("e-mail address taken")]
    EmailTaken,
    /// Somebody else changed the record.
    #[error("stale version")]
    Stale {
        /// Version stored now.
        current: i64,
    },
    /// A rule about roles.
    #[error(transparent)]
    Role(#[from] RoleRule),
    /// It would leave the practice without an active owner.
    #[error("last active owner")]
    LastOwner,
    /// The account's state does not allow it.
    #[error("not possible in state {0}")]
    State(Status),
    /// One can't suspend or delete oneself.
    #[error("own account")]
    Oneself,
    /// The user has come in, or others refer to them.
    #[error("user has signed in")]
    Kept,
    /// Database.
    #[error("user could not be stored")]
    Store(#[from] StoreError),
}

impl From<&UserError> for Refusal {
    fn from(error: &UserError) -> Self {
        let conflict = |code, sentence: &str, field| Self::Conflict {
            code,
            sentence: sentence.to_owned(),
            field,
        };
        match error {
            UserError::Access(error) => (*error).into(),
            UserError::Invalid(problems) => Self::Invalid(problems.clone()),
            UserError::EmailTaken => conflict(
                "email_taken",
                "Somebody in this practice already signs in with this e-mail address.",
                Some("email"),
            ),
            UserError::Stale { current } => Self::Stale { current: *current },
            UserError::Role(rule) => Self::Forbidden(rule.to_string()),
            UserError::LastOwner => conflict(
                "last_owner",
                "This is the practice's last active owner. Make somebody else an owner first.",
                Some("roles"),
            ),
            UserError::State(status) => Self::Conflict {
                code: "wrong_state",
                sentence: format!(
                    "This can't be done with an account that is {}.",
                    status.label().to_lowercase()
                ),
                field: None,
            },
            UserError::Oneself => conflict(
                "own_account",
                "Nobody can suspend or delete their own account. Ask a colleague.",
                None,
            ),
            UserError::Kept => conflict(
                "has_signed_in",
                "This person has worked here, so the account stays. Suspend it instead.",
                None,
            ),
            UserError::Store(error) => Self::from(error),
        }
    }
}

impl From<UserError> for Refusal {
    fn from(error: UserError) -> Self {
        Self::from(&error)
    }
}

/// Rules about who may give or take which role; `Display` is the sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleRule {
    /// Only an owner makes or changes owners.
    #[error("Only an owner can change an owner's account or make somebody an owner.")]
    OwnerOnly,
    /// IT administrators stay below administrators.
    #[error("An IT administrator can't change accounts of owners and administrators, or make somebody one.")]
    AboveItAdmin,
    /// Nobody raises themselves.
    #[error("Nobody can give themselves a role. Ask another owner or administrator.")]
    Oneself,
    /// Auditor combines with nothing.
    #[error("An auditor can hold no other role.")]
    AuditorAlone,
}

/// Whether an actor with `actor` roles may turn a user's roles from `before` into `after`. Pure.
///
/// # Errors
/// The rule that is broken.
pub fn may_change_roles(actor: &[Role], before: &[Role], after: &[Role], is_self: bool) -> Result<(), RoleRule> {
    let has = |roles: &[Role], role| roles.contains(&role);
    if has(after, Role::Auditor) && after.len() > 1 {
        return Err(RoleRule::AuditorAlone);
    }
    if is_self {
        // An owner who treats holds a treating role as well (IAM, Rules); everything else comes from somebody else.
        let may_take = |role: &Role| has(actor, Role::Owner) && matches!(role, Role::Clinician | Role::Supervisor);
        if after.iter().any(|role| !before.contains(role) && !may_take(role)) {
            return Err(RoleRule::Oneself);
        }
    }
    may_touch(actor, before)?;
    may_touch(actor, after)
}

/// Whether an actor may change the account of somebody with these roles. Pure.
///
/// # Errors
/// The rule that is broken.
pub fn may_touch(actor: &[Role], roles: &[Role]) -> Result<(), RoleRule> {
    if actor.contains(&Role::Owner) {
        return Ok(());
    }
    if roles.contains(&Role::Owner) {
        return Err(RoleRule::OwnerOnly);
    }
    if !actor.contains(&Role::Administrator) && roles.contains(&Role::Administrator) {
        return Err(RoleRule::AboveItAdmin);
    }
    Ok(())
}

/// Notes that a user has come in.
///
/// # Errors
/// The database.
pub(crate) async fn signed_in(tx: &Tx, user: UserId) -> Result<(), StoreError> {
    store::signed_in(tx, tx.practice(), user, tx.now()).await.map(drop)
}

/// Ends a user's setting up: password and second factor are there.
///
/// # Errors
/// The database.
pub(crate) async fn onboarded(tx: &Tx, user: UserId) -> Result<(), StoreError> {
    store::onboarded(tx, tx.practice(), user, tx.now()).await.map(drop)
}

/// Colleagues' names and roles, for choosing one.
///
/// # Errors
/// Rights; database.
pub async fn directory(tx: &Tx, actor: &Actor) -> Result<Vec<DirectoryRow>, UserError> {
    actor.need(kernel::Permission::UserDirectory)?;
    Ok(store::directory(tx, tx.practice()).await?)
}

/// Routes of users.
pub(crate) fn routes() -> Routes {
    pages::routes().merge(api::routes())
}

#[cfg(test)]
mod tests {
    use super::{RoleRule, may_change_roles};
    use kernel::Role::{self, Administrator, Auditor, Clinician, ItAdmin, Owner};

    #[test]
    fn iam_14_nobody_reaches_above_themselves() {
        let check = |actor: &[Role], before: &[Role], after: &[Role], own: bool, expected: Result<(), RoleRule>| {
            assert_eq!(
                may_change_roles(actor, before, after, own),
                expected,
                "{actor:?}: {before:?} to {after:?}, own {own}"
            );
        };
        check(&[Owner], &[Clinician], &[Owner], false, Ok(()));
        check(&[Owner], &[Owner], &[Owner, Clinician], true, Ok(()));
        check(&[Owner], &[Owner], &[Owner, ItAdmin], true, Err(RoleRule::Oneself));
        check(
            &[Administrator],
            &[Administrator],
            &[Administrator, Owner],
            true,
            Err(RoleRule::Oneself),
        );
        check(
            &[Administrator],
            &[Clinician],
            &[Owner],
            false,
            Err(RoleRule::OwnerOnly),
        );
        check(
            &[Administrator],
            &[Owner],
            &[Clinician],
            false,
            Err(RoleRule::OwnerOnly),
        );
        check(&[Administrator], &[Administrator], &[Clinician], false, Ok(()));
        check(&[ItAdmin], &[Clinician], &[ItAdmin], false, Ok(()));
        check(
            &[ItAdmin],
            &[Clinician],
            &[Administrator],
            false,
            Err(RoleRule::AboveItAdmin),
        );
        check(
            &[ItAdmin],
            &[Administrator],
            &[Clinician],
            false,
            Err(RoleRule::AboveItAdmin),
        );
        check(&[Owner], &[], &[Auditor, Clinician], false, Err(RoleRule::AuditorAlone));
        check(
            &[Administrator],
            &[Administrator, Clinician],
            &[Clinician],
            true,
            Ok(()),
        );
    }
}
