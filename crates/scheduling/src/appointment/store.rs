//! SQL of appointments, and nothing else.
//!
//! Every statement that gives a client's name takes the reader's sight (`sees_all`, or on the team of `reader` on `today`): a client beyond it has no name here,
//! so no caller can forget to hide it.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use kernel::{AppointmentId, AppointmentTypeId, ClientId, LocationId, PracticeId, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::{CancellationReason, CancelledBy, Modality, Status};

platform::row! {
    /// One visit as its reader may see it.
    pub struct Appointment {
        /// Its id.
        pub id: AppointmentId,
        /// Who comes.
        pub client_id: ClientId,
        /// The client's name; `None` where the reader may not open the client.
        pub client_name: Option<String>,
        /// Whom they see.
        pub clinician_id: UserId,
        /// The clinician's name.
        pub clinician_name: String,
        /// What for.
        pub type_id: AppointmentTypeId,
        /// The type's name.
        pub type_name: String,
        /// The type's hue, 0 to 7.
        pub colour: i16,
        /// The type's usual CPT or HCPCS code.
        pub code: Option<String>,
        /// From.
        pub starts_at: Timestamp,
        /// Until.
        pub ends_at: Timestamp,
        /// IANA zone of its wall time.
        pub time_zone: String,
        /// The start on the wall clock, as it was said.
        pub local_start: DateTime,
        /// 1 for the second pass of a repeated hour.
        pub local_fold: i16,
        /// How they meet.
        pub modality: Modality,
        /// Where it stands.
        pub status: Status,
        /// Where.
        pub location_id: Option<LocationId>,
        /// The location's name.
        pub location_name: Option<String>,
        /// Reason for the visit, for staff.
        pub reason: Option<String>,
        /// Why it may lie outside the working hours or in the past.
        pub override_reason: Option<String>,
        /// When the client came.
        pub checked_in_at: Option<Timestamp>,
        /// When it began.
        pub session_started_at: Option<Timestamp>,
        /// When it ended.
        pub session_ended_at: Option<Timestamp>,
        /// How often it was moved.
        pub reschedule_count: i32,
        /// When it was called off.
        pub cancelled_at: Option<Timestamp>,
        /// Who called it off.
        pub cancelled_by: Option<CancelledBy>,
        /// Why.
        pub cancellation_reason: Option<CancellationReason>,
        /// What was said about it.
        pub cancellation_note: Option<String>,
        /// Counts changes.
        pub version: i64,
        /// Last change.
        pub updated_at: Timestamp,
    }
}

platform::row! {
    /// One line of an appointment's history.
    pub struct Change {
        /// When.
        pub at: Timestamp,
        /// Who.
        pub actor_name: String,
        /// What was done: `booked`, `moved` …
        pub action: String,
        /// A list of `{field, old, new}`.
        pub changes: Value,
        /// Why.
        pub reason: Option<String>,
    }
}

platform::row! {
    /// Time that is taken.
    pub struct Claim {
        /// Who is taken.
        pub resource_id: Uuid,
        /// From.
        pub starts_at: Timestamp,
        /// Until.
        pub ends_at: Timestamp,
        /// Minutes wanted free behind it.
        pub buffer_after_minutes: i32,
        /// By what.
        pub source_id: Uuid,
    }
}

