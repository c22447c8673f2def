//! Giving an hour away: booking, and moving what was booked.
//!
//! The insert runs behind a savepoint, so that after a lost race the same transaction can say who holds the hour and what is free.

use futures_util::try_join;
use identity::Actor;
use identity::audit::Action;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{AppointmentId, Permission, Problems, UserId};
use platform::{StoreError, Tx};
use serde_json::{Value, json};

use super::super::store::{self, Appointment};
use super::super::{MINUTES, Modality, NewAppointment, Resolved, Start, Status};
use super::errors::BookError;
use super::read::find_to_change;
use super::{Trace, changed, free, leave, reach, sight, without_hidden};
use crate::appointment_type::{self, AppointmentType};
use crate::hours::{self, Block};

/// How often a booking that collided with another is tried again (SCH, Claims).
const TRIES: u8 = 3;

/// Books an appointment (SCH-10). Refuses a taken hour, naming the visit that holds it where that may be seen (SCH-11).
///
/// # Errors
/// See [`BookError`].
pub async fn book(tx: &Tx, actor: &Actor, new: &NewAppointment) -> Result<Appointment, BookError> {
    if !reach(actor, Permission::ScheduleManage)?.holds(new.clinician) {
        return Err(BookError::AnothersCalendar);
    }
    let practice = tx.practice();
    let chart = async { Ok::<_, BookError>(clients::open_chart(tx, actor, new.client, Permission::ClientRead).await?) };
    let kind = async { Ok(appointment_type::find(tx, practice, new.kind).await?) };
    let place = async {
        match new.location {
            Some(location) => Ok(hours::store::place(tx, practice, location).await?),
            None => Ok(None),
        }
    };
    let clinician = async { Ok(hours::store::bookable_one(tx, practice, new.clinician).await?) };
    let (chart, kind, place, clinician, week) = try_join!(chart, kind, place, clinician, week_of(tx, new.clinician))?;

    let mut problems = Problems::default();
    if let Some(sentence) = closed_chart(&chart) {
        problems.add("client", "client_closed", sentence);
    }
    if clinician.is_none() {
        problems.add(
            "clinician",
            "not_bookable",
            "This person can't be booked. Choose another clinician.",
        );
    }
    if new.location.is_some() && place.is_none() {
        problems.add("location", "unknown", "This location is not in use. Choose another.");
    }
    let Some(kind) = kind.filter(|kind| kind.active) else {
        problems.add(
            "type",
            "unknown",
            "This type of appointment is not in use. Choose another.",
        );
        return Err(BookError::Invalid(problems));
    };
    let modality = fitting_modality(&kind, new.modality, &mut problems);
    let zone_name = place.map(|place| place.time_zone);
    let zone = zone_name
        .as_deref()
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or_else(|| actor.zone.clone());
    let slot = slot(
        &zone,
        new.start,
        new.minutes.unwrap_or(kind.minutes),
        tx.now(),
        &mut problems,
    );
    let (Some(slot), true) = (slot, problems.is_empty()) else {
        return Err(BookError::Invalid(problems));
    };
    soft_rules(slot, &week, &zone, tx.now(), new.override_reason.as_deref())?;

    let id: AppointmentId = tx.id();
    let zone_name = zone_name
        .or_else(|| zone.iana_name().map(str::to_owned))
        .unwrap_or_else(|| "UTC".to_owned());
    let source = if actor.key.is_some() { "api" } else { "staff" };
    let insert = || {
        store::insert(
            tx,
            practice,
            id,
            kind.id,
            new.client,
            new.clinician,
            new.location,
            slot.start.at,
            slot.until,
            &zone_name,
            slot.start.local,
            slot.start.fold,
            modality,
            new.reason.as_deref(),
            new.override_reason.as_deref(),
            source,
            actor.user,
            tx.now(),
        )
    };
    if take_hour(tx, insert).await? == Hour::Taken {
        let wanted = free::Lost {
            clinician: new.clinician,
            client: new.client,
            except: None,
            from: slot.start.at,
            until: slot.until,
            buffer_after: kind.buffer_after_minutes,
        };
        return Err(BookError::Taken(Box::new(
            free::explain(tx, actor, &wanted, &week, &zone).await?,
        )));
    }
    let visit = stored(tx, actor, id).await?;
    let changes = json!([
        changed("starts_at", Value::Null, visit.starts_at),
        changed("status", Value::Null, visit.status)
    ]);
    let trace = Trace {
        action: "booked",
        event: "scheduling.booked",
        audited: Action::Create,
        changes,
        reason: new.override_reason.as_deref(),
    };
    leave(tx, actor, &visit, trace).await?;
    Ok(visit)
}

/// What may be changed of an appointment. `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Move {
    /// Another start.
    pub start: Option<Start>,
    /// Another clinician.
    pub clinician: Option<UserId>,
    /// Another length.
    pub minutes: Option<i32>,
    /// Another way to meet.
    pub modality: Option<Modality>,
    /// Another reason for the visit; `Some(None)` takes it away.
    pub reason: Option<Option<String>>,
    /// Why it may lie outside the working hours or in the past; also kept as the reason of the move.
    pub override_reason: Option<String>,
}

