//! Appointments, types and free starts for programs. Thin over the operations.

use axum::extract::{FromRequest, Path, Request};
use axum::http::header;
use axum::response::Response;
use identity::web::{Access, Ask, Created, Draft, Failure, IfMatch, Json, List, Paging, Query, Routes, Tagged};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use kernel::{
    AppointmentId, AppointmentTypeId, ClientId, LocationId, Permission, Problems, Refusal, UserId, text, when,
};
use platform::App;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes as handlers;

use super::ops::{self, BookError, Cancellation, Filter, Move, SlotSearch};
use super::store::Appointment;
use super::{CancellationReason, CancelledBy, Modality, NewAppointment, Start, Status};
use crate::appointment_type::{self, AppointmentType};

/// The REST routes.
pub(crate) fn routes() -> Routes {
    let (read, manage) = (
        Access::Need(Permission::ScheduleRead),
        Access::Need(Permission::ScheduleManage),
    );
    Routes::new()
        .api(read, handlers!(list))
        .api(manage, handlers!(create))
        .api(read, handlers!(read_one))
        .api(manage, handlers!(change))
        .api(manage, handlers!(confirm))
        .api(manage, handlers!(check_in))
        .api(manage, handlers!(undo_check_in))
        .api(manage, handlers!(start))
        .api(manage, handlers!(complete))
        .api(manage, handlers!(no_show))
        .api(manage, handlers!(cancel))
        .api(read, handlers!(types))
        .api(read, handlers!(slots))
}

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentBody {
    /// Its id.
    pub id: AppointmentId,
    /// Who comes.
    pub client_id: ClientId,
    /// The client's name; null where the caller may not open the client.
    pub client_name: Option<String>,
    /// Whom they see.
    pub clinician_id: UserId,
    /// The clinician's name.
    pub clinician_name: String,
    /// What for.
    pub type_id: AppointmentTypeId,
    /// The type's name.
    pub type_name: String,
    /// From.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// Until.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// IANA zone of its wall time.
    pub time_zone: String,
    /// The start on the wall clock.
    #[schema(value_type = String)]
    pub local_start: jiff::civil::DateTime,
    /// How they meet.
    pub modality: Modality,
    /// Where.
    pub location_id: Option<LocationId>,
    /// Where it stands.
    pub status: Status,
    /// Reason for the visit, for staff; null for callers who only read the schedule.
    pub reason: Option<String>,
    /// When the client came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_in_at: Option<Timestamp>,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub session_started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub session_ended_at: Option<Timestamp>,
    /// When it was called off.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cancelled_at: Option<Timestamp>,
    /// Who called it off.
    pub cancelled_by: Option<CancelledBy>,
    /// Why.
    pub cancellation_reason: Option<CancellationReason>,
    /// How often it was moved.
    pub reschedule_count: i32,
    /// Counts changes; also the ETag.
    pub version: i64,
}

impl From<Appointment> for AppointmentBody {
    fn from(visit: Appointment) -> Self {
        Self {
            id: visit.id,
            client_id: visit.client_id,
            client_name: visit.client_name,
            clinician_id: visit.clinician_id,
            clinician_name: visit.clinician_name,
            type_id: visit.type_id,
            type_name: visit.type_name,
            starts_at: visit.starts_at,
            ends_at: visit.ends_at,
            time_zone: visit.time_zone,
            local_start: visit.local_start,
            modality: visit.modality,
            location_id: visit.location_id,
            status: visit.status,
            reason: visit.reason,
            checked_in_at: visit.checked_in_at,
            session_started_at: visit.session_started_at,
            session_ended_at: visit.session_ended_at,
            cancelled_at: visit.cancelled_at,
            cancelled_by: visit.cancelled_by,
            cancellation_reason: visit.cancellation_reason,
            reschedule_count: visit.reschedule_count,
            version: visit.version,
        }
    }
}

