//! `/clients`: one's caseload or everybody, filtered and sorted in the address, page by page.

use futures_util::try_join;
use identity::audit::{self, Action, Entry};
use identity::web::{Ask, Failure, Html, List, Paging, Query, staff_page};
use jiff::Timestamp;
use kernel::{ClientId, Permission, Scope, when};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use ui::table::{Column, Direction, Row, Table, table};

use super::encoded;
use crate::chart::overview_path;
use crate::client::store::{self, Line};
use crate::client::{Status, spoken_name};
use crate::search;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct Wanted {
    q: String,
    status: String,
    /// `mine` or `all`; empty is mine for those who treat.
    show: String,
    /// `name` or `newest`.
    sort: String,
    cursor: Option<String>,
}

const LINES: i64 = 50;

/// Where a page of a list begins: name or instant, and id.
pub(in crate::client) type Place = (String, ClientId);

/// Lines of a list, one more than the limit where there are more. Those out of reach never appear.
pub(in crate::client) async fn lines(
    ask: &Ask,
    mine: bool,
    status: Option<Status>,
    newest: bool,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Line>, Failure> {
    let (tx, actor) = (&ask.tx, &ask.actor);
    let scope = actor.need(Permission::ClientRead)?;
    let mine = mine || !crate::is_whole(scope);
    let user = if mine {
        Some(actor.person(Permission::ClientRead)?)
    } else {
        None
    };
    let today = actor.today(tx.now());
    let id = after.as_ref().map_or(
        ClientId::from_uuid(if newest { uuid::Uuid::max() } else { uuid::Uuid::nil() }),
        |(_, id)| *id,
    );
    let entry = Entry::new(Action::Search, "client").detail(json!({ "list": if mine { "mine" } else { "all" } }));
    let rows = async {
        if newest {
            let before = after
                .as_ref()
                .and_then(|(at, _)| at.parse::<Timestamp>().ok())
                .unwrap_or(FAR);
            match user {
                Some(user) => store::mine_newest(tx, tx.practice(), status, before, id, limit + 1, user, today).await,
                None => store::newest(tx, tx.practice(), status, before, id, limit + 1).await,
            }
        } else {
            let name = after.as_ref().map_or("", |(name, _)| name.as_str());
            match user {
                Some(user) => store::mine_by_name(tx, tx.practice(), status, name, id, limit + 1, user, today).await,
                None => store::by_name(tx, tx.practice(), status, name, id, limit + 1).await,
            }
        }
    };
    Ok(try_join!(rows, audit::record(tx, actor, entry))?.0)
}

/// Later than anything stored (9999-01-01).
const FAR: Timestamp = Timestamp::constant(253_370_764_800, 0);

/// The key of a line in the order of its list.
pub(in crate::client) fn place(line: &Line, newest: bool) -> Place {
    (
        if newest {
            line.created_at.to_string()
        } else {
            line.sort_name.clone()
        },
        line.id,
    )
}

pub(super) async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let body = if wanted.q.trim().is_empty() {
        listed(&ask, &wanted).await?
    } else {
        found(&ask, &wanted.q).await?
    };
    let actions = html! { @if ask.actor.may(Permission::ClientEdit) { (ui::link_button_with_icon("/clients/new", "plus", "New client", ui::Kind::Primary)) } };
    let body = html! { (filter(&wanted)) (body) };
    let page = staff_page(
        &ask.actor,
        "/clients",
        ui::Page {
            actions,
            ..ui::Page::new("Clients", body)
        },
    );
    ask.tx.commit().await?;
    Ok(Html(page))
}

fn filter(wanted: &Wanted) -> Markup {
    ui::search_box(
        "clients",
        "/clients",
        "/clients/suggestions",
        "Find by name, birth date, phone or record number",
        &wanted.q,
    )
}

