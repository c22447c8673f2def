//! One appointment: what it is, what can be done with it now, and all that happened to it.

use std::pin::Pin;

use axum::extract::Path;
use axum::response::Response;
use futures_util::future::try_join_all;
use futures_util::try_join;
use identity::Actor;
use identity::web::{Ask, Failure, Html, Posted, Query, live_page, see_other};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{AppointmentId, Permission, Refusal, when};
use maud::{Markup, html};
use platform::Tx;
use serde::Deserialize;
use serde_json::Value;

use super::{AppointmentAction, client_words, id_of, path, when_words, with_status};
use crate::appointment::ops::{self, AppointmentError, reach};
use crate::appointment::store::{Appointment, Change};
use crate::appointment::{NO_SHOW_GRACE, Status};

/// GET `/appointments/{id}`.
pub(super) async fn page(ask: Ask, id: Path<String>) -> Result<Html, Failure> {
    let page = draw(&ask.tx, &ask.actor, id_of(id)?, None).await?;
    ask.tx.commit().await?;
    Ok(Html(page))
}

/// Draws the page, with a refusal on top where something has just been refused.
pub(super) async fn draw(tx: &Tx, actor: &Actor, id: AppointmentId, refused: Option<&str>) -> Result<Markup, Failure> {
    let visit = ops::find(tx, actor, id, Permission::ScheduleRead).await?;
    let history = async { Ok::<_, Failure>(ops::history(tx, &visit).await?) };
    let (history, contributed) = try_join!(history, contributions(tx, actor, &visit))?;
    let zone = TimeZone::get(&visit.time_zone).unwrap_or_else(|_| actor.zone.clone());
    let body = html! {
        @if let Some(sentence) = refused { (ui::banner(&ui::Banner { tone: ui::Tone::Danger, text: sentence.to_owned(), ..Default::default() })) }
        (ui::split(
            html! {
                (ui::card("Appointment", facts(&visit, tx.now(), actor)))
                (ui::panel("History", Markup::default(), history_table(&history, &zone, tx.now())))
            },
            html! { (ui::card("Next", html! { (ui::stack(html! { @for piece in contributed { (piece) } (steps(&visit, actor, tx.now())) })) })) },
        ))
    };
    let heading = html! { (visit.type_name) " " (status_badge(visit.status)) };
    let page = ui::Page {
        heading,
        actions: head_actions(&visit, actor),
        has_errors: refused.is_some(),
        ..ui::Page::new("Appointment", body)
    };
    Ok(live_page(actor, "/calendar", "calendar", page))
}

async fn contributions(tx: &Tx, actor: &Actor, visit: &Appointment) -> Result<Vec<Markup>, Failure> {
    let mut actions: Vec<&AppointmentAction> = platform::inventory::iter::<AppointmentAction>
        .into_iter()
        .filter(|action| actor.may(action.permission))
        .collect();
    if visit.client_name.is_none() {
        actions.clear();
    }
    actions.sort_by_key(|action| action.order);
    Ok(try_join_all(actions.into_iter().map(|action| (action.draw)(tx, actor, visit))).await?)
}

