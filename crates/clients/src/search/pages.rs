//! Pages of the search: all results, and the first ones while typing.

use axum::routing::get;
use identity::Actor;
use identity::web::{Access, Ask, Failure, Html, Nav, Query, Routes, staff_page};
use kernel::{Permission, when};
use maud::{Markup, html};
use serde::Deserialize;
use ui::table::{Column, Row, Table, table};

use super::{Found, search};
use crate::chart::overview_path;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page("/search", Access::SignedIn, get(page))
        .page("/search/suggestions", Access::SignedIn, get(suggestions))
        .page(
            "/clients/suggestions",
            Access::Need(Permission::ClientRead),
            get(client_suggestions),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    q: String,
}

/// Results in a list while typing (CLI, Numbers).
const FIRST: i32 = 10;

async fn page(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let found = if ask.actor.may(Permission::ClientRead) {
        search(&ask.tx, &ask.actor, &wanted.q, 50).await?
    } else {
        Vec::new()
    };
    let places = places(&ask.actor, &wanted.q);
    let body = html! {
        @if !places.is_empty() { (ui::card("Pages", html! { ul { @for (label, path) in &places { li { a href=(path) { (label) } } } } })) }
        (results(&found, &wanted.q, "/search"))
    };
    let page = staff_page(&ask.actor, "/search", ui::Page::new("Search", body));
    ask.tx.commit().await?;
    Ok(Html(page))
}

/// Clients found, as a table.
pub(crate) fn results(found: &[Found], query: &str, back: &str) -> Markup {
    let summary = match found.len() {
        1 => "1 client".to_owned(),
        many => format!("{many} clients"),
    };
    let empty = if query.trim().is_empty() {
        ui::empty_state(
            "search",
            "Whom are you looking for?",
            "Type a name, birth date, phone number, e-mail or record number above.",
            html! {},
        )
    } else {
        ui::empty_state(
            "search",
            "Nobody found",
            "Check the spelling, or try the birth date or phone number. Clients outside your care don't appear.",
            ui::link_button(back, "Clear the search", ui::Kind::Secondary),
        )
    };
    let row = |one: &Found| {
        Row::link(
            overview_path(one.id),
            vec![
                html! { (one.name) },
                html! { @if let Some(born) = one.birth_date { (when::day(born)) } },
                html! { (one.mrn) },
                ui::dot(one.status.tone(), one.status.label()),
                html! { @if let Some(name) = &one.clinician { (name) } },
            ],
        )
    };
    table(&Table {
        caption: "Clients found, best match first",
        columns: ["Name", "Date of birth", "Record no.", "Status", "Primary clinician"]
            .map(Column::new)
            .to_vec(),
        rows: found.iter().map(row).collect(),
        empty,
        summary: &summary,
        ..Table::default()
    })
}

async fn suggestions(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let found = if ask.actor.may(Permission::ClientRead) {
        search(&ask.tx, &ask.actor, &wanted.q, FIRST).await?
    } else {
        Vec::new()
    };
    let places = places(&ask.actor, &wanted.q);
    ask.tx.commit().await?;
    Ok(Html(html! {
        (options(&found))
        @for (label, path) in places.iter().take(5) { a role="option" aria-selected="false" href=(path) { (label) span.quiet { "Page" } } }
        @if found.is_empty() && places.is_empty() { p.quiet { "Nothing found" } }
    }))
}

async fn client_suggestions(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let found = search(&ask.tx, &ask.actor, &wanted.q, FIRST).await?;
    ask.tx.commit().await?;
    Ok(Html(
        html! { (options(&found)) @if found.is_empty() { p.quiet { "Nobody found" } } },
    ))
}

fn options(found: &[Found]) -> Markup {
    html! {
        @for one in found {
            a role="option" aria-selected="false" href=(overview_path(one.id)) data-value=(one.id) data-label=(one.name) {
                (one.name)
                span.quiet { @if let Some(born) = one.birth_date { (when::day(born)) " · " } (one.mrn) }
            }
        }
    }
}

/// Pages and actions whose words begin with what is typed, among those that the person may use.
fn places(actor: &Actor, typed: &str) -> Vec<(&'static str, &'static str)> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Vec::new();
    }
    let sections = platform::inventory::iter::<Nav>
        .into_iter()
        .filter(|nav| actor.may(nav.permission))
        .map(|nav| (nav.label, nav.path));
    let actions = actor
        .may(Permission::ClientEdit)
        .then_some(("New client", "/clients/new"));
    sections
        .chain(actions)
        .filter(|(label, _)| {
            label.to_lowercase().split(' ').any(|word| word.starts_with(&typed))
                || label.to_lowercase().starts_with(&typed)
        })
        .collect()
}