platform::statement! {
    /// One appointment. Index: primary key.
    pub fn find(practice: PracticeId, id: AppointmentId, sees_all: bool, reader: Option<UserId>, today: Date) -> maybe Appointment = "
    select a.id, client_id, case when $3 or exists (select from assignment s where s.practice_id = $1 and s.client_id = a.client_id and s.user_id = $4
                 and s.valid_from <= $5 and (s.valid_to is null or s.valid_to > $5))
                then a.client_name end as client_name, a.clinician_id, clinician_name, type_id, type_name, colour, code,
           starts_at, ends_at, time_zone, local_start, local_fold, modality, status, location_id, location_name, reason, override_reason,
           checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by, cancellation_reason,
           cancellation_note, version, updated_at
      from appointment_card a
     where a.practice_id = $1 and a.id = $2"
}
platform::statement! {
    /// Everybody's visits that touch a period, oldest first. `earliest` is `from` less the longest length, so that the index bounds both ends.
    /// Index: appointment_starts_at.
    pub fn in_period(practice: PracticeId, earliest: Timestamp, from: Timestamp, until: Timestamp, after: Timestamp, after_id: AppointmentId, limit: i64, sees_all: bool, reader: Option<UserId>, today: Date) -> many Appointment = "
    select a.id, client_id, case when $8 or exists (select from assignment s where s.practice_id = $1 and s.client_id = a.client_id and s.user_id = $9
                 and s.valid_from <= $10 and (s.valid_to is null or s.valid_to > $10))
                then a.client_name end as client_name, a.clinician_id, clinician_name, type_id, type_name, colour, code,
           starts_at, ends_at, time_zone, local_start, local_fold, modality, status, location_id, location_name, reason, override_reason,
           checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by, cancellation_reason,
           cancellation_note, version, updated_at
      from appointment_card a
     where a.practice_id = $1 and a.starts_at >= $2 and a.ends_at > $3 and a.starts_at < $4 and (a.starts_at, a.id) > ($5, $6)
     order by a.starts_at, a.id limit $7"
}
platform::statement! {
    /// As `in_period`, of some clinicians. Index: appointment_clinician_starts_at.
    pub fn of_clinicians(practice: PracticeId, clinicians: &[UserId], earliest: Timestamp, from: Timestamp, until: Timestamp, after: Timestamp, after_id: AppointmentId, limit: i64, sees_all: bool, reader: Option<UserId>, today: Date) -> many Appointment = "
    select a.id, client_id, case when $9 or exists (select from assignment s where s.practice_id = $1 and s.client_id = a.client_id and s.user_id = $10
                 and s.valid_from <= $11 and (s.valid_to is null or s.valid_to > $11))
                then a.client_name end as client_name, a.clinician_id, clinician_name, type_id, type_name, colour, code,
           starts_at, ends_at, time_zone, local_start, local_fold, modality, status, location_id, location_name, reason, override_reason,
           checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by, cancellation_reason,
           cancellation_note, version, updated_at
      from appointment_card a
     where a.practice_id = $1 and a.clinician_id = any($2) and a.starts_at >= $3 and a.ends_at > $4 and a.starts_at < $5 and (a.starts_at, a.id) > ($6, $7)
     order by a.starts_at, a.id limit $8"
}
platform::statement! {
    /// As `in_period`, of one client. Index: appointment_client_starts_at.
    pub fn of_client(practice: PracticeId, client: ClientId, earliest: Timestamp, from: Timestamp, until: Timestamp, after: Timestamp, after_id: AppointmentId, limit: i64, sees_all: bool, reader: Option<UserId>, today: Date) -> many Appointment = "
    select a.id, client_id, case when $9 or exists (select from assignment s where s.practice_id = $1 and s.client_id = a.client_id and s.user_id = $10
                 and s.valid_from <= $11 and (s.valid_to is null or s.valid_to > $11))
                then a.client_name end as client_name, a.clinician_id, clinician_name, type_id, type_name, colour, code,
           starts_at, ends_at, time_zone, local_start, local_fold, modality, status, location_id, location_name, reason, override_reason,
           checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by, cancellation_reason,
           cancellation_note, version, updated_at
      from appointment_card a
     where a.practice_id = $1 and a.client_id = $2 and a.starts_at >= $3 and a.ends_at > $4 and a.starts_at < $5 and (a.starts_at, a.id) > ($6, $7)
     order by a.starts_at, a.id limit $8"
}
platform::statement! {
    /// A client's newest visits, for the timeline. Index: appointment_client_starts_at.
    pub fn newest_of_client(practice: PracticeId, client: ClientId, limit: i64, sees_all: bool, reader: Option<UserId>, today: Date) -> many Appointment = "
    select a.id, client_id, case when $4 or exists (select from assignment s where s.practice_id = $1 and s.client_id = a.client_id and s.user_id = $5
                 and s.valid_from <= $6 and (s.valid_to is null or s.valid_to > $6))
                then a.client_name end as client_name, a.clinician_id, clinician_name, type_id, type_name, colour, code,
           starts_at, ends_at, time_zone, local_start, local_fold, modality, status, location_id, location_name, reason, override_reason,
           checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by, cancellation_reason,
           cancellation_note, version, updated_at
      from appointment_card a
     where a.practice_id = $1 and a.client_id = $2
     order by a.starts_at desc, a.id desc limit $3"
}
platform::statement! {
    /// Writes a new appointment; the trigger takes its hour. Refused by: resource_claim_free.
    pub fn insert(practice: PracticeId, id: AppointmentId, kind: AppointmentTypeId, client: ClientId, clinician: UserId, location: Option<LocationId>, starts_at: Timestamp, ends_at: Timestamp, time_zone: &str, local_start: DateTime, local_fold: i16, modality: Modality, reason: Option<&str>, override_reason: Option<&str>, source: &str, booked_by: Option<UserId>, now: Timestamp) -> count = "
    insert into appointment (practice_id, id, type_id, client_id, clinician_id, location_id, starts_at, ends_at, time_zone, local_start,
           local_fold, modality, reason, override_reason, source, booked_by, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)"
}
platform::statement! {
    /// Writes a changed start, clinician or wish, on the version that was read. Refused by: resource_claim_free.
    pub fn update(practice: PracticeId, id: AppointmentId, version: i64, clinician: UserId, starts_at: Timestamp, ends_at: Timestamp, local_start: DateTime, local_fold: i16, modality: Modality, status: Status, reason: Option<&str>, override_reason: Option<&str>, reschedule_count: i32, now: Timestamp) -> count = "
    update appointment set clinician_id = $4, starts_at = $5, ends_at = $6, local_start = $7, local_fold = $8, modality = $9, status = $10,
           reason = $11, override_reason = $12, reschedule_count = $13, updated_at = $14, version = version + 1
     where practice_id = $1 and id = $2 and version = $3"
}
platform::statement! {
    /// Writes a new status with its times, on the version that was read. The trigger releases or keeps the hour.
    pub fn update_status(practice: PracticeId, id: AppointmentId, version: i64, status: Status, checked_in_at: Option<Timestamp>, session_started_at: Option<Timestamp>, session_ended_at: Option<Timestamp>, now: Timestamp) -> count = "
    update appointment set status = $4, checked_in_at = $5, session_started_at = $6, session_ended_at = $7, updated_at = $8, version = version + 1
     where practice_id = $1 and id = $2 and version = $3"
}
platform::statement! {
    /// Writes a cancellation, on the version that was read. The trigger releases the hour.
    pub fn update_cancelled(practice: PracticeId, id: AppointmentId, version: i64, status: Status, by: CancelledBy, reason: CancellationReason, note: Option<&str>, now: Timestamp) -> count = "
    update appointment set status = $4, cancelled_by = $5, cancellation_reason = $6, cancellation_note = $7, cancelled_at = $8, updated_at = $8, version = version + 1
     where practice_id = $1 and id = $2 and version = $3"
}
platform::statement! {
    /// Adds a line to the history: one for each version.
    pub fn insert_change(practice: PracticeId, appointment: AppointmentId, version: i64, at: Timestamp, actor: Option<UserId>, actor_name: &str, action: &str, changes: &Value, reason: Option<&str>) -> count = "
    insert into appointment_change (practice_id, appointment_id, version, at, actor_id, actor_name, action, changes, reason)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
}
platform::statement! {
    /// The history, newest first. Index: primary key.
    pub fn changes(practice: PracticeId, appointment: AppointmentId) -> many Change = "
    select at, actor_name, action, changes, reason from appointment_change
     where practice_id = $1 and appointment_id = $2 order by version desc limit 200"
}
platform::statement! {
    /// What takes some resources in a period. Index, inside the function: resource_claim_free.
    pub fn busy(resources: &[Uuid], from: Timestamp, until: Timestamp) -> many Claim = "
    select resource_id, starts_at, ends_at, buffer_after_minutes, source_id from busy_between($1, $2, $3)
     order by starts_at, resource_id, source_id limit 20000"
}
