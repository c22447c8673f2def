//! First steps of somebody who has a password and no authenticator yet: scan, confirm, keep the recovery codes.
//! Also the page that an invitation leads to, where the password itself is set.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::{Problems, Refusal};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use ui::form::{self, Field};

use super::pages::{local, with_cookie};
use crate::audit::{self, Action, Entry, Purpose};
use crate::factor::{self, FactorError};
use crate::invitation::{self, LinkState, RedeemError};
use crate::web::{
    Access, Ask, Failure, Html, Posted, PublicForm, Query, Routes, Visitor, encoded, see_other, unprocessable,
};
use crate::{session, totp, user};
use platform::App;

pub(super) fn routes() -> Routes {
    Routes::new()
        .page("/welcome/factor", Access::FirstFactor, get(page).post(submit))
        .page("/invite/{token}", Access::Public, get(invite_page).post(invite_submit))
}

#[derive(Default, Deserialize)]
struct Back {
    #[serde(default, rename = "return")]
    back: String,
}

async fn page(ask: Ask, Query(back): Query<Back>) -> Result<Response, Failure> {
    let Ask { app, actor, tx } = ask;
    let user = actor.user.ok_or(Failure(Refusal::SignIn))?;
    let seed = match factor::waiting_seed(&app, &tx, user).await {
        Ok(seed) => seed,
        Err(FactorError::Confirmed) => {
            return Ok(see_other(&format!(
                "/sign-in/factor?return={}",
                encoded(local(&back.back))
            )));
        }
        Err(error) => return Err(of(error)),
    };
    let email = user::store::email(&tx, actor.practice, user).await?.0;
    tx.commit().await?;
    Ok(Html(set_up_page(
        &seed,
        &actor.practice_name,
        &email,
        &actor.csrf,
        &back.back,
        None,
    ))
    .into_response())
}

fn of(error: FactorError) -> Failure {
    Failure::of(&super::SignInError::Factor(error))
}

fn set_up_page(seed: &[u8], practice: &str, email: &str, csrf: &str, back: &str, message: Option<&str>) -> Markup {
    let title = if message.is_some() {
        "Error: Set up your second step"
    } else {
        "Set up your second step"
    };
    let field = Field {
        input_mode: Some("numeric"),
        ..Field::new("code", "Authenticator code", "")
    };
    ui::plain(
        title,
        html! {
            h1 { "Set up your second step" }
            p { "A password alone opens no client's record. Scan this with an authenticator app on your phone, then type the six digits that it shows." }
            @if let Some(message) = message { (form::error_summary(&[("code", message.to_owned())])) }
            (totp::drawing(&totp::address(seed, practice, email)))
            p { "Can't scan? Type this key into the app: " code { (totp::typed_key(seed)) } }
            // The answer shows the recovery codes once and is therefore a page, not a redirect, which Turbo would ask for.
            div data-turbo="false" {
                (form::form("/welcome/factor", csrf, html! {
                    (form::hidden("return", local(back)))
                    (form::text(&field.autocomplete("one-time-code").max_length(12).error(message)))
                    (form::submit_row("Continue", None))
                }))
            }
        },
    )
}

#[derive(Default, Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
    #[serde(default, rename = "return")]
    back: String,
}

