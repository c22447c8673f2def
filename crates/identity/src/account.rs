//! One's own account: password, sessions, recovery codes, keys for programs; and the proof that a person is
//! still who signed in, which signing asks for.

mod pages;

use kernel::{Problems, Refusal};
use platform::{App, StoreError, Tx};
use serde_json::json;

use crate::audit::{self, Action, Entry, Outcome, Purpose};
use crate::password::{self, HashError, Password, WeakPassword};
use crate::sign_in::{self, SignInError};
use crate::web::Failure;
use crate::{Actor, session, user};

pub(crate) use pages::routes;

/// Proof that the actor typed their password just now. Only [`prove_password`] makes it.
#[derive(Debug)]
pub struct Proof(());

/// Asks the actor's password again, for a deed that is a signature. The inner error is the sentence beside the
/// field; failures count toward the same lock as at the door.
///
/// # Errors
/// Too many tries; hashing or database.
pub async fn prove_password(app: &App, tx: &Tx, actor: &Actor, typed: &str) -> Result<Result<Proof, String>, Failure> {
    match sign_in::again(app, tx, actor, typed).await {
        Ok(()) => Ok(Ok(Proof(()))),
        Err(SignInError::Wrong) => {
            let entry = Entry::new(Action::SignIn, "app_user")
                .purpose(Purpose::Administration)
                .outcome(Outcome::Failure);
            // The transaction of the deed will not be committed, so the failure is kept in one of its own.
            let noting = app.db.begin(actor.practice).await?;
            audit::record(&noting, actor, entry.detail(json!({ "step": "proof" }))).await?;
            noting.commit().await?;
            Ok(Err(
                "This is not your password. Nothing was lost; please type it again.".to_owned(),
            ))
        }
        Err(error) => Err(Failure::of(&error)),
    }
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The current one is wrong.
    #[error("current password is wrong")]
    Wrong(String),
    /// The new one is not good enough.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Hashing.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<&ChangeError> for Refusal {
    fn from(error: &ChangeError) -> Self {
        match error {
            ChangeError::Wrong(sentence) => Self::field("current", "wrong", sentence.clone()),
            ChangeError::Weak(weak) => Self::field("password", weak.code(), weak.to_string()),
            ChangeError::Hash(error) => Self::from(error),
            ChangeError::Store(error) => Self::from(error),
        }
    }
}

impl ChangeError {
    /// The message beside its field, where it has one.
    pub(crate) fn problems(&self) -> Option<Problems> {
        match Refusal::from(self) {
            Refusal::Invalid(problems) => Some(problems),
            _ => None,
        }
    }
}

/// Sets a new password for whoever proved the current one; all other sessions end.
///
/// # Errors
/// [`ChangeError`].
pub(crate) async fn change_password(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    _proof: Proof,
    typed: &str,
) -> Result<(), ChangeError> {
    let Some(user) = actor.user else {
        return Err(ChangeError::Wrong("Only a person has a password.".to_owned()));
    };
    let row = user::store::find(tx, tx.practice(), user)
        .await?
        .ok_or(StoreError::NotOne(0))?;
    let about = [
        row.email.as_str(),
        &row.given_name,
        &row.family_name,
        &actor.practice_name,
    ];
    let hash = password::hash(app, Password::checked(typed, &about)?).await?;
    user::store::set_password(tx, tx.practice(), user, &hash, tx.now()).await?;
    let ended = session::end_all(tx, user, actor.session, "password_changed").await?;
    let entry = Entry::new(Action::Update, "app_user")
        .id(user.uuid())
        .purpose(Purpose::Administration);
    Ok(audit::record(
        tx,
        actor,
        entry.detail(json!({ "password": "changed", "sessions_ended": ended })),
    )
    .await?)
}
