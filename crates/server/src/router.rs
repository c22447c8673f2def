//! All rooms' routes under the layers that every request passes.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use identity::web::{Access, Html, Routes, origin_guard, render_failures};
use platform::App;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::{live, observe};

/// Bodies above this are refused (INT, sizes: a FHIR transaction has 25 MiB; forms and JSON are far smaller).
const BODY_BYTES_MAX: usize = 25 * 1024 * 1024;

/// The routes of all rooms, with what they declare.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .merge(identity::routes())
        .merge(clients::routes())
        .merge(scheduling::routes())
        .merge(clinical::routes())
        .merge(interop::routes())
        .page("/live", Access::SignedIn, get(live::live))
}

/// The REST description (OpenAPI 3.1).
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    let (_, mut description) = routes().build();
    description.info.title = "MentalSpace".to_owned();
    description.info.version = "1".to_owned();
    description.info.description = Some(
        "Send an API key as `Authorization: Bearer`. Lists answer `{\"items\": […], \"next\": cursor or null}`. \
         Creations need an `Idempotency-Key`; changes need `If-Match` with the ETag read before. \
         Errors are problem details (RFC 9457) as `application/problem+json`."
            .to_owned(),
    );
    let scheme = utoipa::openapi::security::SecurityScheme::Http(utoipa::openapi::security::Http::new(
        utoipa::openapi::security::HttpAuthScheme::Bearer,
    ));
    description
        .components
        .get_or_insert_default()
        .security_schemes
        .insert("key".to_owned(), scheme);
    description.security = Some(vec![utoipa::openapi::security::SecurityRequirement::new(
        "key",
        Vec::<String>::new(),
    )]);
    description
}

/// The whole service.
pub fn service(app: App) -> Router {
    let (rooms, _) = routes().build();
    let text = description().to_json().unwrap_or_default();
    let metrics = observe::start_metrics();
    let open = Router::new()
        .route("/healthz", get(observe::healthz))
        .route("/readyz", get(observe::readyz))
        .route("/metrics", get(observe::metrics))
        .route("/design", get(design))
        .route(
            "/api/docs",
            get(move || async move { Html(interop::viewer(&description())) }),
        )
        .route(
            "/api/v1/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() }),
        )
        .layer(Extension(metrics));
    let compress = CompressionLayer::new()
        .gzip(true)
        .br(true)
        .quality(tower_http::CompressionLevel::Fastest)
        .compress_when(
            SizeAbove::new(512)
                .and(NotForContentType::SSE)
                .and(NotForContentType::IMAGES)
                .and(NotForContentType::const_new("application/pdf")),
        );
    rooms
        .merge(open)
        .layer(from_fn(origin_guard))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(from_fn(time_limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(render_failures))
        .merge(ui::assets::routes())
        .layer(compress)
        .layer(from_fn(security_headers))
        .layer(from_fn(observe::watch))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(app)
}

/// Every component of the look, in light, dark and phone width. It shows nobody's data.
async fn design() -> Html {
    let nav = [
        ("Today", "/", "home"),
        ("Calendar", "/calendar", "calendar"),
        ("Clients", "/clients", "users"),
    ];
    let nav = nav.map(|(label, path, icon)| ui::NavItem {
        label,
        path,
        icon,
        ..ui::NavItem::default()
    });
    Html(ui::design_page(&ui::Chrome {
        practice: "MentalSpace".to_owned(),
        person: "Somebody".to_owned(),
        role: "Design".to_owned(),
        nav: nav.into(),
        ..ui::Chrome::default()
    }))
}

/// A request that takes this long has met a fault; its transaction rolls back.
async fn time_limit(request: Request, next: Next) -> Response {
    if request.uri().path() == "/live" {
        return next.run(request).await;
    }
    match tokio::time::timeout(Duration::from_secs(60), next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    // The panic hook has logged where; the person gets the page of a fault.
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// What every answer carries (IAM-61).
async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(ui::assets::content_security_policy());
    let fixed: [(HeaderName, HeaderValue); 7] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"),
        ),
    ];
    for (name, value) in fixed {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
