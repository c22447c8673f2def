//! What scheduling puts on the pages of other rooms: cards of the day on the dashboard, sessions and timeline in the chart.

use clients::{Chart, ChartCard, TimelineItem, TimelineSource};
use futures_util::try_join;
use identity::Actor;
use identity::audit::{self, Action, Entry};
use identity::web::{DashboardCard, Drawing};
use jiff::{SignedDuration, Timestamp};
use kernel::{Permission, when};
use maud::{Markup, html};
use platform::{StoreError, Tx};
use serde_json::json;
use ui::table::{Column, Row, Table, table};
use uuid::Uuid;

use crate::appointment::ops::{Reach, reach, sight, without_hidden};
use crate::appointment::store::{self, Appointment};
use crate::appointment::{Status, pages};

platform::inventory::submit! { DashboardCard { order: 10, permission: Permission::ScheduleRead, draw: |tx, actor| Box::pin(own_day(tx, actor)) } }
platform::inventory::submit! { DashboardCard { order: 11, permission: Permission::ScheduleManage, draw: |tx, actor| Box::pin(arrivals(tx, actor)) } }
platform::inventory::submit! { DashboardCard { order: 5, permission: Permission::ScheduleSettings, draw: |tx, actor| Box::pin(numbers(tx, actor)) } }
platform::inventory::submit! { ChartCard { order: 20, permission: Permission::ClientRead, draw: sessions } }
platform::inventory::submit! { TimelineSource { permission: Permission::ClientRead, entries: |tx, actor, chart| Box::pin(timeline(tx, actor, chart)) } }

/// More visits than a card can hold lead to the calendar.
const CARD_MAX: i64 = 200;
/// The longest appointment: how far back a day's list looks.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

platform::row! {
    struct Numbers {
        booked: i64,
        arrived: i64,
        completed: i64,
        missed: i64,
    }
}
platform::statement! {
    /// The day in four numbers. Index: appointment_starts_at.
    fn day_numbers(practice: kernel::PracticeId, from: Timestamp, until: Timestamp) -> one Numbers = "
    select count(*) filter (where status in ('requested', 'scheduled', 'confirmed', 'checked_in', 'in_session', 'completed', 'no_show')) as booked,
           count(*) filter (where status in ('checked_in', 'in_session', 'completed')) as arrived,
           count(*) filter (where status = 'completed') as completed,
           count(*) filter (where status = 'no_show') as missed
      from appointment where practice_id = $1 and starts_at >= $2 and starts_at < $3"
}

fn today(tx: &Tx, actor: &Actor) -> Option<(Timestamp, Timestamp)> {
    when::day_range(actor.today(tx.now()), &actor.zone).ok()
}

/// A day's visits in order, of one person or everybody, cancelled ones left out.
async fn day(tx: &Tx, actor: &Actor, of: Reach) -> Result<Vec<Appointment>, StoreError> {
    let Some((from, until)) = today(tx, actor) else {
        return Ok(Vec::new());
    };
    let sight = sight(actor, tx.now());
    let earliest = from.checked_sub(LONGEST).unwrap_or(from);
    let nobody = kernel::AppointmentId::from_uuid(Uuid::nil());
    let entry = Entry::new(Action::Search, "appointment").detail(json!({ "from": from, "until": until }));
    let visits = async {
        match of {
            Reach::Own(user) => {
                store::of_clinicians(
                    tx,
                    tx.practice(),
                    &[user],
                    earliest,
                    from,
                    until,
                    earliest,
                    nobody,
                    CARD_MAX,
                    sight.sees_all,
                    sight.reader,
                    sight.today,
                )
                .await
            }
            Reach::Practice => {
                store::in_period(
                    tx,
                    tx.practice(),
                    earliest,
                    from,
                    until,
                    earliest,
                    nobody,
                    CARD_MAX,
                    sight.sees_all,
                    sight.reader,
                    sight.today,
                )
                .await
            }
        }
    };
    let (visits, ()) = try_join!(visits, audit::record(tx, actor, entry))?;
    let shown = visits
        .into_iter()
        .filter(|visit| visit.status.is_active() || visit.status == Status::NoShow);
    Ok(shown.map(|visit| without_hidden(actor, visit)).collect())
}

/// A clinician's own sessions of today. Nobody who treats nobody gets an empty one.
async fn own_day(tx: &Tx, actor: &Actor) -> Result<Markup, StoreError> {
    let Some(user) = actor.user else {
        return Ok(Markup::default());
    };
    let visits = day(tx, actor, Reach::Own(user)).await?;
    let treats = matches!(reach(actor, Permission::ScheduleRead), Ok(Reach::Own(_)));
    if visits.is_empty() && !treats {
        return Ok(Markup::default());
    }
    let rows = visits.iter().map(|visit| {
        Row::link(
            pages::path(visit.id),
            vec![
                html! { (when::clock(visit.starts_at, &actor.zone)) "–" (when::clock(visit.ends_at, &actor.zone)) },
                html! { span data-private { (pages::client_words(visit)) } },
                html! { (visit.type_name) " · " (visit.modality.label()) },
                status(visit),
            ],
        )
    });
    let list = table(&Table {
        caption: "Your sessions of today",
        columns: vec![
            Column::new("Time"),
            Column::new("Client"),
            Column::new("What"),
            Column::new("Status"),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "calendar",
            "No sessions today",
            "What is booked for you today stands here.",
            Markup::default(),
        ),
        ..Table::default()
    });
    Ok(ui::panel(
        "Your sessions today",
        ui::link_button("/calendar", "Calendar", ui::Kind::Quiet),
        list,
    ))
}