/// Moves an appointment or changes how it is held; identity, note and history stay (SCH-19). A new start or clinician takes back the
/// client's confirmation.
///
/// # Errors
/// See [`BookError`].
pub async fn reschedule(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: i64,
    wanted: &Move,
) -> Result<Appointment, BookError> {
    let visit = find_to_change(tx, actor, id).await?;
    let clinician = wanted.clinician.unwrap_or(visit.clinician_id);
    if !reach(actor, Permission::ScheduleManage)?.holds(clinician) {
        return Err(BookError::AnothersCalendar);
    }
    if visit.version != version {
        return Err(BookError::Stale { current: visit.version });
    }
    let practice = tx.practice();
    let bookable = async { Ok::<_, BookError>(hours::store::bookable_one(tx, practice, clinician).await?) };
    let kind = async { Ok(appointment_type::find(tx, practice, visit.type_id).await?) };
    let (bookable, kind, week) = try_join!(bookable, kind, week_of(tx, clinician))?;
    let mut problems = Problems::default();
    if clinician != visit.clinician_id && bookable.is_none() {
        problems.add(
            "clinician",
            "not_bookable",
            "This person can't be booked. Choose another clinician.",
        );
    }
    let modality = match &kind {
        Some(kind) if wanted.modality.is_some() => fitting_modality(kind, wanted.modality, &mut problems),
        _ => visit.modality,
    };
    let zone = TimeZone::get(&visit.time_zone).unwrap_or_else(|_| actor.zone.clone());
    let minutes = wanted.minutes.unwrap_or_else(|| length_of(&visit));
    let start = wanted.start.unwrap_or(Start::Instant(visit.starts_at));
    let slot = slot(&zone, start, minutes, tx.now(), &mut problems);
    let (Some(slot), true) = (slot, problems.is_empty()) else {
        return Err(BookError::Invalid(problems));
    };

    let is_moved = (slot.start.at, slot.until, clinician) != (visit.starts_at, visit.ends_at, visit.clinician_id);
    if is_moved && !visit.status.is_movable() {
        return Err(BookError::NotMovable(visit.status));
    }
    if is_moved {
        soft_rules(slot, &week, &zone, tx.now(), wanted.override_reason.as_deref())?;
    }
    let confirmation_falls = slot.start.at != visit.starts_at || clinician != visit.clinician_id;
    let status = if confirmation_falls && visit.status == Status::Confirmed {
        Status::Scheduled
    } else {
        visit.status
    };
    let reason = wanted.reason.clone().unwrap_or_else(|| visit.reason.clone());
    let override_reason = wanted.override_reason.clone().or_else(|| visit.override_reason.clone());
    let count = visit.reschedule_count + i32::from(is_moved);
    let update = || {
        store::update(
            tx,
            practice,
            id,
            version,
            clinician,
            slot.start.at,
            slot.until,
            slot.start.local,
            slot.start.fold,
            modality,
            status,
            reason.as_deref(),
            override_reason.as_deref(),
            count,
            tx.now(),
        )
    };
    match take_hour(tx, update).await? {
        Hour::Got(1..) => {}
        Hour::Got(_) => {
            return Err(BookError::Stale {
                current: visit.version + 1,
            });
        }
        Hour::Taken => {
            let buffer_after = kind.map_or(0, |kind| kind.buffer_after_minutes);
            let wanted = free::Lost {
                clinician,
                client: visit.client_id,
                except: Some(id),
                from: slot.start.at,
                until: slot.until,
                buffer_after,
            };
            return Err(BookError::Taken(Box::new(
                free::explain(tx, actor, &wanted, &week, &zone).await?,
            )));
        }
    }
    let after = stored(tx, actor, id).await?;
    let (action, event) = if is_moved {
        ("moved", "scheduling.moved")
    } else {
        ("changed", "scheduling.changed")
    };
    let trace = Trace {
        action,
        event,
        audited: Action::Update,
        changes: differences(&visit, &after),
        reason: wanted.override_reason.as_deref(),
    };
    leave(tx, actor, &after, trace).await?;
    Ok(after)
}

/// Length in minutes.
pub(crate) fn length_of(visit: &Appointment) -> i32 {
    i32::try_from(visit.ends_at.duration_since(visit.starts_at).as_mins()).unwrap_or(0)
}

/// Old and new of what a move changed. The reason for the visit is named, not quoted: history is read more widely than it.
fn differences(before: &Appointment, after: &Appointment) -> Value {
    let mut changes = Vec::new();
    if before.starts_at != after.starts_at {
        changes.push(changed("starts_at", before.starts_at, after.starts_at));
    }
    if length_of(before) != length_of(after) {
        changes.push(changed("minutes", length_of(before), length_of(after)));
    }
    if before.clinician_id != after.clinician_id {
        changes.push(changed("clinician", &before.clinician_name, &after.clinician_name));
    }
    if before.modality != after.modality {
        changes.push(changed("modality", before.modality.label(), after.modality.label()));
    }
    if before.status != after.status {
        changes.push(changed("status", before.status, after.status));
    }
    if before.reason != after.reason {
        changes.push(changed("reason", Value::Null, Value::Null));
    }
    Value::Array(changes)
}

