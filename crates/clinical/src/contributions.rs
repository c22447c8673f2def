//! What notes contribute to other rooms' pages, and what they listen to.

use clients::{Chart, ChartTab, TimelineItem, TimelineSource};
use identity::Actor;
use identity::web::{DashboardCard, Drawing, Nav};
use jiff::{SignedDuration, Timestamp};
use kernel::{AppointmentId, ClientId, Permission, UserId};
use maud::html;
use platform::events::{Event, Subscribers, Work};
use platform::{StoreError, Tx};
use scheduling::{Appointment, AppointmentAction};
use serde::Deserialize;

use crate::note::pages::{due_list, paths};
use crate::note::{DUE_HOURS, NoteStatus, ops, store};

platform::inventory::submit! {
    Nav { order: 40, label: "Notes", path: "/notes", icon: "file-text", shortcut: 'n', permission: Permission::NoteWrite }
}
platform::inventory::submit! {
    ChartTab { order: 20, label: "Notes", key: "notes", path: |client| paths::of_client(client), permission: Permission::NoteRead }
}
platform::inventory::submit! {
    DashboardCard { order: 20, permission: Permission::NoteWrite, draw: due_card }
}
platform::inventory::submit! {
    AppointmentAction { order: 10, permission: Permission::NoteStatus, draw: note_action }
}
platform::inventory::submit! {
    TimelineSource { permission: Permission::NoteRead, entries: note_entries }
}

fn due_card<'a>(tx: &'a Tx, actor: &'a Actor) -> Drawing<'a> {
    Box::pin(async move {
        let Some(author) = actor.user else { return Ok(html! {}) };
        let due = store::due(tx, tx.practice(), author).await?;
        let body = if due.is_empty() {
            html! { p.quiet { "Every session has its signed note." } }
        } else {
            due_list(&due, actor, tx.now())
        };
        Ok(ui::card("Notes due", body))
    })
}

/// Write, go on, read, or just whether there is one: whatever the asker may.
fn note_action<'a>(tx: &'a Tx, actor: &'a Actor, visit: &'a Appointment) -> Drawing<'a> {
    Box::pin(async move {
        let notes = store::of_visit(tx, tx.practice(), visit.id).await?;
        let own = notes.iter().find(|(_, author, _)| actor.user == Some(*author));
        let signed = notes.iter().find(|(_, _, status)| *status == NoteStatus::Signed);
        let writes = actor.may(Permission::NoteWrite) && actor.user == Some(visit.clinician_id);
        Ok(match (own, signed) {
            (Some((id, _, NoteStatus::Draft)), _) => {
                ui::link_button(&paths::edit(*id), "Go on with the note", ui::Kind::Primary)
            }
            (_, Some((id, _, _))) if actor.may(Permission::NoteRead) => {
                ui::link_button(&paths::note(*id), "Open note", ui::Kind::Secondary)
            }
            (_, Some(_)) => html! { span.quiet { "Note signed" } },
            (None, None) if writes && visit.status.is_active() => {
                ui::post_button(&paths::begin(visit.id), &actor.csrf, "Write note", ui::Kind::Primary)
            }
            _ => html! { span.quiet { @if notes.is_empty() { "No note yet" } @else { "Note begun" } } },
        })
    })
}

fn note_entries<'a>(
    tx: &'a Tx,
    _: &'a Actor,
    chart: &'a Chart,
) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<TimelineItem>, StoreError>> + Send + 'a>> {
    Box::pin(async move {
        let lines = ops::list_of_client(tx, chart, None, 500).await?;
        let entry = |line: store::NoteLine| TimelineItem {
            at: line.service_start,
            kind: "note",
            icon: "file-text",
            title: html! { "Progress note" @if line.status == NoteStatus::Draft { " (draft)" } },
            detail: html! { (line.author_name) },
            href: Some(paths::note(line.id)),
        };
        Ok(lines.into_iter().map(entry).collect())
    })
}

/// What scheduling says of a session in its events.
#[derive(Deserialize)]
struct Session {
    clinician_id: UserId,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

/// Listens to the calendar: an attended session opens a deadline, one that did not take place clears it (DOC-68).
pub fn subscribe(subscribers: &mut Subscribers) {
    for attended in ["scheduling.checked_in", "scheduling.started", "scheduling.completed"] {
        subscribers.subscribe(attended, open_deadline);
    }
    for not_held in [
        "scheduling.cancelled",
        "scheduling.no_show",
        "scheduling.check_in_undone",
    ] {
        subscribers.subscribe(not_held, clear_deadline);
    }
}

fn open_deadline<'a>(tx: &'a Tx, event: &'a Event) -> Work<'a> {
    Box::pin(async move {
        let (Ok(session), Some(client)) = (Session::deserialize(&event.facts), event.client) else {
            return Ok(());
        };
        open(tx, AppointmentId::from_uuid(event.subject), client, &session).await
    })
}

async fn open(tx: &Tx, appointment: AppointmentId, client: ClientId, session: &Session) -> Result<(), StoreError> {
    let notes = store::of_visit(tx, tx.practice(), appointment).await?;
    if notes.iter().any(|(_, _, status)| *status == NoteStatus::Signed) {
        return Ok(());
    }
    let due = session.ends_at + SignedDuration::from_hours(DUE_HOURS);
    store::insert_due(
        tx,
        tx.practice(),
        appointment,
        client,
        session.clinician_id,
        session.starts_at,
        due,
    )
    .await
    .map(drop)
}

fn clear_deadline<'a>(tx: &'a Tx, event: &'a Event) -> Work<'a> {
    Box::pin(async move {
        store::delete_due(tx, tx.practice(), AppointmentId::from_uuid(event.subject))
            .await
            .map(drop)
    })
}
