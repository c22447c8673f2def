//! Posted forms: read whole, with proof that they come from our own page, and answered once.

use axum::extract::{FromRequest, Request};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{PracticeId, Refusal};
use platform::{App, StoreError, Tx};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::Failure;
use super::ask::{form_token, session_token};

/// A posted form of a signed-in person. Every field of `T` has a default, so that an absent one is an empty
/// text and gets its message beside the field, never a bare refusal.
pub struct Posted<T>(pub T);

#[derive(serde::Deserialize)]
struct Token {
    #[serde(default, rename = "_token")]
    token: String,
}

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let expected = session_token(request.headers())
            .map(|token| form_token(&token))
            .ok_or(Failure(Refusal::SignIn))?;
        let in_header = request
            .headers()
            .get("x-csrf-token")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let bytes = axum::body::Bytes::from_request(request, app)
            .await
            .map_err(|_| unreadable())?;
        let shown = match in_header {
            Some(token) => token,
            None => parse::<Token>(&bytes)?.token,
        };
        if !bool::from(shown.as_bytes().ct_eq(expected.as_bytes())) {
            return Err(Failure(Refusal::Forbidden(
                "This form was opened before you last signed in. Go back, reload the page and send it again; your browser still has what you typed.".to_owned(),
            )));
        }
        Ok(Self(parse(&bytes)?))
    }
}

/// A posted form of somebody who is not signed in (or not wholly). There is no session to hold a token, so what
/// counts is that the browser says the form came from our own page.
pub struct PublicForm<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for PublicForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        if is_foreign(request.headers()) {
            return Err(foreign());
        }
        let bytes = axum::body::Bytes::from_request(request, app)
            .await
            .map_err(|_| unreadable())?;
        Ok(Self(parse(&bytes)?))
    }
}

/// Whether another site's page sent this, as far as the browser tells.
fn is_foreign(headers: &axum::http::HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    let foreign_site = text("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site");
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let foreign_origin = text(header::ORIGIN.as_str())
        .is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host));
    foreign_site || foreign_origin
}

fn foreign() -> Failure {
    Failure(Refusal::Forbidden(
        "This request came from another site and was not carried out.".to_owned(),
    ))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_html_form::from_bytes(bytes).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    Failure(Refusal::Malformed(
        "The form could not be read. Nothing was changed. Go back and send it again.".to_owned(),
    ))
}

/// Refuses changes that another site's page sends with our cookie (beside SameSite and the form token).
pub async fn origin_guard(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && is_foreign(request.headers()) && session_token(request.headers()).is_some() {
        tracing::warn!(path = request.uri().path(), "Refused a change sent by another site");
        return foreign().into_response();
    }
    next.run(request).await
}

platform::statement! {
    /// Takes a form's once-key; a second sender waits for the first one's commit here. Unique: primary key.
    fn take(practice: PracticeId, caller: Uuid, key: &str, now: jiff::Timestamp) -> count = "
    insert into idempotency_key (practice_id, caller_id, key, fingerprint, created_at)
    values ($1, $2, $3, '', $4) on conflict (practice_id, caller_id, key) do nothing"
}
platform::statement! {
    /// Where the first sender of a form was sent.
    fn answered(practice: PracticeId, caller: Uuid, key: &str) -> maybe (Option<String>,) = "
    select location from idempotency_key where practice_id = $1 and caller_id = $2 and key = $3"
}
platform::statement! {
    /// Keeps where the sender is sent.
    fn keep(practice: PracticeId, caller: Uuid, key: &str, location: &str) -> count = "
    update idempotency_key set location = $4, status = 303 where practice_id = $1 and caller_id = $2 and key = $3"
}

/// Makes a form that creates something do it once, however often its button is pressed.
///
/// The page puts `Once::fresh()` into the hidden field `_once`; the handler takes it in the transaction of the
/// deed and keeps where it leads.
pub struct Once {
    caller: Uuid,
    key: String,
}

impl Once {
    /// A key for a freshly drawn form.
    #[must_use]
    pub fn fresh() -> String {
        Uuid::new_v4().to_string()
    }

    /// Takes the key; `Err(path)` is where the first sending led.
    ///
    /// # Errors
    /// The database.
    pub async fn take(tx: &Tx, caller: Uuid, key: &str) -> Result<Result<Self, String>, StoreError> {
        let key = if key.is_empty() || key.len() > 64 {
            Self::fresh()
        } else {
            format!("form:{key}")
        };
        if take(tx, tx.practice(), caller, &key, tx.now()).await? == 1 {
            return Ok(Ok(Self { caller, key }));
        }
        let first = answered(tx, tx.practice(), caller, &key)
            .await?
            .and_then(|(location,)| location);
        Ok(Err(first.unwrap_or_else(|| "/".to_owned())))
    }

    /// Keeps where the deed leads.
    ///
    /// # Errors
    /// The database.
    pub async fn keep(self, tx: &Tx, location: &str) -> Result<(), StoreError> {
        keep(tx, tx.practice(), self.caller, &self.key, location)
            .await
            .map(drop)
    }
}