fn status_badge(status: Status) -> Markup {
    let tone = match status {
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
    ui::badge(tone, status.label())
}

fn facts(visit: &Appointment, now: Timestamp, actor: &Actor) -> Markup {
    let client = match &visit.client_name {
        Some(name) => html! { a href=(format!("/clients/{}", visit.client_id)) data-private { (name) } },
        None => html! { (client_words(visit)) },
    };
    let zone = TimeZone::get(&visit.time_zone).unwrap_or_else(|_| actor.zone.clone());
    let clock = |at: Option<Timestamp>| html! { @if let Some(at) = at { (when::near(at, now, &zone)) } };
    let text = |text: Option<&str>| html! { @if let Some(text) = text { (text) } };
    let mut lines = vec![
        ("Client", client),
        ("When", html! { (when_words(visit, now, &actor.zone)) }),
        ("Clinician", html! { (visit.clinician_name) }),
        ("Modality", html! { (visit.modality.label()) }),
    ];
    let mut add = |name, fact: Markup| {
        if !fact.0.is_empty() {
            lines.push((name, fact));
        }
    };
    add("Location", text(visit.location_name.as_deref()));
    add("Reason", text(visit.reason.as_deref()));
    add("Exception", text(visit.override_reason.as_deref()));
    add("Checked in", clock(visit.checked_in_at));
    add("Started", clock(visit.session_started_at));
    add("Ended", clock(visit.session_ended_at));
    add("Cancelled", clock(visit.cancelled_at));
    add("Cancelled by", text(visit.cancelled_by.map(|by| by.label())));
    add(
        "Cancelled because",
        text(visit.cancellation_reason.map(|reason| reason.label())),
    );
    add("Note on cancelling", text(visit.cancellation_note.as_deref()));
    if visit.reschedule_count > 0 {
        add("Moved", html! { (visit.reschedule_count) " times" });
    }
    ui::description_list(&lines)
}

/// Whether this actor may take this visit further at all: the operation's own question, asked for the buttons.
pub(super) fn may_change(visit: &Appointment, actor: &Actor) -> bool {
    visit.client_name.is_some()
        && reach(actor, Permission::ScheduleManage).is_ok_and(|reach| reach.holds(visit.clinician_id))
}

fn head_actions(visit: &Appointment, actor: &Actor) -> Markup {
    let day = visit.local_start.date();
    html! {
        (ui::link_button(&format!("/calendar?view=day&date={day}"), "Calendar", ui::Kind::Quiet))
        @if may_change(visit, actor) {
            @if visit.status.is_movable() { (ui::link_button(&format!("{}/move", path(visit.id)), "Move", ui::Kind::Secondary)) }
            @if visit.status.may_become(Status::Cancelled) { (ui::link_button(&format!("{}/cancellation", path(visit.id)), "Cancel", ui::Kind::Secondary)) }
        }
    }
}

/// The steps that the machine allows now, the likeliest first and loudest.
fn steps(visit: &Appointment, actor: &Actor, now: Timestamp) -> Markup {
    if !may_change(visit, actor) {
        return html! { p { "You can look at this appointment; its clinician or the front desk take it further." } };
    }
    let is_missed = visit.starts_at.checked_add(NO_SHOW_GRACE).is_ok_and(|from| now >= from);
    let mut steps: Vec<(&str, &str)> = Vec::new();
    if visit.status == Status::CheckedIn {
        steps.extend([("start", "Start"), ("undo-check-in", "Undo check-in")]);
    } else {
        let all = [
            (Status::CheckedIn, "check-in", "Check in"),
            (Status::InSession, "start", "Start"),
            (Status::Completed, "complete", "Complete"),
            (Status::NoShow, "no-show", "No-show"),
        ];
        let allowed = all
            .iter()
            .filter(|(to, ..)| visit.status.may_become(*to) && (*to != Status::NoShow || is_missed));
        steps.extend(allowed.map(|(_, action, label)| (*action, *label)));
    }
    html! {
        @if steps.is_empty() { p { "Nothing is left to do here." } }
        (ui::cluster(html! {
            @for (index, (action, label)) in steps.iter().enumerate() {
                (ui::post_button(&format!("{}/{action}", path(visit.id)), &actor.csrf, label, if index == 0 { ui::Kind::Primary } else { ui::Kind::Secondary }))
            }
        }))
    }
}

fn history_table(history: &[Change], zone: &TimeZone, now: Timestamp) -> Markup {
    use ui::table::{Column, Row, Table, table};
    let rows = history.iter().map(|change| {
        Row::plain(vec![
            html! { (when::near(change.at, now, zone)) },
            html! { (change.actor_name) },
            html! { (sentence_case(&change.action)) },
            html! {
                @for line in change.changes.as_array().into_iter().flatten() { div { (change_words(line, zone)) } }
                @if let Some(reason) = &change.reason { div { "Because: " (reason) } }
            },
        ])
    });
    table(&Table {
        caption: "What happened to this appointment",
        columns: vec![
            Column::new("When"),
            Column::new("Who"),
            Column::new("What"),
            Column::new("Details"),
        ],
        rows: rows.collect(),
        empty: html! { p { "Nothing recorded." } },
        ..Table::default()
    })
}

fn sentence_case(word: &str) -> String {
    let words = word.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// `Starts at: Tue 3 Mar 2026 10:00 → Tue 3 Mar 2026 11:00`.
fn change_words(line: &Value, zone: &TimeZone) -> String {
    let words = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(value_words(text, zone)),
        other => Some(other.to_string()),
    };
    let field = sentence_case(line["field"].as_str().unwrap_or_default());
    match (words(&line["old"]), words(&line["new"])) {
        (Some(old), Some(new)) => format!("{field}: {old} → {new}"),
        (None, Some(new)) => format!("{field}: {new}"),
        (Some(old), None) => format!("{field}: {old} → nothing"),
        (None, None) => format!("{field} changed"),
    }
}

fn value_words(text: &str, zone: &TimeZone) -> String {
    if let Ok(at) = text.parse::<Timestamp>() {
        return at.to_zoned(zone.clone()).strftime("%a %-d %b %Y %H:%M").to_string();
    }
    text.parse::<Status>()
        .map_or_else(|_| text.replace('_', " "), |status| status.label().to_owned())
}

/// Where the person came from, so that a button of a list leads back to it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    from: String,
}