async fn listed(ask: &Ask, wanted: &Wanted) -> Result<Markup, Failure> {
    let whole = ask.actor.scope(Permission::ClientRead).is_some_and(crate::is_whole);
    let treats = ask
        .actor
        .scope(Permission::ClinicalRead)
        .is_some_and(|scope| scope < Scope::Practice);
    let mine = match wanted.show.as_str() {
        "mine" => true,
        "all" => !whole,
        _ => treats || !whole,
    };
    let (newest, status) = (wanted.sort == "newest", wanted.status.parse::<Status>().ok());
    let after = Paging {
        limit: None,
        cursor: wanted.cursor.clone(),
    }
    .after::<Place>()?;
    let rows = List::cut(lines(ask, mine, status, newest, after, LINES).await?, LINES, |line| {
        place(line, newest)
    });
    let address = |show: &str, status: &str, sort: &str| format!("/clients?show={show}&status={status}&sort={sort}");
    let show = if mine { "mine" } else { "all" };
    let (status_word, sort) = (status.map_or("", Status::word), if newest { "newest" } else { "name" });
    let mut chips = Vec::new();
    if whole && (treats || mine) {
        chips.push(ui::Chip {
            label: "My clients",
            href: address(if mine { "all" } else { "mine" }, status_word, sort),
            on: mine,
            count: None,
        });
    }
    for one in [
        Status::Active,
        Status::Intake,
        Status::Waitlisted,
        Status::Inactive,
        Status::Discharged,
    ] {
        let on = status == Some(one);
        chips.push(ui::Chip {
            label: one.label(),
            href: address(show, if on { "" } else { one.word() }, sort),
            on,
            count: None,
        });
    }
    let next = rows
        .next
        .as_ref()
        .map(|cursor| format!("{}&cursor={}", address(show, status_word, sort), encoded(cursor)));
    let is_first = wanted.cursor.is_none();
    Ok(html! {
        (ui::chips("Filters", &chips))
        (table(&Table {
            caption: "Clients",
            columns: vec![
                Column::new("Name").sortable(address(show, status_word, "name"), (!newest).then_some(Direction::Asc)),
                Column::new("Date of birth"),
                Column::new("Record no."),
                Column::new("Status"),
                Column::new("Primary clinician"),
                Column::new("Registered").sortable(address(show, status_word, "newest"), newest.then_some(Direction::Desc)),
            ],
            rows: rows.items.iter().map(|line| row(ask, line)).collect(),
            empty: empty(ask, mine, status.is_some()),
            previous: (!is_first).then(|| address(show, status_word, sort)),
            next,
            ..Table::default()
        }))
    })
}

fn row(ask: &Ask, line: &Line) -> Row {
    let cells = vec![
        html! { (spoken_name(line.preferred_name.as_deref(), &line.given, &line.family)) @if let Some(pronouns) = &line.pronouns { " " span.quiet { (pronouns) } } },
        html! { @if let Some(born) = line.birth_date { (when::day(born)) } },
        html! { (line.mrn) },
        ui::dot(line.status.tone(), line.status.label()),
        html! { @if let Some(name) = &line.clinician { (name) } },
        html! { (when::day(when::date_in(line.created_at, &ask.actor.zone))) },
    ];
    Row {
        id: Some(format!("client-{}", line.id)),
        ..Row::link(overview_path(line.id), cells)
    }
}

fn empty(ask: &Ask, mine: bool, filtered: bool) -> Markup {
    let action = if filtered {
        ui::link_button("/clients", "Show all", ui::Kind::Secondary)
    } else if ask.actor.may(Permission::ClientEdit) {
        ui::link_button("/clients/new", "Register a client", ui::Kind::Primary)
    } else {
        html! {}
    };
    match (filtered, mine) {
        (true, _) => ui::empty_state("users", "Nobody here", "No client matches these filters.", action),
        (false, true) => ui::empty_state(
            "users",
            "Your caseload is empty",
            "Clients appear here once you are on their team.",
            action,
        ),
        (false, false) => ui::empty_state(
            "users",
            "No clients yet",
            "Register the first one, or bring records in from another system.",
            action,
        ),
    }
}

async fn found(ask: &Ask, query: &str) -> Result<Markup, Failure> {
    let found = search::search(&ask.tx, &ask.actor, query, 50).await?;
    Ok(search::pages::results(&found, query, "/clients"))
}
