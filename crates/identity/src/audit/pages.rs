//! `/practice/audit`: searching the log, and verifying its chain.

use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::{Permission, Problems, Scope};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{self, Choice, Field};
use ui::table::{Column, Row, Table, table};

use super::chain::Verdict;
use super::search::{self, Filter};
use super::store::EventRow;
use super::{Action, Outcome};
use crate::web::{Access, Ask, Failure, Html, List, Paging, Query, Routes, encoded, staff_page, unprocessable};

const SECTION: &str = "/practice";
const PAGE: i64 = 50;

pub(super) fn routes() -> Routes {
    let need = Access::Need(Permission::AuditRead);
    Routes::new()
        .page("/practice/audit", need, get(list))
        .page("/practice/audit/verify", need, get(verify))
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    person: String,
    client: String,
    action: String,
    from: String,
    until: String,
    cursor: Option<String>,
}

impl Wanted {
    fn next(&self, cursor: &str) -> String {
        format!(
            "/practice/audit?person={}&client={}&action={}&from={}&until={}&cursor={cursor}",
            encoded(&self.person),
            encoded(&self.client),
            encoded(&self.action),
            encoded(&self.from),
            encoded(&self.until)
        )
    }
}

async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Response, Failure> {
    let paging = Paging {
        limit: Some(PAGE),
        cursor: wanted.cursor.clone(),
    };
    let (filter, problems) = match Filter::parse(
        &wanted.person,
        &wanted.client,
        &wanted.action,
        &wanted.from,
        &wanted.until,
    ) {
        Ok(filter) => (filter, Problems::default()),
        Err(problems) => (Filter::default(), problems),
    };
    let before = paging.after()?;
    let rows = if problems.is_empty() {
        search::search(&ask.tx, &ask.actor, &filter, before.as_ref(), PAGE + 1)
            .await
            .map_err(|error| Failure::of(&error))?
    } else {
        Vec::new()
    };
    let people = if ask.actor.scope(Permission::AuditRead) == Some(Scope::Practice) {
        crate::user::directory(&ask.tx, &ask.actor)
            .await
            .map_err(|error| Failure::of(&error))?
    } else {
        Vec::new()
    };
    let list = List::cut(rows, PAGE, |row| (row.at, row.id));
    let people: Vec<(String, String)> = people.into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    let page = draw(&ask, &wanted, &problems, &people, &list);
    ask.tx.commit().await?;
    Ok(if problems.is_empty() {
        Html(page).into_response()
    } else {
        unprocessable(page)
    })
}

fn draw(ask: &Ask, wanted: &Wanted, problems: &Problems, people: &[(String, String)], list: &List<EventRow>) -> Markup {
    let errors: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    let sees_all = ask.actor.scope(Permission::AuditRead) == Some(Scope::Practice);
    let persons: Vec<Choice> = std::iter::once(Choice::new("", "Everybody"))
        .chain(people.iter().map(|(id, name)| Choice::new(id, name)))
        .collect();
    let actions: Vec<Choice> = std::iter::once(Choice::new("", "Everything"))
        .chain(
            Action::ALL
                .iter()
                .map(|action| Choice::new(action.word(), label(*action))),
        )
        .collect();
    let body = html! {
        (form::error_summary(&errors))
        (form::filter_form("/practice/audit", html! {
            @if sees_all { (form::combobox(&Field::new("person", "Person", &wanted.person).optional().error(problems.of("person")), &persons)) }
            (form::select(&Field::new("action", "Action", &wanted.action).optional().error(problems.of("action")), &actions))
            (form::text(&Field::new("client", "Client's id", &wanted.client).optional().error(problems.of("client"))))
            (form::date(&Field::new("from", "From", &wanted.from).optional().error(problems.of("from"))))
            (form::date(&Field::new("until", "Until", &wanted.until).optional().error(problems.of("until"))))
            (ui::button("Show", ui::Kind::Secondary))
        }))
        (lines(ask, list, list.next.as_deref().map(|cursor| wanted.next(cursor))))
    };
    let page = ui::Page {
        actions: html! { @if sees_all { (ui::link_button("/practice/audit/verify", "Verify the log", ui::Kind::Secondary)) } },
        has_errors: !problems.is_empty(),
        wide: true,
        ..ui::Page::new("Audit log", body)
    };
    staff_page(&ask.actor, SECTION, page)
}

fn lines(ask: &Ask, list: &List<EventRow>, next: Option<String>) -> Markup {
    let rows = list.items.iter().map(|row| Row::plain(vec![
        html! { time datetime=(row.at) { (kernel::when::near(row.at, ask.tx.now(), &ask.actor.zone)) } },
        html! { (row.actor_name) },
        html! { (label(row.action)) @match row.outcome {
            Outcome::Success => {}
            Outcome::Refused => { " " (ui::badge(ui::Tone::Attention, "refused")) }
            Outcome::Failure => { " " (ui::badge(ui::Tone::Danger, "failed")) }
        } },
        html! { (row.resource_type.replace('_', " ")) },
        html! { @if let Some(client) = row.client_id { a href={ "/practice/audit?client=" (client) } { "This client" } } },
        html! { (row.address.as_deref().unwrap_or_default()) },
        html! { @if row.detail.as_object().is_some_and(|detail| !detail.is_empty()) { details { summary { "Show" } code { (row.detail.to_string()) } } } },
        html! { @if let Some(sequence) = row.sequence { (sequence) } },
    ]));
    table(&Table {
        caption: "Audit log, newest first",
        columns: vec![
            Column::new("When"),
            Column::new("Who"),
            Column::new("Did"),
            Column::new("To"),
            Column::new("Client"),
            Column::new("From"),
            Column::new("Detail"),
            Column::numeric("Number"),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "history",
            "Nothing found",
            "No line of the log fits these filters.",
            html! {},
        ),
        next,
        ..Default::default()
    })
}

const fn label(action: Action) -> &'static str {
    match action {
        Action::Create => "Created",
        Action::Read => "Opened",
        Action::Update => "Changed",
        Action::Delete => "Removed",
        Action::Execute => "Ran",
        Action::SignIn => "Signed in",
        Action::SignOut => "Signed out",
        Action::Search => "Searched",
        Action::Print => "Printed",
        Action::Export => "Exported",
        Action::Sign => "Signed",
        Action::Permission => "Changed rights",
    }
}

async fn verify(ask: Ask) -> Result<Html, Failure> {
    // What was written a moment ago is linked first, so that the answer covers it.
    super::chain::link_all(&ask.app.db).await?;
    let verdict = search::verify(&ask.tx, &ask.actor)
        .await
        .map_err(|error| Failure::of(&error))?;
    ask.tx.commit().await?;
    let back = ui::link_button("/practice/audit", "Back to the log", ui::Kind::Secondary);
    let body = match verdict {
        Verdict::Intact { last } => ui::empty_state(
            "shield-check",
            "The audit log is intact",
            &format!("All {last} lines are there, in order and unaltered."),
            back,
        ),
        Verdict::Broken { sequence, why } => html! {
            (ui::banner(&ui::Banner { tone: ui::Tone::Danger, text: format!("The audit log is broken at number {sequence}: {why}."), action: None }))
            p { "Somebody with access to the database itself changed the log. Keep the database as it is, and tell whoever is responsible for privacy." }
            (back)
        },
    };
    Ok(Html(staff_page(
        &ask.actor,
        SECTION,
        ui::Page::new("Audit log verified", body),
    )))
}