/// Who is still expected or already here: for whoever greets the practice's clients.
async fn arrivals(tx: &Tx, actor: &Actor) -> Result<Markup, StoreError> {
    if reach(actor, Permission::ScheduleManage) != Ok(Reach::Practice) {
        return Ok(Markup::default());
    }
    let visits = day(tx, actor, Reach::Practice).await?;
    let expected = visits
        .iter()
        .filter(|visit| matches!(visit.status, Status::Scheduled | Status::Confirmed | Status::CheckedIn));
    let rows = expected.map(|visit| Row {
        href: Some(pages::path(visit.id)),
        cells: vec![
            html! { (when::clock(visit.starts_at, &actor.zone)) },
            html! { span data-private { (pages::client_words(visit)) } },
            html! { (visit.clinician_name) },
            status(visit),
            html! {
                @if visit.status.may_become(Status::CheckedIn) {
                    (ui::post_button(&format!("{}/check-in?from=today", pages::path(visit.id)), &actor.csrf, "Check in", ui::Kind::Secondary))
                }
            },
        ],
        id: Some(format!("arrival-{}", visit.id)),
    });
    let list = table(&Table {
        caption: "Arrivals of today",
        columns: vec![
            Column::new("Time"),
            Column::new("Client"),
            Column::new("With"),
            Column::new("Status"),
            Column::actions(),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "door-open",
            "Nobody else is expected today",
            "Clients booked for today stand here until they are with their clinician.",
            Markup::default(),
        ),
        ..Table::default()
    });
    Ok(ui::panel(
        "Arrivals today",
        ui::link_button("/appointments/new", "Book", ui::Kind::Quiet),
        list,
    ))
}

/// The practice's day for whoever runs it.
async fn numbers(tx: &Tx, actor: &Actor) -> Result<Markup, StoreError> {
    let Some((from, until)) = today(tx, actor) else {
        return Ok(Markup::default());
    };
    let numbers = day_numbers(tx, tx.practice(), from, until).await?;
    let (booked, arrived, completed, missed) = (
        numbers.booked.to_string(),
        numbers.arrived.to_string(),
        numbers.completed.to_string(),
        numbers.missed.to_string(),
    );
    let tile = |label, value| ui::Stat {
        label,
        value,
        href: Some("/calendar"),
        ..Default::default()
    };
    Ok(ui::stats(&[
        tile("Sessions today", &booked),
        tile("Arrived", &arrived),
        tile("Completed", &completed),
        tile("No-shows", &missed),
    ]))
}

fn status(visit: &Appointment) -> Markup {
    let tone = match visit.status {
        Status::Completed => ui::Tone::Success,
        Status::CheckedIn | Status::InSession => ui::Tone::Info,
        Status::NoShow | Status::LateCancelled => ui::Tone::Attention,
        Status::Requested
        | Status::Scheduled
        | Status::Confirmed
        | Status::Declined
        | Status::Expired
        | Status::Cancelled
        | Status::EnteredInError => ui::Tone::Neutral,
    };
    ui::dot(tone, visit.status.label())
}

/// Next and last session in the chart, and the way to the next one.
fn sessions<'a>(tx: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let visits = store::newest_of_client(
            tx,
            tx.practice(),
            chart.id(),
            CARD_MAX,
            true,
            None,
            actor.today(tx.now()),
        )
        .await?;
        let now = tx.now();
        let next = visits
            .iter()
            .filter(|visit| visit.status.is_active() && visit.ends_at > now && visit.status != Status::Completed)
            .min_by_key(|visit| visit.starts_at);
        let last = visits
            .iter()
            .find(|visit| visit.status == Status::Completed || (visit.status.is_active() && visit.ends_at <= now));
        let line = |visit: Option<&Appointment>| {
            html! {
                @if let Some(visit) = visit {
                    @let words = format!("{} · {}", pages::when_words(visit, now, &actor.zone), visit.clinician_name);
                    @if actor.may(Permission::ScheduleRead) { a href=(pages::path(visit.id)) { (words) } } @else { (words) }
                }
            }
        };
        let book = html! {
            @if actor.may(Permission::ScheduleManage) { (ui::link_button(&format!("/appointments/new?client={}", chart.id()), "Book", ui::Kind::Secondary)) }
        };
        Ok(ui::card_with_actions(
            "Sessions",
            book,
            ui::description_list(&[("Next", line(next)), ("Last", line(last))]),
        ))
    })
}

async fn timeline(tx: &Tx, actor: &Actor, chart: &Chart) -> Result<Vec<TimelineItem>, StoreError> {
    let visits = store::newest_of_client(
        tx,
        tx.practice(),
        chart.id(),
        CARD_MAX,
        true,
        None,
        actor.today(tx.now()),
    )
    .await?;
    let shown = visits
        .into_iter()
        .filter(|visit| visit.status != Status::EnteredInError);
    Ok(shown
        .map(|visit| TimelineItem {
            at: visit.starts_at,
            kind: "appointment",
            icon: "calendar",
            title: html! { (visit.type_name) " with " (visit.clinician_name) },
            detail: html! { (visit.modality.label()) " · " (visit.status.label()) },
            href: actor.may(Permission::ScheduleRead).then(|| pages::path(visit.id)),
        })
        .collect())
}