/// A start with its end.
#[derive(Clone, Copy)]
struct SlotSpan {
    start: Resolved,
    until: Timestamp,
}

fn slot(zone: &TimeZone, start: Start, minutes: i32, now: Timestamp, problems: &mut Problems) -> Option<SlotSpan> {
    if !MINUTES.contains(&minutes) {
        problems.add(
            "minutes",
            "out_of_range",
            format!("An appointment lasts {} to {} minutes.", MINUTES.start(), MINUTES.end()),
        );
        return None;
    }
    let resolved = start.resolve(zone).ok();
    let until = resolved.and_then(|start| start.at.checked_add(i64::from(minutes).minutes()).ok());
    let (Some(start), Some(until)) = (resolved, until) else {
        problems.add(
            "starts_at",
            "out_of_range",
            "This date is too far away. Choose one within five years.",
        );
        return None;
    };
    // Fives of a calendar year, near enough for a bound against slips of the finger.
    if start.at.duration_since(now) > SignedDuration::from_hours(24 * 1827) {
        problems.add(
            "starts_at",
            "too_far",
            "This date is more than five years away. Please check the year.",
        );
    }
    Some(SlotSpan { start, until })
}

fn fitting_modality(kind: &AppointmentType, wanted: Option<Modality>, problems: &mut Problems) -> Modality {
    let modality = wanted.unwrap_or_else(|| kind.usual_modality());
    if !kind.modalities.contains(&modality) {
        let offered = kind
            .modalities
            .iter()
            .map(|modality| modality.label())
            .collect::<Vec<_>>()
            .join(", ");
        problems.add(
            "modality",
            "not_offered",
            format!("{} is offered: {offered}.", kind.name),
        );
    }
    modality
}

/// Nobody books a client whose record is closed (SCH, hard rules).
fn closed_chart(chart: &clients::Chart) -> Option<&'static str> {
    use clients::Status as S;
    match chart.status() {
        S::Discharged => Some("This client was discharged. Readmit them before booking."),
        S::Deceased => Some("This client is recorded as deceased."),
        S::Declined | S::Merged | S::EnteredInError => {
            Some("This record is closed. Search for the client's current record.")
        }
        S::Inquiry | S::Waitlisted | S::Intake | S::Active | S::Inactive => None,
    }
}

fn soft_rules(
    slot: SlotSpan,
    week: &[Block],
    zone: &TimeZone,
    now: Timestamp,
    reason: Option<&str>,
) -> Result<(), BookError> {
    let mut rules = Vec::new();
    if !hours::is_open(
        (slot.start.at, slot.until),
        slot.start.at.to_zoned(zone.clone()).date(),
        week,
        zone,
    ) {
        rules.push("This is outside the clinician's working hours.");
    }
    if now.duration_since(slot.start.at) > SignedDuration::from_hours(24) {
        rules.push("This is more than a day in the past.");
    }
    if rules.is_empty() || reason.is_some() {
        Ok(())
    } else {
        Err(BookError::NeedsReason(rules))
    }
}

/// A clinician's week; nine to five where none is set.
async fn week_of(tx: &Tx, clinician: UserId) -> Result<Vec<Block>, BookError> {
    let rows = hours::store::weeks(tx, tx.practice(), &[clinician]).await?;
    Ok(hours::week_of(clinician, &rows))
}

/// How the claim on an hour ended.
#[derive(PartialEq, Eq)]
enum Hour {
    /// Rows written.
    Got(u64),
    Taken,
}

/// Writes behind a savepoint; a taken hour leaves the transaction alive, a deadlock is tried again.
async fn take_hour<W>(tx: &Tx, write: impl Fn() -> W) -> Result<Hour, StoreError>
where
    W: Future<Output = Result<u64, StoreError>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match try_join!(tx.command("savepoint taking_hour"), write()) {
            Ok(((), rows)) => return Ok(Hour::Got(rows)),
            Err(error) if error.is_constraint("resource_claim_free") => {
                tx.rollback_to("rollback to savepoint taking_hour").await?;
                return Ok(Hour::Taken);
            }
            Err(StoreError::Collided(_)) if tries < TRIES => {
                tx.rollback_to("rollback to savepoint taking_hour").await?
            }
            Err(error) => return Err(error),
        }
    }
}

/// The appointment as it now stands.
async fn stored(tx: &Tx, actor: &Actor, id: AppointmentId) -> Result<Appointment, StoreError> {
    let sight = sight(actor, tx.now());
    let visit = store::find(tx, tx.practice(), id, sight.sees_all, sight.reader, sight.today).await?;
    visit
        .map(|visit| without_hidden(actor, visit))
        .ok_or(StoreError::NotOne(0))
}
