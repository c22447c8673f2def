//! An appointment through its day: confirmed, here, under way, done; or called off, or missed.

use identity::Actor;
use identity::audit::Action;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{AppointmentId, Problems};
use platform::Tx;
use serde_json::{Value, json};

use super::super::store::{self, Appointment};
use super::super::{
    CancellationReason, CancelledBy, NO_SHOW_GRACE, NOTICE_HOURS, Status, cancellation_class, notice_deadline,
};
use super::errors::AppointmentError;
use super::read::find_to_change;
use super::{Trace, changed, leave};

/// One step along the status machine.
struct Step {
    to: Status,
    action: &'static str,
    event: &'static str,
}

/// The client said yes.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn confirm(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, AppointmentError> {
    let visit = find_to_change(tx, actor, id).await?;
    step(
        tx,
        actor,
        visit,
        version,
        Step {
            to: Status::Confirmed,
            action: "confirmed",
            event: "scheduling.confirmed",
        },
    )
    .await
}

/// The client is here.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn check_in(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, AppointmentError> {
    let visit = find_to_change(tx, actor, id).await?;
    step(
        tx,
        actor,
        visit,
        version,
        Step {
            to: Status::CheckedIn,
            action: "checked_in",
            event: "scheduling.checked_in",
        },
    )
    .await
}

/// The check-in was a mistake.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn undo_check_in(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, AppointmentError> {
    let visit = find_to_change(tx, actor, id).await?;
    if visit.status != Status::CheckedIn {
        return Err(AppointmentError::NotAllowed {
            from: visit.status,
            to: Status::Scheduled,
        });
    }
    step(
        tx,
        actor,
        visit,
        version,
        Step {
            to: Status::Scheduled,
            action: "check_in_undone",
            event: "scheduling.check_in_undone",
        },
    )
    .await
}

/// The session begins.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn start(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, AppointmentError> {
    let visit = find_to_change(tx, actor, id).await?;
    step(
        tx,
        actor,
        visit,
        version,
        Step {
            to: Status::InSession,
            action: "started",
            event: "scheduling.started",
        },
    )
    .await
}

/// The session took place.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn complete(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, AppointmentError> {
    let visit = find_to_change(tx, actor, id).await?;
    step(
        tx,
        actor,
        visit,
        version,
        Step {
            to: Status::Completed,
            action: "completed",
            event: "scheduling.completed",
        },
    )
    .await
}

/// Nobody came: from start plus grace on, never automatically.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn mark_no_show(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, AppointmentError> {
    let visit = find_to_change(tx, actor, id).await?;
    let from = visit.starts_at.checked_add(NO_SHOW_GRACE).unwrap_or(visit.starts_at);
    if visit.status.may_become(Status::NoShow) && tx.now() < from {
        return Err(AppointmentError::TooEarly {
            from,
            zone: zone_of(&visit, actor),
        });
    }
    step(
        tx,
        actor,
        visit,
        version,
        Step {
            to: Status::NoShow,
            action: "no_show",
            event: "scheduling.no_show",
        },
    )
    .await
}

fn zone_of(visit: &Appointment, actor: &Actor) -> TimeZone {
    TimeZone::get(&visit.time_zone).unwrap_or_else(|_| actor.zone.clone())
}

async fn step(
    tx: &Tx,
    actor: &Actor,
    visit: Appointment,
    version: Option<i64>,
    step: Step,
) -> Result<Appointment, AppointmentError> {
    check_version(&visit, version)?;
    if !visit.status.may_become(step.to) {
        return Err(AppointmentError::NotAllowed {
            from: visit.status,
            to: step.to,
        });
    }
    let before = visit.status;
    let after = with_times(visit, step.to, tx.now());
    let written = store::update_status(
        tx,
        tx.practice(),
        after.id,
        after.version,
        step.to,
        after.checked_in_at,
        after.session_started_at,
        after.session_ended_at,
        tx.now(),
    )
    .await?;
    let after = written_once(written, after)?;
    let changes = json!([changed("status", before, step.to)]);
    leave(
        tx,
        actor,
        &after,
        Trace {
            action: step.action,
            event: step.event,
            audited: Action::Update,
            changes,
            reason: None,
        },
    )
    .await?;
    Ok(after)
}