/// Which appointments: a day, or a period; without either, from now on for 31 days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// A day in the practice's zone, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// That end after this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// That start before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// With these clinicians; may be given several times.
    #[serde(default)]
    pub clinician: Vec<UserId>,
    /// Of this client.
    pub client: Option<ClientId>,
    /// Items on a page: 1 to 200, 50 when absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

impl Wanted {
    fn period(&self, ask: &Ask) -> Result<(Timestamp, Timestamp), Failure> {
        if let Some(date) = &self.date {
            let date = date_of(date, "date")?;
            return when::day_range(date, &ask.actor.zone).map_err(|_| far("date"));
        }
        let from = self.from.unwrap_or_else(|| ask.tx.now());
        let until = match self.until {
            Some(until) => until,
            None => from.checked_add((31 * 24).hours()).map_err(|_| far("from"))?,
        };
        Ok((from, until))
    }
}

fn date_of(typed: &str, field: &'static str) -> Result<Date, Failure> {
    text::date(typed).map_err(|problem| Failure(Refusal::field(field, problem.code(), problem.to_string())))
}

fn far(field: &'static str) -> Failure {
    Failure(Refusal::field(field, "out_of_range", "This date is too far away."))
}

/// Lists appointments in order of start, within the caller's reach.
#[utoipa::path(get, path = "/api/v1/appointments", tag = "appointments", params(Wanted), responses(
    (status = 200, body = List<AppointmentBody>), (status = 400, description = "Bad query"), (status = 401, description = "No valid key"),
    (status = 403, description = "Not allowed"), (status = 422, description = "Invalid values"), (status = 503, description = "Try again")))]
pub async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Json<List<AppointmentBody>>, Failure> {
    let (from, until) = wanted.period(&ask)?;
    let paging = Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let limit = paging.limit();
    let filter = Filter {
        client: wanted.client,
        clinicians: wanted.clinician,
        from,
        until,
        after: paging.after()?,
        limit: limit + 1,
    };
    let visits = ops::list(&ask.tx, &ask.actor, &filter).await?;
    ask.tx.commit().await?;
    Ok(Json(
        List::cut(visits, limit, |visit| (visit.starts_at, visit.id)).map(Into::into),
    ))
}

/// An appointment to book.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBody {
    /// Who comes.
    pub client_id: ClientId,
    /// Whom they see.
    pub clinician_id: UserId,
    /// What for.
    pub type_id: AppointmentTypeId,
    /// From, an instant with offset.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// Minutes, where they differ from the type's.
    pub minutes: Option<i32>,
    /// How they meet, where it differs from the type's first.
    pub modality: Option<Modality>,
    /// Where; its zone becomes the appointment's.
    pub location_id: Option<LocationId>,
    /// Reason for the visit, for staff.
    pub reason: Option<String>,
    /// Why it may lie outside the working hours or in the past.
    pub override_reason: Option<String>,
}

/// Books an appointment. A taken hour is 409 `slot_taken`; its sentence names the next free starts.
#[utoipa::path(post, path = "/api/v1/appointments", tag = "appointments", request_body = NewBody, params(("Idempotency-Key" = String, Header, description = "A UUID of yours")), responses(
    (status = 201, body = AppointmentBody), (status = 400, description = "Malformed, or no Idempotency-Key"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"),
    (status = 404, description = "No such client"), (status = 409, description = "The hour is taken"), (status = 422, description = "Invalid values"), (status = 503, description = "Try again")))]
pub async fn create(ask: Ask, draft: Draft<NewBody>) -> Result<Response, Failure> {
    if let Some(first) = draft.once.take(&ask).await? {
        return Ok(first);
    }
    let body = draft.body;
    let mut problems = Problems::default();
    let reason = long(&mut problems, "reason", body.reason);
    let override_reason = short(&mut problems, "override_reason", body.override_reason);
    if !problems.is_empty() {
        return Err(Refusal::Invalid(problems).into());
    }
    let new = NewAppointment {
        client: body.client_id,
        clinician: body.clinician_id,
        kind: body.type_id,
        start: Start::Instant(body.starts_at),
        minutes: body.minutes,
        modality: body.modality,
        location: body.location_id,
        reason,
        override_reason,
    };
    let visit = ops::book(&ask.tx, &ask.actor, &new).await.map_err(for_body)?;
    let answer = Created {
        location: format!("/api/v1/appointments/{}", visit.id),
        version: visit.version,
        body: AppointmentBody::from(visit),
    };
    draft.once.created(ask, answer).await
}

