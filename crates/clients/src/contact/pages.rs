//! Contact points on the info page: the list, adding one, ending one.

use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use identity::web::{Access, Ask, Failure, Posted, Routes, see_other, unprocessable};
use kernel::{ContactPointId, Permission, Problems, text};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{self, Choice, Field};

use super::store::{self, ContactRow};
use super::{ContactKind, ContactUse, NewContact, ops};
use crate::chart::{Chart, chart_page_with_errors, open_chart};
use crate::client::pages::{client_id, id_of, summary};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page(
            "/clients/{id}/contacts",
            Access::Need(Permission::ClientEdit),
            post(add),
        )
        .page(
            "/clients/{id}/contacts/{point}/end",
            Access::Need(Permission::ClientEdit),
            post(end),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    kind: String,
    #[serde(rename = "use")]
    usage: String,
    value: String,
}

/// The contact points of a chart with what may be done with them.
pub(crate) async fn section(ask: &Ask, chart: &Chart) -> Result<Markup, Failure> {
    let points = store::of_clients(&ask.tx, ask.tx.practice(), &[chart.id()]).await?;
    let may_edit = ask.actor.may(Permission::ClientEdit);
    Ok(ui::card(
        "How to reach",
        html! {
            (lines(&points, may_edit.then_some((chart, ask.actor.csrf.as_str()))))
            @if may_edit { (add_form(ask, chart, &Typed::default(), &Problems::default())) }
        },
    ))
}

/// Contact points as facts; with a chart and a form token each can be ended.
pub(crate) fn lines(points: &[ContactRow], edit: Option<(&Chart, &str)>) -> Markup {
    if points.is_empty() {
        return html! { p.quiet { "No phone, e-mail or address is recorded." } };
    }
    let shown = |point: &ContactRow| match point.kind {
        ContactKind::Phone => {
            html! { a href=(format!("tel:{}", point.value)) { (text::phone_for_people(&point.value)) } }
        }
        ContactKind::Email => html! { a href=(format!("mailto:{}", point.value)) { (point.value) } },
        ContactKind::Postal => html! { (point.value) },
    };
    let labels: Vec<String> = points
        .iter()
        .map(|point| format!("{}, {}", point.kind.label(), point.usage.label().to_lowercase()))
        .collect();
    let facts: Vec<(&str, Markup)> = points
        .iter()
        .zip(&labels)
        .map(|(point, label)| {
            let end = edit.map(|(chart, csrf)| {
                ui::post_button(
                    &format!("/clients/{}/contacts/{}/end", chart.id(), point.id),
                    csrf,
                    "End",
                    ui::Kind::Quiet,
                )
            });
            (
                label.as_str(),
                html! { (shown(point)) @if let Some(end) = end { " " (end) } },
            )
        })
        .collect();
    ui::description_list(&facts)
}

fn add_form(ask: &Ask, chart: &Chart, typed: &Typed, problems: &Problems) -> Markup {
    let kinds: Vec<Choice> = ContactKind::ALL
        .iter()
        .map(|kind| Choice::new(kind.word(), kind.label()))
        .collect();
    let uses: Vec<Choice> = ContactUse::ALL
        .iter()
        .map(|usage| Choice::new(usage.word(), usage.label()))
        .collect();
    let or = |typed: &str, first: &'static str| {
        if typed.is_empty() {
            first.to_owned()
        } else {
            typed.to_owned()
        }
    };
    let (kind, usage) = (or(&typed.kind, "phone"), or(&typed.usage, "mobile"));
    form::form(
        &format!("/clients/{}/contacts", chart.id()),
        &ask.actor.csrf,
        html! {
            (form::row(html! {
                (form::select(&Field::new("kind", "Kind", &kind).error(problems.of("kind")), &kinds))
                (form::select(&Field::new("use", "Used for", &usage).error(problems.of("use")), &uses))
                (form::text(&Field::new("value", "Number or address", &typed.value).max_length(300).error(problems.of("value"))))
            }))
            (form::actions(ui::button("Add contact", ui::Kind::Secondary)))
        },
    )
}

async fn add(ask: Ask, Path(id): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response, Failure> {
    let id = client_id(&id)?;
    match NewContact::parse(&typed.kind, &typed.usage, &typed.value) {
        Ok(new) => {
            ops::add_contact(&ask.tx, &ask.actor, id, &new).await?;
            ask.tx.commit().await?;
            Ok(see_other(&format!("/clients/{id}/info")))
        }
        Err(problems) => {
            let chart = open_chart(&ask.tx, &ask.actor, id, Permission::ClientEdit).await?;
            let points = store::of_clients(&ask.tx, ask.tx.practice(), &[id]).await?;
            let body = html! {
                (summary(&problems))
                (ui::card("How to reach", html! { (lines(&points, None)) (add_form(&ask, &chart, &typed, &problems)) }))
            };
            let page = chart_page_with_errors(&ask.actor, &chart, "info", ask.tx.now(), body);
            ask.tx.commit().await?;
            Ok(unprocessable(page))
        }
    }
}

async fn end(ask: Ask, Path((id, point)): Path<(String, String)>) -> Result<Response, Failure> {
    let id = client_id(&id)?;
    ops::end_contact(&ask.tx, &ask.actor, id, id_of::<ContactPointId>(&point)?).await?;
    ask.tx.commit().await?;
    Ok(see_other(&format!("/clients/{id}/info")))
}