/// The appointment in its new status, with the times that belong to it. A session completed without having been started has no
/// actual times: they were not measured.
fn with_times(mut visit: Appointment, to: Status, now: Timestamp) -> Appointment {
    match to {
        Status::CheckedIn => visit.checked_in_at = Some(now),
        Status::InSession => visit.session_started_at = Some(now),
        Status::Completed => visit.session_ended_at = visit.session_started_at.map(|_| now),
        Status::Scheduled => {
            (visit.checked_in_at, visit.session_started_at, visit.session_ended_at) = (None, None, None)
        }
        Status::Requested
        | Status::Confirmed
        | Status::Declined
        | Status::Expired
        | Status::Cancelled
        | Status::LateCancelled
        | Status::NoShow
        | Status::EnteredInError => {}
    }
    visit.status = to;
    visit
}

fn check_version(visit: &Appointment, version: Option<i64>) -> Result<(), AppointmentError> {
    match version {
        Some(version) if version != visit.version => Err(AppointmentError::Stale { current: visit.version }),
        _ => Ok(()),
    }
}

/// The row as stored, or that somebody else was quicker.
fn written_once(written: u64, mut visit: Appointment) -> Result<Appointment, AppointmentError> {
    visit.version += 1;
    if written == 1 {
        Ok(visit)
    } else {
        Err(AppointmentError::Stale { current: visit.version })
    }
}

/// How an appointment is called off.
#[derive(Clone, Debug)]
pub struct Cancellation {
    /// By whom.
    pub by: CancelledBy,
    /// Why.
    pub reason: CancellationReason,
    /// What was said about it.
    pub note: Option<String>,
}

/// Calls an appointment off and releases its hour at once (SCH-20). A client's own word after the deadline makes it late (SCH-55);
/// once the client is here, only leaving before being seen is left.
///
/// # Errors
/// See [`AppointmentError`].
pub async fn cancel(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    version: Option<i64>,
    how: &Cancellation,
) -> Result<Appointment, AppointmentError> {
    let mut visit = find_to_change(tx, actor, id).await?;
    check_version(&visit, version)?;
    let deadline = notice_deadline(
        visit.local_start,
        visit.starts_at,
        &zone_of(&visit, actor),
        NOTICE_HOURS,
    )
    .unwrap_or(visit.starts_at);
    let to = match visit.status {
        Status::Scheduled | Status::Confirmed => cancellation_class(how.by, tx.now(), deadline),
        _ => Status::Cancelled,
    };
    if !visit.status.may_become(to) {
        return Err(AppointmentError::NotAllowed { from: visit.status, to });
    }
    if visit.status == Status::CheckedIn && how.reason != CancellationReason::LeftBeforeSeen {
        let mut problems = Problems::default();
        problems.add(
            "reason",
            "left_before_seen",
            "The client is checked in. Choose “Left before being seen”, or undo the check-in first.",
        );
        return Err(AppointmentError::Invalid(problems));
    }
    let written = store::update_cancelled(
        tx,
        tx.practice(),
        id,
        visit.version,
        to,
        how.by,
        how.reason,
        how.note.as_deref(),
        tx.now(),
    )
    .await?;
    let before = visit.status;
    visit.status = to;
    (visit.cancelled_at, visit.cancelled_by) = (Some(tx.now()), Some(how.by));
    (visit.cancellation_reason, visit.cancellation_note) = (Some(how.reason), how.note.clone());
    let visit = written_once(written, visit)?;
    let changes = json!([
        changed("status", before, to),
        changed("cancelled_by", Value::Null, how.by),
        changed("cancellation_reason", Value::Null, how.reason)
    ]);
    leave(
        tx,
        actor,
        &visit,
        Trace {
            action: "cancelled",
            event: "scheduling.cancelled",
            audited: Action::Update,
            changes,
            reason: None,
        },
    )
    .await?;
    Ok(visit)
}
