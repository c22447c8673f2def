//! What a person can do with an appointment: look, book, move, call off, and take it through its day.
//!
//! Each operation is: permission, rule, write, audit, event. The hour itself is given away by the database's claims, never by a
//! look before the write.

mod book;
mod change;
mod errors;
mod free;
mod read;

pub use book::{Move, book, reschedule};
pub use change::{Cancellation, cancel, check_in, complete, confirm, mark_no_show, start, undo_check_in};
pub use errors::{AppointmentError, BookError, Taken};
pub use free::{SEARCH_DAYS_MAX, Slot, SlotSearch, free_slots};
pub use read::{Filter, Visit, find, history, list, visit};

use identity::audit::{self, Action, Entry};
use identity::{AccessError, Actor};
use kernel::{ClientId, Permission, Scope, UserId};
use platform::events::{self, Event};
use platform::{StoreError, Tx};
use serde_json::{Value, json};

use super::store::{self, Appointment};

/// Whose calendar a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody's.
    Practice,
    /// One's own.
    Own(UserId),
}

impl Reach {
    /// Whether somebody's calendar is within reach.
    pub(crate) fn holds(self, clinician: UserId) -> bool {
        match self {
            Self::Practice => true,
            Self::Own(user) => user == clinician,
        }
    }
}

/// How far a right to the schedule reaches. Supervision is not built yet, so a supervisor's reach is their own calendar.
pub(crate) fn reach(actor: &Actor, permission: Permission) -> Result<Reach, AccessError> {
    match actor.need(permission)? {
        Scope::Practice | Scope::Location => Ok(Reach::Practice),
        Scope::Own | Scope::Assigned | Scope::Supervisees => Ok(Reach::Own(actor.person(permission)?)),
    }
}

/// Which clients' names an actor may read: everybody's, or those on the caseload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) sees_all: bool,
    pub(crate) reader: Option<UserId>,
    pub(crate) today: jiff::civil::Date,
}

pub(crate) fn sight(actor: &Actor, now: jiff::Timestamp) -> Sight {
    let today = actor.today(now);
    match actor.scope(Permission::ClientRead) {
        Some(Scope::Practice | Scope::Location) => Sight {
            sees_all: true,
            reader: None,
            today,
        },
        Some(Scope::Own | Scope::Assigned | Scope::Supervisees) => Sight {
            sees_all: false,
            reader: actor.user,
            today,
        },
        None => Sight {
            sees_all: false,
            reader: None,
            today,
        },
    }
}

/// Reasons for visits are for those who treat and book, not for those who only read the schedule (SCH, Permissions).
pub(crate) fn without_hidden(actor: &Actor, mut visit: Appointment) -> Appointment {
    if visit.client_name.is_none() || !actor.may(Permission::ScheduleManage) {
        visit.reason = None;
        visit.override_reason = None;
        visit.cancellation_note = None;
    }
    visit
}

/// What every change leaves behind: a line of history, a line of audit, an event. Joined into one flush.
struct Trace<'a> {
    /// Past tense: `booked`, `moved` …
    action: &'static str,
    event: &'static str,
    audited: Action,
    changes: Value,
    reason: Option<&'a str>,
}

async fn leave(tx: &Tx, actor: &Actor, visit: &Appointment, trace: Trace<'_>) -> Result<(), StoreError> {
    let fields: Vec<&str> = trace
        .changes
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|change| change["field"].as_str())
        .collect();
    let entry = Entry::new(trace.audited, "appointment")
        .id(visit.id.uuid())
        .client(visit.client_id)
        .detail(json!({ "action": trace.action, "fields": fields }));
    let event = Event {
        name: trace.event,
        subject: visit.id.uuid(),
        client: Some(visit.client_id),
        actor: actor.user,
        facts: json!({
            "clinician_id": visit.clinician_id, "type_id": visit.type_id, "status": visit.status,
            "starts_at": visit.starts_at, "ends_at": visit.ends_at,
        }),
        topics: topics(visit.client_id),
    };
    futures_util::try_join!(
        store::insert_change(
            tx,
            tx.practice(),
            visit.id,
            visit.version,
            tx.now(),
            actor.user,
            &actor.name,
            trace.action,
            &trace.changes,
            trace.reason
        ),
        audit::record(tx, actor, entry),
        events::publish(tx, event),
    )
    .map(drop)
}

fn topics(client: ClientId) -> Vec<String> {
    vec!["calendar".to_owned(), format!("clients/{client}")]
}

/// One changed field of the history.
fn changed(field: &str, old: impl serde::Serialize, new: impl serde::Serialize) -> Value {
    json!({ "field": field, "old": old, "new": new })
}
