//! Logs and metrics: what operators see. Neither holds PHI: paths carry ids only, and queries are left out.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use platform::App;
use platform::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts the log on standard error. Calling it twice is harmless.
pub fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_env("MENTALSPACE_LOG_FILTER")
        .unwrap_or_else(|_| EnvFilter::new("info,tokio_postgres=warn,refinery_core=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let _already_started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Starts the metrics; `None` if something else in this process records them already.
#[must_use]
pub fn start_metrics() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets(&[
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ])
        .ok()?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok().map(|()| handle)
}

/// Counts and times each request by route, and logs it as one line.
pub async fn watch(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let id = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    let labels = [
        ("route", route.clone()),
        ("method", method.to_string()),
        ("status", status.to_string()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", "route" => route.clone()).record(took.as_secs_f64());
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::error!(request.id = id, http.method = %method, http.route = route, http.status = status, millis, "Answered with a fault");
    } else {
        tracing::debug!(request.id = id, http.method = %method, http.route = route, http.status = status, millis, "Answered");
    }
    response
}

/// `/healthz`: the process is alive.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `/readyz`: it can do its work, the database included.
pub async fn readyz(State(app): State<App>) -> Response {
    match app.db.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = platform::causes(&error), "Not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "database unavailable\n").into_response()
        }
    }
}

/// `/metrics` in Prometheus's text format, for this machine only: a proxy is never on the loopback of strangers.
pub async fn metrics(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    handle: axum::Extension<Option<PrometheusHandle>>,
    request: Request,
) -> Response {
    if !from.ip().is_loopback() || request.headers().contains_key("x-forwarded-for") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (open, busy) = app.db.connections();
    metrics::gauge!("database_connections_open").set(f64::from(u32::try_from(open).unwrap_or(u32::MAX)));
    metrics::gauge!("database_connections_busy").set(f64::from(u32::try_from(busy).unwrap_or(u32::MAX)));
    let text = handle.0.map_or_else(String::new, |handle| handle.render());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