fn long(problems: &mut Problems, field: &'static str, typed: Option<String>) -> Option<String> {
    let kept = problems.keep(field, text::lines(typed.as_deref().unwrap_or_default(), 1000))?;
    Some(kept).filter(|kept| !kept.trim().is_empty())
}

fn short(problems: &mut Problems, field: &'static str, typed: Option<String>) -> Option<String> {
    problems.keep(field, text::optional_line(typed.as_deref().unwrap_or_default(), 500))?
}

/// The operation's problems under the names of the body's fields.
fn for_body(error: BookError) -> Failure {
    let BookError::Invalid(mut problems) = error else {
        return error.into();
    };
    for problem in &mut problems.0 {
        problem.field = match problem.field {
            "client" => "client_id",
            "clinician" => "clinician_id",
            "type" => "type_id",
            "location" => "location_id",
            other => other,
        };
    }
    Refusal::Invalid(problems).into()
}

fn id(text: &str) -> Result<AppointmentId, Failure> {
    text.parse().map_err(|_| Failure(Refusal::NotFound))
}

fn tagged(visit: Appointment) -> Tagged<AppointmentBody> {
    Tagged(visit.version, visit.into())
}

/// Reads an appointment.
#[utoipa::path(get, path = "/api/v1/appointments/{id}", tag = "appointments", params(("id" = String, Path)), responses(
    (status = 200, body = AppointmentBody), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"),
    (status = 404, description = "No such appointment"), (status = 503, description = "Try again")))]
pub async fn read_one(ask: Ask, Path(visit): Path<String>) -> Result<Tagged<AppointmentBody>, Failure> {
    let visit = ops::find(&ask.tx, &ask.actor, id(&visit)?, Permission::ScheduleRead).await?;
    ask.tx.commit().await?;
    Ok(tagged(visit))
}

/// What is to change; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// Another start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// Another length.
    pub minutes: Option<i32>,
    /// Another clinician.
    pub clinician_id: Option<UserId>,
    /// Another way to meet.
    pub modality: Option<Modality>,
    /// Another reason for the visit; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Option<String>>,
    /// Why the appointment is moved, or may lie outside the working hours.
    pub override_reason: Option<String>,
}

/// Tells a null from an absent field.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Moves an appointment or changes how it is held.
#[utoipa::path(patch, path = "/api/v1/appointments/{id}", tag = "appointments", request_body(content = Patch, content_type = "application/merge-patch+json"), params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag read before")), responses(
    (status = 200, body = AppointmentBody), (status = 400, description = "Malformed"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 404, description = "No such appointment"),
    (status = 409, description = "The hour is taken, or it can't be moved any more"), (status = 412, description = "Stale version"), (status = 422, description = "Invalid values"), (status = 428, description = "If-Match missing"), (status = 503, description = "Try again")))]
pub async fn change(
    ask: Ask,
    Path(visit): Path<String>,
    IfMatch(version): IfMatch,
    Json(patch): Json<Patch>,
) -> Result<Tagged<AppointmentBody>, Failure> {
    let visit = id(&visit)?;
    let mut problems = Problems::default();
    let wanted = Move {
        start: patch.starts_at.map(Start::Instant),
        clinician: patch.clinician_id,
        minutes: patch.minutes,
        modality: patch.modality,
        reason: patch.reason.map(|reason| long(&mut problems, "reason", reason)),
        override_reason: short(&mut problems, "override_reason", patch.override_reason),
    };
    if !problems.is_empty() {
        return Err(Refusal::Invalid(problems).into());
    }
    let visit = ops::reschedule(&ask.tx, &ask.actor, visit, version, &wanted)
        .await
        .map_err(for_body)?;
    ask.tx.commit().await?;
    Ok(tagged(visit))
}

