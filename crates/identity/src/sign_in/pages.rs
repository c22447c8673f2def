//! Pages of signing in. They work without scripts, tell nobody whether an address is known, and lead back to
//! where the person wanted to go.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use kernel::{PracticeId, Refusal, UserId};
use maud::{Markup, html};
use platform::App;
use serde::Deserialize;
use sha2::Sha256;
use ui::form::{self, Field};

use super::{Door, SignInError, begin, out, set_up, store, with_factor, with_password};
use crate::factor::FactorError;
use crate::session;
use crate::web::{
    Access, Ask, Failure, Html, Posted, PublicForm, Query, Routes, Visitor, encoded, see_other, unprocessable,
};

const WRONG: &str = "E-mail and password do not fit together. Please try again, or ask your administrator.";
const LOCKED: &str = "Too many attempts. Nothing is lost; please wait a while and try again.";
const WRONG_CODE: &str =
    "This code was not accepted. Wait for the next one and check that your phone sets its clock automatically.";
const OVER: &str = "The second step took too long or was tried too often. Please sign in again.";

/// Routes of signing in and out.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .page("/sign-in", Access::Public, get(page).post(submit))
        .page(
            "/p/{slug}/sign-in",
            Access::Public,
            get(practice_page).post(practice_submit),
        )
        .page("/sign-in/practice", Access::Public, post(choose))
        .page(
            "/sign-in/factor",
            Access::FirstFactor,
            get(factor_page).post(factor_submit),
        )
        .page("/sign-out", Access::SignedIn, post(sign_out))
        .merge(set_up::routes())
}

#[derive(Default, Deserialize)]
struct Back {
    #[serde(default, rename = "return")]
    back: String,
}

#[derive(Default, Deserialize)]
struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default, rename = "return")]
    back: String,
}

/// A path of our own to go back to, or the start page. Anything else that was put there is not followed.
pub(super) fn local(back: &str) -> &str {
    let is_path =
        back.starts_with('/') && !back.starts_with("//") && !back.contains('\\') && !back.chars().any(char::is_control);
    let leads_away = ["/sign-in", "/sign-out", "/welcome", "/invite", "/p/"]
        .iter()
        .any(|path| back.starts_with(path));
    if is_path && !leads_away && back.len() <= 2000 {
        back
    } else {
        "/"
    }
}

