//! The chart's overview and timeline, put together from this room's cards and those of the rooms above.

use axum::extract::Path;
use axum::routing::get;
use futures_util::future::try_join_all;
use identity::Actor;
use identity::web::{Access, Ask, Drawing, Failure, Html, Query, Routes};
use jiff::Timestamp;
use kernel::{Permission, when};
use maud::{Markup, html};
use platform::Tx;
use serde::Deserialize;

use super::{Chart, ChartCard, TimelineEntries, TimelineItem, TimelineSource, chart_page, open_chart};
use crate::client::pages::client_id;
use crate::contact;
use crate::outside;
use crate::team;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page("/clients/{id}", Access::Need(Permission::ClientRead), get(overview))
        .page(
            "/clients/{id}/timeline",
            Access::Need(Permission::ClientRead),
            get(timeline),
        )
}

platform::inventory::submit! { ChartCard { order: 5, permission: Permission::ClientRead, draw: details_card } }
platform::inventory::submit! { ChartCard { order: 15, permission: Permission::ClinicalRead, draw: allergies_card } }
platform::inventory::submit! { ChartCard { order: 40, permission: Permission::ClientRead, draw: contact_card } }
platform::inventory::submit! { ChartCard { order: 45, permission: Permission::ClientRead, draw: team_card } }
platform::inventory::submit! { ChartCard { order: 50, permission: Permission::CoverageRead, draw: coverage_card } }
platform::inventory::submit! { ChartCard { order: 80, permission: Permission::ClinicalRead, draw: outside_card } }
platform::inventory::submit! { TimelineSource { permission: Permission::ClientRead, entries: own_entries } }
platform::inventory::submit! { TimelineSource { permission: Permission::ClinicalRead, entries: outside_entries } }

async fn overview(ask: Ask, Path(id): Path<String>) -> Result<Html, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClientRead).await?;
    let mut cards: Vec<&ChartCard> = platform::inventory::iter::<ChartCard>
        .into_iter()
        .filter(|card| ask.actor.may(card.permission))
        .collect();
    cards.sort_by_key(|card| card.order);
    let drawn = try_join_all(cards.iter().map(|card| (card.draw)(&ask.tx, &ask.actor, &chart))).await?;
    let body = ui::grid(html! { @for card in drawn.iter().filter(|card| !card.0.is_empty()) { (card) } });
    let page = chart_page(&ask.actor, &chart, "overview", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(page))
}

fn details_card<'a>(_: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let row = chart.row();
        let text = |value: &Option<String>| html! { @if let Some(text) = value { (text) } };
        let marital = row.marital_status.as_deref().map(|code| {
            crate::client::MARITAL_STATUSES
                .iter()
                .find(|(known, _)| *known == code)
                .map_or(code, |(_, label)| label)
        });
        let edit = html! { @if actor.may(Permission::ClientEdit) { (ui::link_button(&format!("/clients/{}/info", chart.id()), "Edit", ui::Kind::Quiet)) } };
        Ok(ui::card_with_actions(
            "Details",
            edit,
            ui::description_list(&[
                ("Legal name", html! { (chart.legal_name()) }),
                (
                    "Date of birth",
                    html! { @if let Some(born) = row.birth_date { (when::day(born)) @if row.birth_date_estimated { " (estimated)" } } },
                ),
                ("Administrative sex", html! { (row.sex_administrative.label()) }),
                (
                    "Marital status",
                    html! { @if let Some(marital) = marital { (marital) } },
                ),
                ("Languages", html! { (row.languages.join(", ")) }),
                (
                    "Payment",
                    html! { @if let Some(mode) = row.payment_mode { (mode.label()) } },
                ),
                ("Reason for coming", text(&row.presenting_concern)),
                (
                    "Registered",
                    html! { (when::day(when::date_in(row.created_at, &actor.zone))) },
                ),
            ]),
        ))
    })
}

