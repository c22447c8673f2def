//! Pages of an appointment for people. They hold no rules: each asks one operation and draws what came of it.

mod book;
mod cancellation;
mod detail;
mod shift;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::Actor;
use identity::web::{Access, Drawing, Failure, Html, Routes};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{AppointmentId, Permission, Problems, Refusal, when};
use maud::Markup;
use platform::Tx;

use super::store::Appointment;

/// What a room above offers on an appointment's page, such as writing its note.
pub struct AppointmentAction {
    /// Place among the actions, smallest first.
    pub order: u8,
    /// Whoever has this at some reach sees it.
    pub permission: Permission,
    /// Draws it; empty markup leaves it out.
    pub draw: for<'a> fn(&'a Tx, &'a Actor, &'a Appointment) -> Drawing<'a>,
}
platform::inventory::collect!(AppointmentAction);

/// The pages' routes.
pub(crate) fn routes() -> Routes {
    let read = Access::Need(Permission::ScheduleRead);
    let manage = Access::Need(Permission::ScheduleManage);
    Routes::new()
        .page("/appointments", manage, post(book::create))
        .page("/appointments/new", manage, get(book::fresh))
        .page("/appointments/{id}", read, get(detail::page))
        .page("/appointments/{id}/confirm", manage, post(detail::confirm))
        .page("/appointments/{id}/check-in", manage, post(detail::check_in))
        .page("/appointments/{id}/undo-check-in", manage, post(detail::undo_check_in))
        .page("/appointments/{id}/start", manage, post(detail::start))
        .page("/appointments/{id}/complete", manage, post(detail::complete))
        .page("/appointments/{id}/no-show", manage, post(detail::no_show))
        .page("/appointments/{id}/move", manage, get(shift::form).post(shift::save))
        .page(
            "/appointments/{id}/cancellation",
            manage,
            get(cancellation::form).post(cancellation::save),
        )
}

/// The address of an appointment.
pub(crate) fn path(id: AppointmentId) -> String {
    format!("/appointments/{id}")
}

/// The client's name, or that it may not be read.
pub(crate) fn client_words(visit: &Appointment) -> &str {
    visit.client_name.as_deref().unwrap_or("Restricted")
}

/// `Today, 10:00–10:50`, in the appointment's own zone, which is named where it is not the reader's.
pub(crate) fn when_words(visit: &Appointment, now: Timestamp, reader: &TimeZone) -> String {
    let zone = TimeZone::get(&visit.time_zone).unwrap_or_else(|_| reader.clone());
    let day = when::near_day(when::date_in(visit.starts_at, &zone), when::date_in(now, &zone));
    let hours = format!(
        "{}–{}",
        when::clock(visit.starts_at, &zone),
        when::clock(visit.ends_at, &zone)
    );
    if zone.iana_name() == reader.iana_name() {
        format!("{day}, {hours}")
    } else {
        format!("{day}, {hours} ({})", visit.time_zone)
    }
}

/// An address that names no appointment is not found, whatever else is wrong with it.
fn id_of(Path(id): Path<String>) -> Result<AppointmentId, Failure> {
    id.parse().map_err(|_| Failure(Refusal::NotFound))
}

/// A page with another status than 200.
fn with_status(status: u16, page: Markup) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    (status, Html(page)).into_response()
}

/// The summary's lines.
fn summary(problems: &Problems) -> Vec<(&str, String)> {
    problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect()
}

/// The operation's problems under the names of the form's fields: people give date and time, not one start.
fn for_form(problems: Problems) -> Problems {
    Problems(
        problems
            .0
            .into_iter()
            .map(|mut problem| {
                if problem.field == "starts_at" {
                    problem.field = "time";
                }
                problem
            })
            .collect(),
    )
}
