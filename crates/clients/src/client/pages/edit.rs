//! `/clients/{id}/info`: who the client is, how to reach the person, and the edit of it. A stale edit gets both texts.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use identity::web::{Ask, Failure, Html, Posted, see_other, unprocessable};
use kernel::{Permission, Problems};
use maud::{Markup, html};
use ui::form;

use super::{client_id, fields, summary};
use crate::chart::{Chart, chart_page, chart_page_with_errors, open_chart};
use crate::client::ops::{self, EditError};
use crate::client::{ClientForm, Demographics};
use crate::contact;

pub(super) async fn draw(ask: Ask, Path(id): Path<String>) -> Result<Html, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClientRead).await?;
    let typed = ClientForm::of(&chart.demographics(), chart.version());
    let body = body(&ask, &chart, &typed, &Problems::default()).await?;
    let page = chart_page(&ask.actor, &chart, "info", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(page))
}

pub(super) async fn save(
    ask: Ask,
    Path(id): Path<String>,
    Posted(typed): Posted<ClientForm>,
) -> Result<Response, Failure> {
    let id = client_id(&id)?;
    let chart = open_chart(&ask.tx, &ask.actor, id, Permission::ClientEdit).await?;
    let mut problems = Problems::default();
    let who = typed.demographics(&chart.demographics(), ask.actor.today(ask.tx.now()), &mut problems);
    if !problems.is_empty() {
        let body = body(&ask, &chart, &typed, &problems).await?;
        let page = chart_page_with_errors(&ask.actor, &chart, "info", ask.tx.now(), body);
        ask.tx.commit().await?;
        return Ok(unprocessable(page));
    }
    match ops::update_demographics(&ask.tx, &ask.actor, id, typed.version.parse().unwrap_or(0), &who).await {
        Ok(_) => {
            ask.tx.commit().await?;
            Ok(see_other(&format!("/clients/{id}/info")))
        }
        Err(EditError::Stale { .. }) => {
            let ask = ask.again().await?;
            let chart = open_chart(&ask.tx, &ask.actor, id, Permission::ClientEdit).await?;
            // The next save starts from what is stored now, so that it is taken on purpose.
            let onward = ClientForm {
                version: chart.version().to_string(),
                ..typed
            };
            let body = html! { (conflict(&chart.demographics(), &who)) (body(&ask, &chart, &onward, &Problems::default()).await?) };
            let page = chart_page_with_errors(&ask.actor, &chart, "info", ask.tx.now(), body);
            ask.tx.commit().await?;
            Ok((StatusCode::PRECONDITION_FAILED, Html(page)).into_response())
        }
        Err(other @ (EditError::Chart(_) | EditError::Store(_))) => Err(other.into()),
    }
}

async fn body(ask: &Ask, chart: &Chart, typed: &ClientForm, problems: &Problems) -> Result<Markup, Failure> {
    let contacts = contact::pages::section(ask, chart).await?;
    let may_edit = ask.actor.may(Permission::ClientEdit);
    Ok(html! {
        (summary(problems))
        @if may_edit {
            (form::form(&format!("/clients/{}/info", chart.id()), &ask.actor.csrf, html! {
                (form::version(typed.version.parse().unwrap_or(chart.version())))
                (form::section("Who", "", html! {
                    (fields::names(typed, problems))
                    (form::checkbox(&form::Field::new("birth_date_estimated", "Only the year or month of birth is known", "").optional(), !typed.birth_date_estimated.is_empty()))
                    (form::text(&form::Field::new("previous_names", "Earlier names", &typed.previous_names).optional().max_length(400).help("Separated by commas; the search finds them.").error(problems.of("previous_names"))))
                }))
                (form::section("Details", "", fields::details(typed, problems)))
                (form::submit_row("Save", Some(&format!("/clients/{}", chart.id()))))
            }))
        } @else { (ui::card("Who", facts(&chart.demographics()))) }
        (contacts)
    })
}

/// The texts that both changes are compared as.
fn facts(who: &Demographics) -> Markup {
    html! { p.pre-line { (words(who)) } }
}

fn words(who: &Demographics) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let lines = [
        ("Legal first name", who.given.clone()),
        ("Middle name", text(&who.middle)),
        ("Legal last name", who.family.clone()),
        ("Suffix", text(&who.suffix)),
        ("Preferred name", text(&who.preferred_name)),
        ("Earlier names", who.previous_names.join(", ")),
        ("Pronouns", text(&who.pronouns)),
        (
            "Date of birth",
            who.birth_date.map(kernel::when::day).unwrap_or_default(),
        ),
        (
            "Administrative sex",
            who.sex.map(|sex| sex.label().to_owned()).unwrap_or_default(),
        ),
        ("Marital status", text(&who.marital_status)),
        ("Languages", who.languages.join(", ")),
        (
            "Payment",
            who.payment_mode.map(|mode| mode.label().to_owned()).unwrap_or_default(),
        ),
        ("Reason for coming", text(&who.presenting_concern)),
    ];
    lines
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| format!("{label}: {value}\n"))
        .collect()
}

fn conflict(stored: &Demographics, yours: &Demographics) -> Markup {
    html! {
        (form::error_summary(&[("", "Somebody else changed this record while you were editing. Nothing was overwritten. Compare both below; saving again keeps yours.".to_owned())]))
        (ui::diff("Stored now", &words(stored), "Yours, not saved", &words(yours)))
    }
}
