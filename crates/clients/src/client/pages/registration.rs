//! `/clients/new`: a quick registration, with a word about people who may be registered already.

use axum::response::{IntoResponse, Response};
use identity::web::{Ask, Failure, Html, Once, Posted, see_other, staff_page, unprocessable};
use kernel::{Permission, Problems, Refusal};
use maud::{Markup, html};
use ui::form::{self, Choice, Field, Width};

use super::{fields, summary};
use crate::chart::overview_path;
use crate::client::ClientForm;
use crate::client::ops::{self, Likely, RegisterError};
use crate::team;

pub(super) async fn draw(ask: Ask) -> Result<Html, Failure> {
    let typed = ClientForm {
        once: Once::fresh(),
        ..ClientForm::default()
    };
    let page = page(&ask, &typed, &Problems::default(), &[]).await?;
    ask.tx.commit().await?;
    Ok(Html(page))
}

pub(super) async fn register(ask: Ask, Posted(typed): Posted<ClientForm>) -> Result<Response, Failure> {
    let (problems, likely) = match typed.registration(ask.actor.today(ask.tx.now())) {
        Err(problems) => (problems, Vec::new()),
        Ok(new) => {
            let caller = ask.actor.person(Permission::ClientEdit)?.uuid();
            let once = match Once::take(&ask.tx, caller, &typed.once).await? {
                Ok(once) => once,
                Err(first) => return Ok(see_other(&first)),
            };
            match ops::register(&ask.tx, &ask.actor, new).await {
                Ok(id) => {
                    let path = overview_path(id);
                    once.keep(&ask.tx, &path).await?;
                    ask.tx.commit().await?;
                    return Ok(see_other(&path));
                }
                Err(RegisterError::Invalid(problems)) => (problems, Vec::new()),
                Err(RegisterError::Likely(likely)) => (Problems::default(), likely),
                Err(other @ (RegisterError::Access(_) | RegisterError::Store(_))) => return Err(other.into()),
            }
        }
    };
    // Nothing of the attempt may stay, not even the form's once-key, or its correction would be taken for a repetition.
    let ask = ask.again().await?;
    let page = page(&ask, &typed, &problems, &likely).await?;
    ask.tx.commit().await?;
    Ok(unprocessable(page).into_response())
}

async fn page(ask: &Ask, typed: &ClientForm, problems: &Problems, likely: &[Likely]) -> Result<Markup, Failure> {
    let actor = &ask.actor;
    let colleagues = if actor.may(Permission::ClientAssign) {
        team::colleagues(&ask.tx).await?
    } else {
        Vec::new()
    };
    let ids: Vec<String> = colleagues.iter().map(|colleague| colleague.id.to_string()).collect();
    let choices: Vec<Choice> = colleagues
        .iter()
        .zip(&ids)
        .map(|(colleague, id)| Choice::new(id, &colleague.name))
        .collect();
    let field = |name: &'static str, label: &'static str, value| {
        Field::new(name, label, value).optional().error(problems.of(name))
    };
    let body = html! {
        (summary(problems))
        (form::form("/clients/new", &actor.csrf, html! {
            (form::hidden("_once", &typed.once))
            @if !likely.is_empty() { (warning(ask, likely)) }
            (form::section("Who", "", fields::names(typed, problems)))
            (form::section("How to reach", "One phone number or e-mail is enough to begin with.", html! {
                (form::row(html! {
                    (form::phone(&field("phone", "Phone", &typed.phone)))
                    (form::email(&field("email", "Email", &typed.email)))
                }))
                (form::text(&field("address_line", "Street address", &typed.address_line).max_length(200)))
                (form::row(html! {
                    (form::text(&field("city", "City", &typed.city).max_length(100)))
                    (form::text(&field("state", "State", &typed.state).max_length(40).width(Width::Short)))
                    (form::text(&field("postal_code", "ZIP code", &typed.postal_code).max_length(20).width(Width::Short)))
                }))
            }))
            (form::section("Care", "", html! {
                @if !choices.is_empty() { (form::combobox(&field("clinician", "Primary clinician", &typed.clinician), &choices)) }
                (fields::details(typed, problems))
            }))
            (form::submit_row("Register client", Some("/clients")))
        }))
    };
    let page = ui::Page {
        has_errors: !problems.is_empty() || !likely.is_empty(),
        ..ui::Page::new("New client", body)
    };
    Ok(staff_page(actor, "/clients", page))
}

/// People it may be. Names only for those who may open every chart; others learn the record number.
fn warning(ask: &Ask, likely: &[Likely]) -> Markup {
    let sees_all = ask.actor.scope(Permission::ClientRead).is_some_and(crate::is_whole);
    let sentence = match Refusal::from(&RegisterError::Likely(likely.to_vec())) {
        Refusal::Conflict { sentence, .. } => sentence,
        _ => String::new(),
    };
    html! {
        (form::error_summary(&[("different_person", sentence)]))
        @if sees_all {
            ul { @for one in likely { li { a href=(overview_path(one.id)) { (one.name) } " · No. " (one.mrn) } } }
        }
        (form::checkbox(&Field::new("different_person", "This is a different person", "").optional(), false))
    }
}
