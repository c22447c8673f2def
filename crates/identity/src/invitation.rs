//! Links sent by mail that open once: the invitation to set a password (IAM-12; numbers: 48 h).
//!
//! Invariant: of two browsers that redeem one link exactly one wins, by one guarded update.

mod store;

use store::Link;

use jiff::{SignedDuration, Timestamp};
use kernel::{Refusal, UserId};
use platform::{App, StoreError, Tx, mail};
use serde_json::json;

use crate::audit::{self, Action, Entry, Purpose};
use crate::password::{self, HashError, Password, WeakPassword};
use crate::session::{self, Browser, fresh_token};
use crate::sign_in;
use crate::user::{self, Status};
use crate::web::{Shown, cookie_value};

/// How long an invitation opens.
const INVITATION: SignedDuration = SignedDuration::from_hours(48);

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkState {
    /// It opens.
    Open {
        /// The practice's name.
        practice: String,
        /// Whom it greets.
        given_name: String,
    },
    /// It was used.
    Used,
    /// It is too old.
    Expired,
    /// A newer one took its place.
    Replaced,
    /// It is none of ours.
    Unknown,
}

impl LinkState {
    /// Title and sentence for people.
    pub(crate) const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Open { .. } => ("Welcome", "This link is good."),
            Self::Used => (
                "This link was used",
                "Each link opens once, and this one was used already.",
            ),
            Self::Expired => (
                "This link has expired",
                "Links open for 48 hours, and this one is older.",
            ),
            Self::Replaced => (
                "This link was replaced",
                "A newer link was sent; look for the latest message.",
            ),
            Self::Unknown => (
                "This link is not right",
                "It may have been cut off on its way. Copy it whole from the message.",
            ),
        }
    }
}

/// Why a link was not redeemed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedeemError {
    /// The password is not good enough.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The link does not open.
    #[error("link does not open")]
    Link(LinkState),
    /// Hashing.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<&RedeemError> for Refusal {
    fn from(error: &RedeemError) -> Self {
        match error {
            RedeemError::Weak(weak) => Self::field("password", weak.code(), weak.to_string()),
            RedeemError::Link(_) => Self::NotFound,
            RedeemError::Hash(error) => Self::from(error),
            RedeemError::Store(error) => Self::from(error),
        }
    }
}

/// Writes an invitation to the outbox; earlier ones of the same user no longer open.
///
/// # Errors
/// The database.
pub(crate) async fn send(app: &App, tx: &Tx, user: UserId, email: &str) -> Result<(), StoreError> {
    let practice = tx.practice();
    store::replace(tx, practice, user, tx.now()).await?;
    let (token, hash) = fresh_token();
    store::insert(tx, practice, tx.id(), user, &hash, tx.now(), tx.now() + INVITATION).await?;
    let house = app.config.public_url.as_deref().map_or_else(
        || format!("http://{}", app.config.listen),
        |url| url.trim_end_matches('/').to_owned(),
    );
    let (name, _) = crate::practice::store::name_and_zone(tx, practice).await?;
    let body = format!(
        "{name} has made an account for you in MentalSpace.\n\nOpen this link within 48 hours to choose your password:\n\n{house}/invite/{}\n\nIf you did not expect this, you can ignore it.\n",
        cookie_value(practice, &token)
    );
    mail::write(tx, email, "Your account in MentalSpace", &body).await
}

/// Looks at a link without spending it.
///
/// # Errors
/// The database.
pub(crate) async fn look(app: &App, token: &str) -> Result<LinkState, StoreError> {
    let Some(shown) = Shown::parse(token, false) else {
        return Ok(LinkState::Unknown);
    };
    let tx = app.db.begin(shown.practice()).await?;
    let link = store::find(&tx, shown.practice(), &shown.hash()).await?;
    let state = state(link.as_ref(), tx.now());
    tx.commit().await?;
    Ok(state)
}

fn state(link: Option<&Link>, now: Timestamp) -> LinkState {
    match link {
        None => LinkState::Unknown,
        Some(link) if link.replaced_at.is_some() => LinkState::Replaced,
        Some(link) if link.used_at.is_some() || link.status != Status::Invited => LinkState::Used,
        Some(link) if link.expires_at <= now => LinkState::Expired,
        Some(link) => LinkState::Open {
            practice: link.practice_name.clone(),
            given_name: link.given_name.clone(),
        },
    }
}

/// Spends a link: sets the password and begins the session in which the second factor is set up.
///
/// # Errors
/// [`RedeemError`]; the link then still opens.
pub(crate) async fn redeem(app: &App, token: &str, typed: &str, browser: &Browser) -> Result<String, RedeemError> {
    let Some(shown) = Shown::parse(token, false) else {
        return Err(RedeemError::Link(LinkState::Unknown));
    };
    let practice = shown.practice();
    let looking = app.db.begin(practice).await?;
    let link = store::find(&looking, practice, &shown.hash()).await?;
    let now = looking.now();
    looking.commit().await?;
    let Some(link) = link.filter(|link| matches!(state(Some(link), now), LinkState::Open { .. })) else {
        return Err(RedeemError::Link(LinkState::Used));
    };
    let about = [
        link.email.as_str(),
        &link.given_name,
        &link.family_name,
        &link.practice_name,
    ];
    // Hashed outside the transaction, which would otherwise hold a connection while it queues.
    let hash = password::hash(app, Password::checked(typed, &about)?).await?;
    let tx = app.db.begin(practice).await?;
    if store::spend(&tx, practice, &shown.hash(), tx.now()).await? == 0 {
        return Err(RedeemError::Link(LinkState::Used));
    }
    user::store::set_password(&tx, practice, link.user_id, &hash, tx.now()).await?;
    user::store::set_status(&tx, practice, link.user_id, Status::Onboarding, "", tx.now()).await?;
    let (id, cookie) = session::start(&tx, link.user_id, browser, false).await?;
    let actor = sign_in::actor(&tx, link.user_id, browser, Some(id)).await?;
    let entry = Entry::new(Action::Update, "app_user")
        .id(link.user_id.uuid())
        .purpose(Purpose::Administration);
    audit::record(
        &tx,
        &actor,
        entry.detail(json!({ "status": "onboarding", "password": "set" })),
    )
    .await?;
    tx.commit().await?;
    Ok(cookie)
}
