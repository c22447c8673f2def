//! REST conventions (INT): JSON bodies, ETags and `If-Match`, cursors, idempotency keys.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{PracticeId, Refusal};
use platform::App;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ask::{form_token, session_token};
use super::{Ask, Failure};

fn malformed(sentence: impl Into<String>) -> Failure {
    Failure(Refusal::Malformed(sentence.into()))
}

/// A JSON body, or an answer in JSON. Refuses other media types, unknown fields (by the type), bad syntax.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (value, _) = body(request, app).await?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.0).into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// A body of a POST that creates, with the key that makes a repetition harmless.
pub struct Draft<T> {
    /// The parsed body.
    pub body: T,
    /// The key and what it was used with.
    pub once: Idempotency,
}

impl<T: DeserializeOwned> FromRequest<App> for Draft<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let key = request
            .headers()
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let key = key.ok_or_else(|| malformed("Send an Idempotency-Key (a UUID of your own) with each creation, so that a repetition creates nothing twice."))?;
        let key = key
            .trim_matches('"')
            .parse::<Uuid>()
            .map_err(|_| malformed("The Idempotency-Key is not a UUID."))?;
        let line = format!("{} {}\n", request.method(), request.uri().path());
        let (body, bytes) = body(request, app).await?;
        let fingerprint = Sha256::new()
            .chain_update(line)
            .chain_update(&bytes)
            .finalize()
            .to_vec();
        Ok(Self {
            body,
            once: Idempotency {
                key: key.to_string(),
                fingerprint,
            },
        })
    }
}

async fn body<T: DeserializeOwned>(request: Request, app: &App) -> Result<(T, axum::body::Bytes), Failure> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind == "application/json" || kind == "application/merge-patch+json"
        });
    if !is_json {
        return Err(malformed("Send the body as application/json."));
    }
    guard_cookie(request.headers())?;
    let bytes = axum::body::Bytes::from_request(request, app)
        .await
        .map_err(|_| malformed("The body is too large or broke off."))?;
    let value = serde_json::from_slice(&bytes).map_err(|error| {
        if error.is_data() {
            Failure(Refusal::field("body", "shape", format!("{error}.")))
        } else {
            malformed(format!("The body is not JSON: {error}."))
        }
    })?;
    Ok((value, bytes))
}

/// A browser's session may call the API too, but only with its form token in `x-csrf-token`.
fn guard_cookie(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let expected = session_token(headers)
        .map(|token| form_token(&token))
        .ok_or(Failure(Refusal::SignIn))?;
    let shown = headers
        .get("x-csrf-token")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if shown == expected {
        Ok(())
    } else {
        Err(Failure(Refusal::Forbidden(
            "Send the page's form token as x-csrf-token, or use an API key.".to_owned(),
        )))
    }
}

/// Applies a merge patch (RFC 7396) of one level: absent fields stay, null empties, unknown ones are refused by the type.
///
/// # Errors
/// A patch that is no object, an unknown field, a wrong type.
pub fn merged<T: Serialize + DeserializeOwned>(before: &T, patch: Value) -> Result<T, Failure> {
    let Value::Object(patch) = patch else {
        return Err(malformed("The patch is no JSON object."));
    };
    let mut value = serde_json::to_value(before).map_err(|error| Failure::fault(&error))?;
    if let Value::Object(fields) = &mut value {
        fields.extend(patch);
    }
    serde_json::from_value(value).map_err(|error| Failure(Refusal::field("body", "shape", format!("{error}."))))
}

/// A record with its version as a strong ETag.
pub struct Tagged<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// A record just created: 201 with its address and ETag.
pub struct Created<T> {
    /// The record's path.
    pub location: String,
    /// Its version.
    pub version: i64,
    /// The record.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = Tagged(self.version, self.body).into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// The version an edit was made on, from `If-Match`; 428 without it.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i64);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        let text = parts
            .headers
            .get(header::IF_MATCH)
            .ok_or(Failure(Refusal::ConditionMissing))?;
        let version = text
            .to_str()
            .ok()
            .and_then(|text| text.trim_start_matches("W/").trim_matches('"').parse().ok());
        version
            .map(Self)
            .ok_or_else(|| malformed("If-Match holds no version of ours; send the ETag of your last read."))
    }
}

/// Query parameters; unknown ones are refused when the type says so.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default())
            .map(Self)
            .map_err(|error| malformed(format!("The query is not right: {error}.")))
    }
}

/// Where a list starts and how long its pages are.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items on a page: 1 to 200, 50 when absent.
    #[serde(default)]
    pub limit: Option<i64>,
    /// The `next` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