/// The version a step is taken on, for callers who want it checked.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepBody {
    /// The version read before; absent: whatever is stored.
    pub version: Option<i64>,
}

/// A body that a program may leave out. A browser's session sends one, since with it goes the proof of its own page.
pub struct Optional<T>(T);

impl<T: Default + serde::de::DeserializeOwned> FromRequest<App> for Optional<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let headers = request.headers();
        let is_empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0")
            && !headers.contains_key(header::TRANSFER_ENCODING);
        if is_empty && headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(T::default()));
        }
        Json::<T>::from_request(request, app).await.map(|Json(body)| Self(body))
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident, $path:literal => $operation:ident;)+) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "appointments", request_body = Option<StepBody>, params(("id" = String, Path)), responses(
            (status = 200, body = AppointmentBody), (status = 400, description = "Malformed"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 404, description = "No such appointment"),
            (status = 409, description = "Its status allows no such step"), (status = 412, description = "Stale version"), (status = 503, description = "Try again")))]
        pub async fn $name(ask: Ask, Path(visit): Path<String>, Optional(step): Optional<StepBody>) -> Result<Tagged<AppointmentBody>, Failure> {
            let visit = ops::$operation(&ask.tx, &ask.actor, id(&visit)?, step.version).await?;
            ask.tx.commit().await?;
            Ok(tagged(visit))
        }
    )+};
}
steps! {
    /// The client said yes.
    confirm, "/api/v1/appointments/{id}/confirm" => confirm;
    /// The client is here.
    check_in, "/api/v1/appointments/{id}/check-in" => check_in;
    /// The check-in was a mistake.
    undo_check_in, "/api/v1/appointments/{id}/undo-check-in" => undo_check_in;
    /// The session begins.
    start, "/api/v1/appointments/{id}/start" => start;
    /// The session took place.
    complete, "/api/v1/appointments/{id}/complete" => complete;
    /// Nobody came; from a quarter of an hour after the start.
    no_show, "/api/v1/appointments/{id}/no-show" => mark_no_show;
}

/// How an appointment is called off.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// By whom; the practice when absent.
    pub by: Option<CancelledBy>,
    /// Why; `other` when absent.
    pub reason: Option<CancellationReason>,
    /// What was said about it.
    pub note: Option<String>,
    /// The version read before; absent: whatever is stored.
    pub version: Option<i64>,
}

/// Calls an appointment off and releases its hour.
#[utoipa::path(post, path = "/api/v1/appointments/{id}/cancel", tag = "appointments", request_body = Option<CancelBody>, params(("id" = String, Path)), responses(
    (status = 200, body = AppointmentBody), (status = 400, description = "Malformed"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 404, description = "No such appointment"),
    (status = 409, description = "Its status allows no cancellation"), (status = 412, description = "Stale version"), (status = 422, description = "Invalid values"), (status = 503, description = "Try again")))]
pub async fn cancel(
    ask: Ask,
    Path(visit): Path<String>,
    Optional(body): Optional<CancelBody>,
) -> Result<Tagged<AppointmentBody>, Failure> {
    let mut problems = Problems::default();
    let note = long(&mut problems, "note", body.note);
    if !problems.is_empty() {
        return Err(Refusal::Invalid(problems).into());
    }
    let how = Cancellation {
        by: body.by.unwrap_or(CancelledBy::Practice),
        reason: body.reason.unwrap_or(CancellationReason::Other),
        note,
    };
    let visit = ops::cancel(&ask.tx, &ask.actor, id(&visit)?, body.version, &how).await?;
    ask.tx.commit().await?;
    Ok(tagged(visit))
}