fn allergies_card<'a>(tx: &'a Tx, _: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let rows = outside::store::allergies(tx, tx.practice(), chart.id()).await?;
        Ok(ui::card(
            "Allergies",
            html! {
                @if rows.is_empty() { p.quiet { "None recorded." } }
                @else { ul {
                    @for row in &rows {
                        li { (row.title)
                            @if let Some(reactions) = &row.reactions { span.quiet { " · " (reactions) } }
                            @if row.criticality.as_deref() == Some("high") { " " (ui::badge(ui::Tone::Danger, "High risk")) }
                            @if row.clinical_status != "active" { span.quiet { " · " (row.clinical_status) } }
                        }
                    }
                } }
            },
        ))
    })
}

fn contact_card<'a>(tx: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let points = contact::store::of_clients(tx, tx.practice(), &[chart.id()]).await?;
        let edit = html! { @if actor.may(Permission::ClientEdit) { (ui::link_button(&format!("/clients/{}/info", chart.id()), "Edit", ui::Kind::Quiet)) } };
        Ok(ui::card_with_actions(
            "How to reach",
            edit,
            contact::pages::lines(&points, None),
        ))
    })
}

fn team_card<'a>(tx: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let rows = team::store::of_client(tx, tx.practice(), chart.id()).await?;
        let facts: Vec<(&str, Markup)> = rows
            .iter()
            .filter(|row| row.valid_to.is_none())
            .map(|row| (row.role.label(), html! { (row.name) }))
            .collect();
        let change = html! { @if actor.may(Permission::ClientAssign) { (ui::link_button(&format!("/clients/{}/team", chart.id()), "Change", ui::Kind::Quiet)) } };
        Ok(ui::card_with_actions(
            "Care team",
            change,
            html! { @if facts.is_empty() { p.quiet { "Nobody is on the team yet." } } @else { (ui::description_list(&facts)) } },
        ))
    })
}

fn coverage_card<'a>(tx: &'a Tx, _: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let rows = outside::store::coverages(tx, tx.practice(), chart.id()).await?;
        let period = |row: &outside::store::CoverageRow| match (row.valid_from, row.valid_to) {
            (Some(from), Some(until)) => format!("{} to {}", when::day(from), when::day(until)),
            (Some(from), None) => format!("since {}", when::day(from)),
            (None, Some(until)) => format!("until {}", when::day(until)),
            (None, None) => String::new(),
        };
        Ok(ui::card(
            "Insurance",
            html! {
                @if rows.is_empty() { p.quiet { "No insurance is recorded." } }
                @else { ul {
                    @for row in &rows {
                        li { (row.payer)
                            @if let Some(plan) = &row.plan_name { ", " (plan) }
                            @if let Some(member) = &row.member_id { span.quiet { " · member " (member) } }
                            @let period = period(row);
                            @if !period.is_empty() { span.quiet { " · " (period) } }
                            @if row.status != "active" { span.quiet { " · " (row.status.replace('_', " ")) } }
                        }
                    }
                } }
            },
        ))
    })
}

fn outside_card<'a>(tx: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> Drawing<'a> {
    Box::pin(async move {
        let counts = outside::store::counts(tx, tx.practice(), chart.id()).await?;
        let lines: Vec<_> = counts
            .into_iter()
            .filter(|(category, _)| actor.may(category.permission()))
            .collect();
        if lines.is_empty() {
            return Ok(html! {});
        }
        Ok(ui::card(
            "Outside records",
            html! { ul {
                @for (category, count) in &lines { li { a href=(outside::pages::list_path(chart.id(), *category)) { (category.label()) } span.quiet { " " (count) } } }
            } },
        ))
    })
}

fn own_entries<'a>(tx: &'a Tx, _: &'a Actor, chart: &'a Chart) -> TimelineEntries<'a> {
    Box::pin(async move {
        let team = team::store::of_client(tx, tx.practice(), chart.id()).await?;
        let href = Some(format!("/clients/{}/team", chart.id()));
        let entry = |at, kind, icon, title| TimelineItem {
            at,
            kind,
            icon,
            title,
            detail: html! {},
            href: href.clone(),
        };
        let mut items = vec![TimelineItem {
            href: None,
            ..entry(chart.registered_at(), "registration", "user", html! { "Registered" })
        }];
        for row in &team {
            items.push(entry(
                row.created_at,
                "team",
                "users",
                html! { (row.name) " joined the team as " (row.role.label().to_lowercase()) },
            ));
            items.extend(
                row.ended_at
                    .map(|at| entry(at, "team", "users", html! { (row.name) " left the team" })),
            );
        }
        items.extend(chart.deceased_at().map(|at| TimelineItem {
            href: None,
            ..entry(at, "death", "info", html! { "Died" })
        }));
        Ok(items)
    })
}

