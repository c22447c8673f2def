//! `/clients/{id}/team`: who treats, who did, and the change of it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::web::{Access, Ask, Failure, Html, Posted, Routes, see_other, unprocessable};
use kernel::{AssignmentId, ClientId, Permission, Problems, Refusal, UserId, text, when};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{self, Choice, Field};

use super::ops::{self, AssignError};
use super::store::{self, AssignmentRow};
use super::{NewAssignment, TeamRole};
use crate::chart::{Chart, chart_page, chart_page_with_errors, open_chart};
use crate::client::pages::{client_id, id_of, summary};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page(
            "/clients/{id}/team",
            Access::Need(Permission::ClientRead),
            get(draw).post(assign),
        )
        .page(
            "/clients/{id}/team/{assignment}/end",
            Access::Need(Permission::ClientAssign),
            post(end),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    user: String,
    role: String,
    from: String,
    reason: String,
}

async fn draw(ask: Ask, Path(id): Path<String>) -> Result<Html, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClientRead).await?;
    let body = body(&ask, &chart, &Typed::default(), &Problems::default()).await?;
    let page = chart_page(&ask.actor, &chart, "team", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(page))
}

async fn assign(ask: Ask, Path(id): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response, Failure> {
    let id = client_id(&id)?;
    let problems = match parse(&ask, &typed) {
        Err(problems) => problems,
        Ok(new) => match ops::assign(&ask.tx, &ask.actor, id, &new).await {
            Ok(_) => {
                ask.tx.commit().await?;
                return Ok(see_other(&format!("/clients/{id}/team")));
            }
            Err(error @ (AssignError::NotTreating | AssignError::Already | AssignError::Meanwhile)) => {
                explained(&error)
            }
            Err(other @ (AssignError::Chart(_) | AssignError::Gone | AssignError::Store(_))) => {
                return Err(other.into());
            }
        },
    };
    redraw(ask.again().await?, id, &typed, &problems).await
}

/// A refusal of the operation as a message beside the field that it is about.
fn explained(error: &AssignError) -> Problems {
    let mut problems = Problems::default();
    match Refusal::from(error) {
        Refusal::Invalid(found) => return found,
        refusal => problems.add("user", refusal.code(), refusal.words().1),
    }
    problems
}

async fn redraw(ask: Ask, id: ClientId, typed: &Typed, problems: &Problems) -> Result<Response, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, id, Permission::ClientAssign).await?;
    let body = body(&ask, &chart, typed, problems).await?;
    let page = chart_page_with_errors(&ask.actor, &chart, "team", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(unprocessable(page).into_response())
}

fn parse(ask: &Ask, typed: &Typed) -> Result<NewAssignment, Problems> {
    let mut problems = Problems::default();
    let user = typed
        .user
        .parse::<UserId>()
        .map_err(|_| problems.add("user", "required", "Please choose a person."))
        .ok();
    let role = typed
        .role
        .parse::<TeamRole>()
        .map_err(|_| problems.add("role", "required", "Please choose a role."))
        .ok();
    let today = ask.actor.today(ask.tx.now());
    let from = if typed.from.trim().is_empty() {
        Some(today)
    } else {
        problems.keep("from", text::date(&typed.from))
    };
    let reason = problems
        .keep("reason", text::optional_line(&typed.reason, 200))
        .flatten();
    match (user, role, from) {
        (Some(user), Some(role), Some(from)) if problems.is_empty() => Ok(NewAssignment {
            user,
            role,
            from,
            reason,
        }),
        _ => Err(problems),
    }
}

async fn body(ask: &Ask, chart: &Chart, typed: &Typed, problems: &Problems) -> Result<Markup, Failure> {
    let may_assign = ask.actor.may(Permission::ClientAssign);
    let rows = store::of_client(&ask.tx, ask.tx.practice(), chart.id()).await?;
    let colleagues = if may_assign {
        ops::colleagues(&ask.tx).await?
    } else {
        Vec::new()
    };
    let (current, past): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.valid_to.is_none());
    let ids: Vec<String> = colleagues.iter().map(|colleague| colleague.id.to_string()).collect();
    let people: Vec<Choice> = colleagues
        .iter()
        .zip(&ids)
        .map(|(colleague, id)| Choice::new(id, &colleague.name))
        .collect();
    let roles: Vec<Choice> = TeamRole::ALL
        .iter()
        .map(|role| Choice::new(role.word(), role.label()))
        .collect();
    let role = if typed.role.is_empty() {
        TeamRole::PrimaryClinician.word()
    } else {
        &typed.role
    };
    Ok(html! {
        (summary(problems))
        (ui::card("Care team", html! {
            @if current.is_empty() { p.quiet { "Nobody is on the team yet. Until somebody is, only the front desk and the practice's administrators can open this chart." } }
            @else { (people_list(&current, chart, may_assign.then_some(ask.actor.csrf.as_str()))) }
        }))
        @if may_assign {
            (ui::card("Add somebody", form::form(&format!("/clients/{}/team", chart.id()), &ask.actor.csrf, html! {
                (form::row(html! {
                    (form::combobox(&Field::new("user", "Person", &typed.user).error(problems.of("user")), &people))
                    (form::select(&Field::new("role", "Role", role).help("A new primary clinician takes the place of the one before.").error(problems.of("role")), &roles))
                    (form::date(&Field::new("from", "From", &typed.from).optional().help("Today, if left empty.").error(problems.of("from"))))
                }))
                (form::text(&Field::new("reason", "Reason", &typed.reason).optional().max_length(200).error(problems.of("reason"))))
                (form::submit_row("Assign", None))
            })))
        }
        @if !past.is_empty() { (ui::card("Earlier", people_list(&past, chart, None))) }
    })
}

fn people_list(rows: &[AssignmentRow], chart: &Chart, csrf: Option<&str>) -> Markup {
    let period = |row: &AssignmentRow| match row.valid_to {
        Some(until) => format!("{} to {}", when::day(row.valid_from), when::day(until)),
        None => format!("since {}", when::day(row.valid_from)),
    };
    let facts: Vec<(&str, Markup)> = rows
        .iter()
        .map(|row| {
            let end = csrf.map(|csrf| {
                ui::post_button(
                    &format!("/clients/{}/team/{}/end", chart.id(), row.id),
                    csrf,
                    "End",
                    ui::Kind::Quiet,
                )
            });
            (
                row.role.label(),
                html! {
                    (row.name) @if let Some(letters) = &row.credentials { ", " (letters) }
                    " " span.quiet { (period(row)) @if let Some(reason) = &row.reason { " · " (reason) } }
                    @if let Some(end) = end { " " (end) }
                },
            )
        })
        .collect();
    ui::description_list(&facts)
}

async fn end(ask: Ask, Path((id, assignment)): Path<(String, String)>) -> Result<Response, Failure> {
    let id = client_id(&id)?;
    ops::end_assignment(&ask.tx, &ask.actor, id, id_of::<AssignmentId>(&assignment)?).await?;
    ask.tx.commit().await?;
    Ok(see_other(&format!("/clients/{id}/team")))
}
