//! `/clients/{id}/outside`: records of other systems, under headings, each readable and with its text as it came.

use axum::extract::Path;
use axum::routing::get;
use identity::audit::{self, Action, Entry};
use identity::web::{Access, Ask, Failure, Html, List, Paging, Query, Routes};
use jiff::Timestamp;
use kernel::{ClientId, ExternalResourceId, Permission, Refusal, when};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use ui::table::{Column, Row, Table, table};

use super::Category;
use super::store::{self, ResourceLine, ResourceRow};
use crate::chart::{Chart, chart_page, open_chart};
use crate::client::pages::{client_id, encoded, id_of};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page(
            "/clients/{id}/outside",
            Access::Need(Permission::ClinicalRead),
            get(list),
        )
        .page(
            "/clients/{id}/outside/{resource}",
            Access::Need(Permission::ClinicalRead),
            get(one),
        )
}

/// The list under one heading.
pub(crate) fn list_path(client: ClientId, category: Category) -> String {
    format!("/clients/{client}/outside?heading={category}")
}

/// One kept resource.
pub(crate) fn one_path(client: ClientId, id: ExternalResourceId) -> String {
    format!("/clients/{client}/outside/{id}")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    heading: String,
    cursor: Option<String>,
}

const LINES: i64 = 50;
/// What stands for "no time known" in the order of lists; the same as in the statement.
const TIMELESS: &str = "0001-01-01T00:00:00Z";

async fn list(ask: Ask, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClinicalRead).await?;
    let counts: Vec<(Category, i64)> = store::counts(&ask.tx, ask.tx.practice(), chart.id())
        .await?
        .into_iter()
        .filter(|(category, _)| ask.actor.may(category.permission()))
        .collect();
    let heading = wanted
        .heading
        .parse::<Category>()
        .ok()
        .filter(|category| counts.iter().any(|(known, _)| known == category))
        .or(counts.first().map(|(category, _)| *category));
    let body = match heading {
        None => ui::empty_state(
            "inbox",
            "Nothing from outside",
            "Records that are brought in from other systems and have no place of their own here appear on this page, exactly as they came.",
            html! {},
        ),
        Some(heading) => headed(&ask, &chart, &counts, heading, wanted.cursor).await?,
    };
    let page = chart_page(&ask.actor, &chart, "outside", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(page))
}

async fn headed(
    ask: &Ask,
    chart: &Chart,
    counts: &[(Category, i64)],
    heading: Category,
    cursor: Option<String>,
) -> Result<Markup, Failure> {
    let is_first = cursor.is_none();
    let (at, before) = Paging { limit: None, cursor }
        .after::<(Timestamp, ExternalResourceId)>()?
        .unwrap_or((
            Timestamp::constant(253_370_764_800, 0),
            ExternalResourceId::from_uuid(uuid::Uuid::max()),
        ));
    let rows = store::resources(&ask.tx, ask.tx.practice(), chart.id(), heading, at, before, LINES + 1).await?;
    let timeless = TIMELESS.parse::<Timestamp>().unwrap_or(Timestamp::MIN);
    let rows = List::cut(rows, LINES, |line: &ResourceLine| {
        (line.happened_at.unwrap_or(timeless), line.id)
    });
    let chips: Vec<ui::Chip> = counts
        .iter()
        .map(|(category, count)| ui::Chip {
            label: category.label(),
            href: list_path(chart.id(), *category),
            on: *category == heading,
            count: u32::try_from(*count).ok(),
        })
        .collect();
    let row = |line: &ResourceLine| {
        Row::link(
            one_path(chart.id(), line.id),
            vec![
                html! { (line.title) },
                html! { @if let Some(at) = line.happened_at { (when::day(when::date_in(at, &ask.actor.zone))) } },
                html! { @if let Some(detail) = &line.detail { (detail) } },
                html! { @if let Some(status) = &line.status { (status) } },
            ],
        )
    };
    Ok(html! {
        (ui::chips("Headings", &chips))
        (table(&Table {
            caption: heading.label(),
            columns: ["What", "When", "Detail", "Status"].map(Column::new).to_vec(),
            rows: rows.items.iter().map(row).collect(),
            empty: ui::empty_state("inbox", "Nothing more", "There is nothing earlier under this heading.", html! {}),
            previous: (!is_first).then(|| list_path(chart.id(), heading)),
            next: rows.next.as_ref().map(|cursor| format!("{}&cursor={}", list_path(chart.id(), heading), encoded(cursor))),
            ..Table::default()
        }))
    })
}