/// A form of one button: nothing but its token.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

type Step = for<'a> fn(
    &'a Tx,
    &'a Actor,
    AppointmentId,
) -> Pin<Box<dyn Future<Output = Result<Appointment, AppointmentError>> + Send + 'a>>;

async fn take(ask: Ask, id: Path<String>, from: From, step: Step) -> Result<Response, Failure> {
    let id = id_of(id)?;
    match step(&ask.tx, &ask.actor, id).await {
        Ok(_) => {
            ask.tx.commit().await?;
            Ok(see_other(&match from.from.as_str() {
                "calendar" => "/calendar".to_owned(),
                "today" => "/".to_owned(),
                _ => path(id),
            }))
        }
        Err(
            error @ (AppointmentError::NotAllowed { .. }
            | AppointmentError::TooEarly { .. }
            | AppointmentError::Stale { .. }),
        ) => {
            let refusal = Refusal::from(&error);
            let ask = ask.again().await?;
            let page = draw(&ask.tx, &ask.actor, id, Some(&refusal.words().1)).await?;
            ask.tx.commit().await?;
            Ok(with_status(refusal.status(), page))
        }
        Err(error) => Err(error.into()),
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident => $operation:ident,)+) => {$(
        $(#[$doc])*
        pub(super) async fn $name(ask: Ask, id: Path<String>, Query(from): Query<From>, Posted(_): Posted<Nothing>) -> Result<Response, Failure> {
            take(ask, id, from, |tx, actor, id| Box::pin(ops::$operation(tx, actor, id, None))).await
        }
    )+};
}
steps! {
    /// POST `/appointments/{id}/confirm`.
    confirm => confirm,
    /// POST `/appointments/{id}/check-in`.
    check_in => check_in,
    /// POST `/appointments/{id}/undo-check-in`.
    undo_check_in => undo_check_in,
    /// POST `/appointments/{id}/start`.
    start => start,
    /// POST `/appointments/{id}/complete`.
    complete => complete,
    /// POST `/appointments/{id}/no-show`.
    no_show => mark_no_show,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sch_83_a_change_reads_as_old_and_new() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let check = |line: Value, words: &str| assert_eq!(change_words(&line, &zone), words);
        check(
            json!({ "field": "starts_at", "old": "2026-03-03T15:00:00Z", "new": "2026-03-03T16:00:00Z" }),
            "Starts at: Tue 3 Mar 2026 10:00 → Tue 3 Mar 2026 11:00",
        );
        check(
            json!({ "field": "status", "old": "checked_in", "new": "in_session" }),
            "Status: Checked in → In session",
        );
        check(json!({ "field": "reason", "old": null, "new": null }), "Reason changed");
        check(json!({ "field": "minutes", "old": 50, "new": 25 }), "Minutes: 50 → 25");
    }
}