/// Sets the session's cookie on an answer.
pub(super) fn with_cookie(app: &App, token: &str, mut response: Response) -> Result<Response, Failure> {
    let cookie = session::cookie(&app.config, token).map_err(|error| Failure::fault(&error))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn page(Query(back): Query<Back>) -> Html {
    Html(sign_in_page("/sign-in", None, "", &back.back, None))
}

async fn practice_page(
    State(app): State<App>,
    Path(slug): Path<String>,
    Query(back): Query<Back>,
) -> Result<Html, Failure> {
    let name = practice_name(&app, &slug).await?;
    Ok(Html(sign_in_page(
        &format!("/p/{slug}/sign-in"),
        Some(&name),
        "",
        &back.back,
        None,
    )))
}

async fn practice_name(app: &App, slug: &str) -> Result<String, Failure> {
    let tx = app.db.begin_outside().await?;
    let found = store::by_slug(&tx, slug).await?;
    tx.commit().await?;
    found.map(|(_, name)| name).ok_or(Failure(Refusal::NotFound))
}

async fn submit(
    State(app): State<App>,
    Visitor(browser): Visitor,
    PublicForm(form): PublicForm<Credentials>,
) -> Result<Response, Failure> {
    answer(&app, &browser, &form, None, None).await
}

async fn practice_submit(
    State(app): State<App>,
    Path(slug): Path<String>,
    Visitor(browser): Visitor,
    PublicForm(form): PublicForm<Credentials>,
) -> Result<Response, Failure> {
    let name = practice_name(&app, &slug).await?;
    answer(&app, &browser, &form, Some(&slug), Some(&name)).await
}

async fn answer(
    app: &App,
    browser: &session::Browser,
    form: &Credentials,
    slug: Option<&str>,
    name: Option<&str>,
) -> Result<Response, Failure> {
    let action = slug.map_or_else(|| "/sign-in".to_owned(), |slug| format!("/p/{slug}/sign-in"));
    let again = |message: &str| sign_in_page(&action, name, &form.email, &form.back, Some(message));
    let doors = match with_password(app, browser, &form.email, &form.password, slug).await {
        Ok(doors) => doors,
        Err(SignInError::Wrong) => return Ok(unprocessable(again(WRONG))),
        Err(SignInError::Locked { seconds }) => {
            let mut response = (StatusCode::TOO_MANY_REQUESTS, Html(again(LOCKED))).into_response();
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
        Err(error) => return Err(Failure::of(&error)),
    };
    match doors.as_slice() {
        [door] => enter(app, browser, door, &form.back).await,
        doors => Ok(Html(chooser(app, doors, &form.back)).into_response()),
    }
}

async fn enter(app: &App, browser: &session::Browser, door: &Door, back: &str) -> Result<Response, Failure> {
    let (token, has_factor) = begin(app, browser, door).await.map_err(|error| Failure::of(&error))?;
    let next = if has_factor {
        "/sign-in/factor"
    } else {
        "/welcome/factor"
    };
    with_cookie(
        app,
        &token,
        see_other(&format!("{next}?return={}", encoded(local(back)))),
    )
}

fn sign_in_page(action: &str, practice: Option<&str>, email: &str, back: &str, message: Option<&str>) -> Markup {
    let title = if message.is_some() { "Error: Sign in" } else { "Sign in" };
    let fields = html! {
        (form::hidden("return", local(back)))
        (form::email(&Field { autofocus: email.is_empty(), ..Field::new("email", "Email", email).autocomplete("username").max_length(254) }))
        (form::password(&Field { autofocus: !email.is_empty(), ..Field::new("password", "Password", "").autocomplete("current-password") }))
        (form::submit_row("Sign in", None))
    };
    ui::plain(
        title,
        html! {
            h1 { "Sign in" }
            @if let Some(practice) = practice { p { (practice) } }
            @if let Some(message) = message { (form::error_summary(&[("email", message.to_owned())])) }
            // With two practices the answer is a page to choose one, not the redirect that Turbo would ask for.
        div data-turbo="false" { (form::form(action, "", fields)) }
        },
    )
}

/// Proof that a password was shown for these doors, good for five minutes.
#[derive(Deserialize, serde::Serialize)]
struct Ticket {
    doors: Vec<(PracticeId, UserId)>,
    until: i64,
}

#[derive(Default, Deserialize)]
struct Choice {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    practice: String,
    #[serde(default, rename = "return")]
    back: String,
}

fn sealed(app: &App, body: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.keys.derived("sign-in-choice")).ok()?;
    mac.update(body);
    Some(mac.finalize().into_bytes().to_vec())
}

fn chooser(app: &App, doors: &[Door], back: &str) -> Markup {
    let ticket = Ticket {
        doors: doors.iter().map(|door| (door.practice, door.user)).collect(),
        until: app.clock.now().as_second() + 300,
    };
    let body = serde_json::to_vec(&ticket).unwrap_or_default();
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(&body),
        URL_SAFE_NO_PAD.encode(sealed(app, &body).unwrap_or_default())
    );
    ui::plain(
        "Choose a practice",
        html! {
            h1 { "Choose a practice" }
            p { "Your e-mail and password open more than one. You can sign in to the others later." }
            // Turbo takes answers of a POST only as redirects; this page came as one, and leads on by a plain form.
            div data-turbo="false" {
                (form::form("/sign-in/practice", "", html! {
                    (form::hidden("ticket", &text)) (form::hidden("return", local(back)))
                    (ui::stack(html! { @for door in doors { (ui::submit_button(&door.name, ui::Kind::Secondary, "practice", &door.practice.to_string())) } }))
                }))
            }
        },
    )
}

async fn choose(
    State(app): State<App>,
    Visitor(browser): Visitor,
    PublicForm(form): PublicForm<Choice>,
) -> Result<Response, Failure> {
    let read = || -> Option<Door> {
        let (body, seal) = form.ticket.split_once('.')?;
        let (body, seal) = (URL_SAFE_NO_PAD.decode(body).ok()?, URL_SAFE_NO_PAD.decode(seal).ok()?);
        let mut mac = Hmac::<Sha256>::new_from_slice(&app.keys.derived("sign-in-choice")).ok()?;
        mac.update(&body);
        mac.verify_slice(&seal).ok()?;
        let ticket: Ticket = serde_json::from_slice(&body).ok()?;
        let wanted: PracticeId = form.practice.parse().ok()?;
        let (practice, user) = ticket.doors.into_iter().find(|(practice, _)| *practice == wanted)?;
        (ticket.until > app.clock.now().as_second()).then_some(Door {
            practice,
            name: String::new(),
            user,
        })
    };
    match read() {
        Some(door) => enter(&app, &browser, &door, &form.back).await,
        None => Ok(see_other("/sign-in")),
    }
}