/// A kind of appointment.
#[derive(Debug, Serialize, ToSchema)]
pub struct TypeBody {
    /// Its id.
    pub id: AppointmentTypeId,
    /// Its name.
    pub name: String,
    /// Length.
    pub minutes: i32,
    /// Minutes wanted free behind it.
    pub buffer_after_minutes: i32,
    /// Hue of the calendar, 0 to 7.
    pub colour: i16,
    /// How people may meet for it, the usual one first.
    pub modalities: Vec<Modality>,
    /// Usual CPT or HCPCS code.
    pub code: Option<String>,
    /// Counts changes.
    pub version: i64,
}

impl From<AppointmentType> for TypeBody {
    fn from(kind: AppointmentType) -> Self {
        Self {
            id: kind.id,
            name: kind.name,
            minutes: kind.minutes,
            buffer_after_minutes: kind.buffer_after_minutes,
            colour: kind.colour,
            modalities: kind.modalities,
            code: kind.code,
            version: kind.version,
        }
    }
}

/// Lists the types that can be booked, in the practice's order.
#[utoipa::path(get, path = "/api/v1/appointment-types", tag = "appointments", responses(
    (status = 200, body = List<TypeBody>), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 503, description = "Try again")))]
pub async fn types(ask: Ask) -> Result<Json<List<TypeBody>>, Failure> {
    let kinds = appointment_type::list(&ask.tx, &ask.actor).await?;
    ask.tx.commit().await?;
    Ok(Json(List {
        items: kinds.into_iter().map(Into::into).collect(),
        next: None,
    }))
}

/// What kind of free start is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SlotsWanted {
    /// The type of appointment: its length and buffer.
    #[serde(rename = "type")]
    pub kind: AppointmentTypeId,
    /// With any of these; may be given several times. Absent: anybody within reach.
    #[serde(default)]
    pub clinician: Vec<UserId>,
    /// For this client: time they have elsewhere is left out.
    pub client: Option<ClientId>,
    /// First day, in the practice's zone; today when absent.
    pub from: Option<String>,
    /// Last day; two weeks from the first when absent, 62 days at most.
    pub until: Option<String>,
    /// Items wanted: 1 to 200, 50 when absent.
    pub limit: Option<i64>,
}

/// A start that can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotBody {
    /// With whom.
    pub clinician_id: UserId,
    /// From.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// Until.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
}

/// Lists free starts in order of time. Advice: booking decides.
#[utoipa::path(get, path = "/api/v1/slots", tag = "appointments", params(SlotsWanted), responses(
    (status = 200, body = List<SlotBody>), (status = 400, description = "Bad query"), (status = 401, description = "No valid key"),
    (status = 403, description = "Not allowed"), (status = 422, description = "Invalid values"), (status = 503, description = "Try again")))]
pub async fn slots(ask: Ask, Query(wanted): Query<SlotsWanted>) -> Result<Json<List<SlotBody>>, Failure> {
    let from = match &wanted.from {
        Some(from) => date_of(from, "from")?,
        None => ask.actor.today(ask.tx.now()),
    };
    let until = match &wanted.until {
        Some(until) => date_of(until, "until")?,
        None => from.checked_add(13.days()).map_err(|_| far("from"))?,
    };
    let search = SlotSearch {
        clinicians: wanted.clinician,
        kind: wanted.kind,
        client: wanted.client,
        from,
        until,
    };
    let mut slots = ops::free_slots(&ask.tx, &ask.actor, &search).await?;
    ask.tx.commit().await?;
    slots.truncate(
        usize::try_from(
            Paging {
                limit: wanted.limit,
                cursor: None,
            }
            .limit(),
        )
        .unwrap_or(50),
    );
    let items = slots.into_iter().map(|slot| SlotBody {
        clinician_id: slot.clinician,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
    });
    // The next page is the same search from a later day; a cursor would promise that nothing is booked between.
    Ok(Json(List {
        items: items.collect(),
        next: None,
    }))
}