async fn one(ask: Ask, Path((id, resource)): Path<(String, String)>) -> Result<Html, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClinicalRead).await?;
    let row = store::resource(&ask.tx, ask.tx.practice(), chart.id(), id_of(&resource)?)
        .await?
        .ok_or(Failure(Refusal::NotFound))?;
    ask.actor.need(row.category.permission())?;
    audit::record(
        &ask.tx,
        &ask.actor,
        Entry::new(Action::Read, "external_resource")
            .id(row.id.uuid())
            .client(chart.id()),
    )
    .await?;
    let body = readable(&ask, &chart, &row);
    let page = chart_page(&ask.actor, &chart, "outside", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(page))
}

fn readable(ask: &Ask, chart: &Chart, row: &ResourceRow) -> Markup {
    let day = |at: Timestamp| when::day(when::date_in(at, &ask.actor.zone));
    let mut facts = Vec::new();
    if let Ok(value) = serde_json::from_str::<Value>(&row.content) {
        flatten("", &value, &mut facts);
    }
    let is_cut = facts.len() > FACTS_MAX;
    facts.truncate(FACTS_MAX);
    let facts: Vec<(&str, Markup)> = facts
        .iter()
        .map(|(name, value)| (name.as_str(), html! { (value) }))
        .collect();
    let back = ui::link_button(
        &list_path(chart.id(), row.category),
        row.category.label(),
        ui::Kind::Quiet,
    );
    html! {
        (ui::card_with_actions(&row.title, back, html! {
            p.quiet { "Came from outside on " (day(row.created_at)) " as " (row.resource_type) ". It is kept exactly as it came and can't be changed here." }
            (ui::description_list(&[
                ("When", html! { @if let Some(at) = row.happened_at { (day(at)) } }),
                ("Status", html! { @if let Some(status) = &row.status { (status) } }),
                ("Detail", html! { @if let Some(detail) = &row.detail { (detail) } }),
                ("Number at the source", html! { (row.source_id) @if !row.source_system.is_empty() { span.quiet { " · " (row.source_system) } } }),
            ]))
        }))
        (ui::card("Everything in it", html! {
            (ui::description_list(&facts))
            @if is_cut { p.quiet { "There is more; see the text as it came." } }
        }))
        details { summary { "Text as it came (JSON)" } pre { code { (row.content) } } }
    }
}

/// Facts shown one by one; the rest is in the text below.
const FACTS_MAX: usize = 200;

/// Every value of a resource with the words that lead to it: `Medication codeable concept, text`.
fn flatten(name: &str, value: &Value, facts: &mut Vec<(String, String)>) {
    let child = |key: &str| {
        if name.is_empty() {
            words(key)
        } else {
            format!("{name}, {}", words(key).to_lowercase())
        }
    };
    match value {
        Value::Object(fields) => {
            // A coding reads as its meaning with its code, not as three lines.
            if let (Some(display), Some(code)) = (
                fields.get("display").and_then(Value::as_str),
                fields.get("code").and_then(Value::as_str),
            ) {
                facts.push((name.to_owned(), format!("{display} ({code})")));
                return;
            }
            for (key, value) in fields.iter().filter(|(key, value)| !is_frame(key, value)) {
                flatten(&child(key), value, facts);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| flatten(name, item, facts)),
        Value::String(text) => facts.push((name.to_owned(), text.clone())),
        Value::Bool(yes) => facts.push((name.to_owned(), if *yes { "Yes" } else { "No" }.to_owned())),
        Value::Number(number) => facts.push((name.to_owned(), number.to_string())),
        Value::Null => {}
    }
}

/// What says nothing to a reader. `text` is a narrative in HTML at the top, but plain words within a concept.
fn is_frame(key: &str, value: &Value) -> bool {
    matches!(key, "resourceType" | "id" | "meta") || (key == "text" && value.is_object())
}

/// `authoredOn` as `Authored on`.
fn words(key: &str) -> String {
    let mut words = String::with_capacity(key.len() + 4);
    for (index, letter) in key.chars().enumerate() {
        match (index, letter.is_uppercase()) {
            (0, _) => words.extend(letter.to_uppercase()),
            (_, true) => {
                words.push(' ');
                words.extend(letter.to_lowercase());
            }
            (_, false) => words.push(letter),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_resource_reads_as_names_and_facts() {
        let resource = serde_json::json!({ "resourceType": "MedicationRequest", "id": "x", "authoredOn": "2020-01-02", "text": { "div": "<div>" },
            "medicationCodeableConcept": { "coding": [{ "system": "s", "code": "1", "display": "Fluoxetine" }], "text": "Fluoxetine 20 MG" } });
        let mut facts = Vec::new();
        flatten("", &resource, &mut facts);
        facts.sort();
        let expected = [
            ("Authored on", "2020-01-02"),
            ("Medication codeable concept, coding", "Fluoxetine (1)"),
            ("Medication codeable concept, text", "Fluoxetine 20 MG"),
        ];
        assert_eq!(facts, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