fn outside_entries<'a>(tx: &'a Tx, actor: &'a Actor, chart: &'a Chart) -> TimelineEntries<'a> {
    Box::pin(async move {
        use outside::Category as C;
        // Bills and directory entries would bury what happened to the person; they stand under their own headings.
        let told = [
            C::History,
            C::Medication,
            C::Result,
            C::Report,
            C::Imaging,
            C::Immunization,
            C::Procedure,
            C::Plan,
            C::Document,
        ];
        let words: Vec<&str> = told
            .iter()
            .filter(|category| actor.may(category.permission()))
            .map(|category| category.word())
            .collect();
        let rows = outside::store::newest(tx, tx.practice(), chart.id(), &words).await?;
        let item = |row: outside::store::ResourceLine| {
            Some(TimelineItem {
                at: row.happened_at?,
                kind: "outside",
                icon: "file-text",
                title: html! { (row.title) },
                detail: html! { (row.category.label()) @if let Some(detail) = &row.detail { " · " (detail) } },
                href: Some(outside::pages::one_path(chart.id(), row.id)),
            })
        };
        Ok(rows.into_iter().filter_map(item).collect())
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    /// Microseconds since the epoch; entries before it are shown.
    before: Option<i64>,
}

/// Entries on a page of the timeline.
const ENTRIES: usize = 100;

async fn timeline(ask: Ask, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClientRead).await?;
    let sources = platform::inventory::iter::<TimelineSource>
        .into_iter()
        .filter(|source| ask.actor.may(source.permission));
    let all = try_join_all(sources.map(|source| (source.entries)(&ask.tx, &ask.actor, &chart))).await?;
    let before = wanted
        .before
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let mut items: Vec<TimelineItem> = all
        .into_iter()
        .flatten()
        .filter(|item| before.is_none_or(|before| item.at < before))
        .collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.at));
    let next = (items.len() > ENTRIES).then(|| cut(&mut items)).flatten();
    let body = draw_entries(&ask.actor, ask.tx.now(), &chart, &items, before.is_some(), next);
    let page = chart_page(&ask.actor, &chart, "timeline", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(page))
}

/// Cuts the page behind whole instants, since the next one begins strictly before its last.
fn cut(items: &mut Vec<TimelineItem>) -> Option<i64> {
    let last = items.get(ENTRIES - 1)?.at;
    let end = items.iter().position(|item| item.at < last)?;
    items.truncate(end);
    Some(last.as_microsecond())
}

fn draw_entries(
    actor: &Actor,
    now: Timestamp,
    chart: &Chart,
    items: &[TimelineItem],
    is_later: bool,
    next: Option<i64>,
) -> Markup {
    let path = format!("/clients/{}/timeline", chart.id());
    let labels: Vec<(String, String)> = items
        .iter()
        .map(|item| {
            (
                when::near(item.at, now, &actor.zone),
                item.at.to_zoned(actor.zone.clone()).date().to_string(),
            )
        })
        .collect();
    let entries: Vec<ui::timeline::Entry> = items
        .iter()
        .zip(&labels)
        .map(|(item, (label, date))| ui::timeline::Entry {
            when_label: label,
            datetime: date,
            icon: item.icon,
            title: item.title.clone(),
            detail: item.detail.clone(),
            href: item.href.clone(),
            kind: item.kind,
        })
        .collect();
    let next = next.map(|micros| format!("{path}?before={micros}"));
    html! {
        @if entries.is_empty() { (ui::empty_state("clock", "Nothing earlier", "The timeline begins with the registration.", ui::link_button(&path, "Back to the newest", ui::Kind::Secondary))) }
        @else { (ui::timeline::timeline(&entries)) }
        (ui::pagination(is_later.then_some(path.as_str()), next.as_deref(), ""))
    }
}