async fn factor_page(ask: Ask, Query(back): Query<Back>) -> Result<Response, Failure> {
    let user = ask.actor.user.ok_or(Failure(Refusal::SignIn))?;
    if !crate::factor::is_set_up(&ask.tx, user).await? {
        return Ok(see_other(&format!(
            "/welcome/factor?return={}",
            encoded(local(&back.back))
        )));
    }
    let hint = demonstration_code(&ask).await?;
    ask.tx.commit().await?;
    Ok(Html(second_step(&ask.actor.csrf, &back.back, None, hint.as_deref())).into_response())
}

/// In the demonstration practice, whose people are invented, the page itself says the code; nowhere else.
async fn demonstration_code(ask: &Ask) -> Result<Option<String>, Failure> {
    let Some(user) = ask.actor.user.filter(|_| ask.actor.is_demo) else {
        return Ok(None);
    };
    crate::factor::next_code(&ask.app, &ask.tx, user)
        .await
        .map_err(|error| Failure::of(&SignInError::Factor(error)))
}

#[derive(Default, Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
    #[serde(default, rename = "return")]
    back: String,
}

async fn factor_submit(ask: Ask, Posted(form): Posted<Code>) -> Result<Response, Failure> {
    let Ask { app, actor, tx } = ask;
    match with_factor(&app, &tx, &actor, &form.code).await {
        Ok((token, _)) => {
            tx.commit().await?;
            with_cookie(&app, &token, see_other(local(&form.back)))
        }
        // The failure itself is kept: the counted try and its line in the log.
        Err(SignInError::Factor(FactorError::Wrong)) => {
            tx.commit().await?;
            Ok(unprocessable(second_step(
                &actor.csrf,
                &form.back,
                Some(WRONG_CODE),
                None,
            )))
        }
        Err(SignInError::Over) => {
            tx.commit().await?;
            Ok(unprocessable(sign_in_page(
                "/sign-in",
                None,
                "",
                &form.back,
                Some(OVER),
            )))
        }
        Err(error) => Err(Failure::of(&error)),
    }
}

fn second_step(csrf: &str, back: &str, message: Option<&str>, hint: Option<&str>) -> Markup {
    let title = if message.is_some() {
        "Error: Second step"
    } else {
        "Second step"
    };
    let field = Field {
        input_mode: Some("text"),
        autofocus: true,
        ..Field::new("code", "Authenticator code", "")
    };
    ui::plain(
        title,
        html! {
            h1 { "Second step" }
            p { "Type the six digits that your authenticator app shows now." }
            @if let Some(hint) = hint { p { "This is the demonstration practice: the code is now " strong { (hint) } "." } }
            @if let Some(message) = message { (form::error_summary(&[("code", message.to_owned())])) }
            (form::form("/sign-in/factor", csrf, html! {
                (form::hidden("return", local(back)))
                (form::text(&field.autocomplete("one-time-code").max_length(32).error(message)))
                (form::submit_row("Continue", Some("/sign-in")))
            }))
            details {
                summary { "Use a recovery code" }
                p { "Lost your phone? Type one of your recovery codes, such as abcde-fghij, into the same field. Each works once." }
            }
        },
    )
}

async fn sign_out(ask: Ask, Posted(_): Posted<serde::de::IgnoredAny>) -> Result<Response, Failure> {
    let Ask { app, actor, tx } = ask;
    out(&tx, &actor).await?;
    tx.commit().await?;
    let mut response = see_other("/sign-in");
    response
        .headers_mut()
        .append(header::SET_COOKIE, session::no_cookie(&app.config));
    // The browser forgets what it kept of the pages, so that "back" on a shared machine shows nothing.
    response
        .headers_mut()
        .insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn iam_61_foreign_return_targets_are_not_followed() {
        for (back, target) in [
            ("/calendar?day=1", "/calendar?day=1"),
            ("", "/"),
            ("https://evil.test", "/"),
            ("//evil.test", "/"),
            ("/\\evil.test", "/"),
            ("/sign-in", "/"),
            ("javascript:1", "/"),
            ("/a\nb", "/"),
        ] {
            assert_eq!(local(back), target, "{back}");
        }
    }
}