impl Paging {
    /// Items wanted, within bounds.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(50).clamp(1, 200)
    }

    /// The last item's sort key of the page before.
    ///
    /// # Errors
    /// A cursor that is not ours.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Refusal> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let decoded = URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        decoded.map(Some).ok_or_else(|| {
            Refusal::Malformed("The cursor is not one of ours; start the list again without it.".to_owned())
        })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Cuts a page from rows that were asked for one more than the limit.
    pub fn cut<K: Serialize>(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(50);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more {
            items
                .last()
                .and_then(|last| serde_json::to_vec(&key(last)).ok())
                .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
        } else {
            None
        };
        Self { items, next }
    }

    /// Turns the items into another shape.
    pub fn map<U>(self, shape: impl FnMut(T) -> U) -> List<U> {
        List {
            items: self.items.into_iter().map(shape).collect(),
            next: self.next,
        }
    }
}

platform::row! {
    struct First {
        fingerprint: Vec<u8>,
        status: Option<i32>,
        location: Option<String>,
        etag: Option<String>,
        response: Option<Value>,
    }
}
platform::statement! {
    /// Takes an idempotency key; a second sender waits for the first one's commit here.
    fn take(practice: PracticeId, caller: Uuid, key: &str, fingerprint: &[u8], now: jiff::Timestamp) -> count = "
    insert into idempotency_key (practice_id, caller_id, key, fingerprint, created_at)
    values ($1, $2, $3, $4, $5) on conflict (practice_id, caller_id, key) do nothing"
}
platform::statement! {
    /// The first answer under a key.
    fn first(practice: PracticeId, caller: Uuid, key: &str) -> maybe First = "
    select fingerprint, status, location, etag, response from idempotency_key where practice_id = $1 and caller_id = $2 and key = $3"
}
platform::statement! {
    /// Keeps the answer.
    fn keep(practice: PracticeId, caller: Uuid, key: &str, status: i32, location: &str, etag: &str, response: &Value) -> count = "
    update idempotency_key set status = $4, location = $5, etag = $6, response = $7
     where practice_id = $1 and caller_id = $2 and key = $3"
}

/// An Idempotency-Key with a fingerprint of what it was sent with.
pub struct Idempotency {
    key: String,
    fingerprint: Vec<u8>,
}

impl Idempotency {
    /// Takes the key in the transaction of the deed; `Some` is the first answer, to be given again.
    ///
    /// # Errors
    /// The key was used with another body (422), or the database.
    pub async fn take(&self, ask: &Ask) -> Result<Option<Response>, Failure> {
        let caller = caller(ask);
        if take(
            &ask.tx,
            ask.actor.practice,
            caller,
            &self.key,
            &self.fingerprint,
            ask.tx.now(),
        )
        .await?
            == 1
        {
            return Ok(None);
        }
        let first = first(&ask.tx, ask.actor.practice, caller, &self.key)
            .await?
            .ok_or(Failure(Refusal::Unavailable))?;
        if first.fingerprint != self.fingerprint {
            return Err(Failure(Refusal::field(
                "Idempotency-Key",
                "reused",
                "This Idempotency-Key was already used with another body.",
            )));
        }
        let mut response = Json(first.response.unwrap_or_default()).into_response();
        *response.status_mut() = first
            .status
            .and_then(|status| u16::try_from(status).ok())
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::CREATED);
        let headers = response.headers_mut();
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        for (name, value) in [(header::LOCATION, first.location), (header::ETAG, first.etag)] {
            if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
                headers.insert(name, value);
            }
        }
        Ok(Some(response))
    }

    /// Keeps the answer with the deed, commits both, and gives the answer.
    ///
    /// # Errors
    /// The database.
    pub async fn created<T: Serialize>(self, ask: Ask, answer: Created<T>) -> Result<Response, Failure> {
        let body = serde_json::to_value(&answer.body).map_err(|error| Failure::fault(&error))?;
        let tag = format!("\"{}\"", answer.version);
        keep(
            &ask.tx,
            ask.actor.practice,
            caller(&ask),
            &self.key,
            201,
            &answer.location,
            &tag,
            &body,
        )
        .await?;
        ask.tx.commit().await?;
        Ok(answer.into_response())
    }
}

/// Keys belong to whoever sends them: an API key or a user.
fn caller(ask: &Ask) -> Uuid {
    ask.actor
        .key
        .map(kernel::ApiKeyId::uuid)
        .or(ask.actor.user.map(kernel::UserId::uuid))
        .unwrap_or_default()
}