async fn submit(ask: Ask, Posted(form): Posted<Code>) -> Result<Response, Failure> {
    let Ask { app, actor, tx } = ask;
    let (user, session) = actor.user.zip(actor.session).ok_or(Failure(Refusal::SignIn))?;
    let codes = match factor::confirm(&app, &tx, user, &form.code).await {
        Ok(codes) => codes,
        Err(FactorError::Wrong) => {
            let seed = factor::waiting_seed(&app, &tx, user).await.map_err(of)?;
            let email = user::store::email(&tx, actor.practice, user).await?.0;
            let message = "This code is not the one the app shows now. Check that your phone sets its clock automatically, and try the next code.";
            return Ok(unprocessable(set_up_page(
                &seed,
                &actor.practice_name,
                &email,
                &actor.csrf,
                &form.back,
                Some(message),
            )));
        }
        Err(FactorError::Confirmed) => return Ok(see_other("/sign-in/factor")),
        Err(error) => return Err(of(error)),
    };
    let token = session::raise(&tx, session, user).await?;
    user::onboarded(&tx, user).await?;
    let entry = Entry::new(Action::Update, "authenticator")
        .id(user.uuid())
        .purpose(Purpose::Administration);
    audit::record(
        &tx,
        &actor,
        entry.detail(json!({ "confirmed": "totp", "recovery_codes": codes.len() })),
    )
    .await?;
    tx.commit().await?;
    with_cookie(
        &app,
        &token,
        Html(ui::plain("Your recovery codes", codes_page(&codes, local(&form.back)))).into_response(),
    )
}

/// The recovery codes, shown once.
pub(crate) fn codes_page(codes: &[String], next: &str) -> Markup {
    html! {
        h1 { "Your recovery codes" }
        p { "If you lose your phone, each of these lets you in once. Print them or write them down now; they are not shown again." }
        ul.recovery-codes role="list" { @for code in codes { li { code { (code) } } } }
        (ui::link_button(next, "I have kept them", ui::Kind::Primary))
    }
}

async fn invite_page(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Failure> {
    match invitation::look(&app, &token).await? {
        LinkState::Open { practice, given_name } => {
            Ok(Html(password_page(&token, &practice, &given_name, &Problems::default())).into_response())
        }
        other => Ok(dead_link(&other)),
    }
}

fn dead_link(state: &LinkState) -> Response {
    let (title, sentence) = state.words();
    (
        axum::http::StatusCode::GONE,
        Html(ui::fault_page(
            title,
            sentence,
            "Ask whoever invited you to send a new link, or sign in if you have set a password.",
            "",
        )),
    )
        .into_response()
}

fn password_page(token: &str, practice: &str, given_name: &str, problems: &Problems) -> Markup {
    let title = if problems.is_empty() {
        "Welcome"
    } else {
        "Error: Welcome"
    };
    let errors: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    ui::plain(
        title,
        html! {
            h1 { "Welcome, " (given_name) }
            p { (practice) " works with MentalSpace. Choose a password; nobody but you will know it." }
            (form::error_summary(&errors))
            (form::form(&format!("/invite/{token}"), "", html! {
                (form::password(&Field { autofocus: true, ..Field::new("password", "Password", "") }.autocomplete("new-password")
                    .help("At least 12 characters. A few unrelated words are easy to remember and hard to guess.").error(problems.of("password"))))
                (form::password(&Field::new("again", "Password again", "").autocomplete("new-password").error(problems.of("again"))))
                (form::submit_row("Set password", None))
            }))
        },
    )
}

#[derive(Default, Deserialize)]
struct NewPassword {
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

async fn invite_submit(
    State(app): State<App>,
    Path(token): Path<String>,
    Visitor(browser): Visitor,
    PublicForm(form): PublicForm<NewPassword>,
) -> Result<Response, Failure> {
    let (practice, given_name) = match invitation::look(&app, &token).await? {
        LinkState::Open { practice, given_name } => (practice, given_name),
        other => return Ok(dead_link(&other)),
    };
    let mut problems = Problems::default();
    if form.password != form.again {
        problems.add(
            "again",
            "different",
            "The two passwords differ. Please type both again.",
        );
        return Ok(unprocessable(password_page(&token, &practice, &given_name, &problems)));
    }
    match invitation::redeem(&app, &token, &form.password, &browser).await {
        Ok(cookie) => with_cookie(&app, &cookie, see_other("/welcome/factor")),
        Err(RedeemError::Weak(weak)) => {
            problems.add("password", weak.code(), weak.to_string());
            Ok(unprocessable(password_page(&token, &practice, &given_name, &problems)))
        }
        Err(RedeemError::Link(state)) => Ok(dead_link(&state)),
        Err(error) => Err(Failure::of(&error)),
    }
}
