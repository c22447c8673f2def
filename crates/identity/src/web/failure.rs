//! How a refusal or fault leaves the house: as a page for people, as problem details for programs
//! (RFC 9457), as an OperationOutcome under `/fhir`; chosen in one place by the path that was asked.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Refusal;
use maud::Markup;
use platform::StoreError;
use serde_json::{Value, json};

use crate::AccessError;

/// A complete page.
#[derive(Debug)]
pub struct Html(pub Markup);

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            self.0.into_string(),
        )
            .into_response()
    }
}

/// A form that could not be taken, shown again with what was typed (422).
#[must_use]
pub fn unprocessable(page: Markup) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()
}

/// After a successful POST: go and look (303).
#[must_use]
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// What a handler returns when it can't answer. The words are the refusal's; the cause is logged once, here.
#[derive(Debug)]
pub struct Failure(pub Refusal);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl Failure {
    /// The failure that an operation's error is, by the operation's own map.
    pub fn of<E>(error: &E) -> Self
    where
        E: std::error::Error + 'static,
        for<'a> Refusal: From<&'a E>,
    {
        let refusal = Refusal::from(error);
        match refusal {
            Refusal::Fault | Refusal::Unavailable => {
                tracing::error!(error = platform::causes(error), "A request failed")
            }
            _ => {}
        }
        Self(refusal)
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        Self(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = platform::causes(&error), "The database refused or failed");
        Self(Refusal::from(&error))
    }
}

impl Failure {
    /// A fault that is not the database's, with its cause for the log.
    pub fn fault(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = platform::causes(error), "A request failed");
        Self(Refusal::Fault)
    }
}

impl IntoResponse for Failure {
    /// Carries the refusal outward; [`render_failures`] gives it words fit for who asked.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// Gives each refusal its words, in the form fit for who asked. Outermost but for the request id.
pub async fn render_failures(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let back = request
        .uri()
        .path_and_query()
        .map_or_else(|| path.clone(), ToString::to_string);
    let is_get = request.method() == axum::http::Method::GET;
    let id = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut response = next.run(request).await;
    let refusal = match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => refusal,
        // axum's own bare answers, such as for an unknown path, get the same words.
        None if response.headers().get(header::CONTENT_TYPE).is_none_or(is_plain_text) => match response.status() {
            StatusCode::NOT_FOUND => Refusal::NotFound,
            StatusCode::BAD_REQUEST => Refusal::Malformed("The request could not be read.".to_owned()),
            StatusCode::INTERNAL_SERVER_ERROR => Refusal::Fault,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => Refusal::Unavailable,
            _ => return response,
        },
        None => return response,
    };
    let mut answer = if path.starts_with("/fhir/") {
        outcome(&refusal)
    } else if path.starts_with("/api/") {
        problem(&refusal, &path, &id)
    } else if matches!(refusal, Refusal::SignIn) {
        let target = if is_get {
            format!("/sign-in?return={}", encoded(&back))
        } else {
            "/sign-in".to_owned()
        };
        Redirect::to(&target).into_response()
    } else {
        let (title, sentence) = refusal.words();
        (
            status(&refusal),
            Html(ui::fault_page(title, &sentence, next_step(&refusal), &id)),
        )
            .into_response()
    };
    // Headers that the failing layer set deliberately (cookies, Allow) still leave.
    for (name, value) in response.headers() {
        if name == header::SET_COOKIE || name == header::ALLOW {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    match refusal {
        Refusal::TooMany { seconds } => retry_after(&mut answer, seconds),
        Refusal::Unavailable => retry_after(&mut answer, 10),
        _ => {}
    }
    answer
}

fn is_plain_text(value: &HeaderValue) -> bool {
    value.as_bytes().starts_with(b"text/plain")
}

fn retry_after(response: &mut Response, seconds: u32) {
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A text as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

const fn next_step(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "Check the address, or go back to where you came from.",
        Refusal::Forbidden(_) => "Go back, or ask somebody with the right role.",
        Refusal::SignIn => "Sign in and you will come back here.",
        Refusal::Invalid(_) | Refusal::Malformed(_) | Refusal::ConditionMissing => {
            "Go back and correct it; your browser still has what you typed."
        }
        Refusal::Conflict { .. } | Refusal::Stale { .. } => "Go back, look again, and decide with what is stored now.",
        Refusal::TooMany { .. } => "Wait a moment, then try again.",
        Refusal::Unavailable => "Try again in a minute. If this lasts, tell your administrator.",
        Refusal::Fault => "Try again. If it happens again, tell your administrator the number below.",
    }
}

/// Problem details (RFC 9457) with the conventions of INT.
fn problem(refusal: &Refusal, path: &str, id: &str) -> Response {
    let (title, detail) = refusal.words();
    let mut body = json!({
        "type": format!("urn:mentalspace:problem:{}", refusal.code()),
        "title": title, "status": refusal.status(), "detail": detail, "instance": path, "trace_id": id, "code": refusal.code(),
    });
    let errors: Vec<Value> = match refusal {
        Refusal::Invalid(problems) => problems.0.iter().map(|problem| json!({
            "pointer": format!("/{}", problem.field.replace('.', "/")), "code": problem.code, "message": problem.message })).collect(),
        Refusal::Conflict { field: Some(field), code, sentence } => vec![json!({ "pointer": format!("/{field}"), "code": code, "message": sentence })],
        _ => Vec::new(),
    };
    if !errors.is_empty() {
        body["errors"] = Value::Array(errors);
    }
    if let Refusal::Stale { current } = refusal {
        body["current_version"] = json!(current);
    }
    (
        status(refusal),
        [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        body.to_string(),
    )
        .into_response()
}

/// FHIR OperationOutcome; issue codes of http://hl7.org/fhir/issue-type.
fn outcome(refusal: &Refusal) -> Response {
    let code = match refusal {
        Refusal::NotFound => "not-found",
        Refusal::Forbidden(_) => "forbidden",
        Refusal::SignIn => "login",
        Refusal::Invalid(_) | Refusal::Malformed(_) => "invalid",
        Refusal::Conflict { .. } | Refusal::Stale { .. } | Refusal::ConditionMissing => "conflict",
        Refusal::TooMany { .. } => "throttled",
        Refusal::Unavailable => "transient",
        Refusal::Fault => "exception",
    };
    let body = json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": "error", "code": code, "diagnostics": refusal.words().1 }] });
    (
        status(refusal),
        [
            (header::CONTENT_TYPE, "application/fhir+json"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        body.to_string(),
    )
        .into_response()
}
