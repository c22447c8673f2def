//! `/account`: what belongs to the person and to nobody else.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::{ApiKeyId, Permission, Problems, Refusal, SessionId};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use ui::form::{self, Choice, Field};

use super::{ChangeError, change_password, prove_password};
use crate::audit::{self, Action, Entry, Purpose};
use crate::web::{Access, Ask, Failure, Html, Posted, Routes, see_other, staff_page, unprocessable};
use crate::{api_key, factor, session, sign_in, user};

/// Routes of one's own account.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .page("/account", Access::SignedIn, get(page))
        .page("/account/password", Access::SignedIn, post(password))
        .page("/account/recovery-codes", Access::SignedIn, post(recovery_codes))
        .page("/account/sessions/{id}/end", Access::SignedIn, post(end_session))
        .page("/account/sessions/end", Access::SignedIn, post(end_others))
        .page(
            "/account/keys",
            Access::Need(Permission::ApiKeyManage),
            post(create_key),
        )
        .page(
            "/account/keys/{id}/revocation",
            Access::Need(Permission::ApiKeyManage),
            post(revoke_key),
        )
        .page("/account/theme", Access::SignedIn, post(theme))
}

#[derive(Default, Deserialize)]
struct NewKey {
    #[serde(default)]
    label: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    scopes: Vec<String>,
}

async fn page(ask: Ask) -> Result<Response, Failure> {
    let page = draw(&ask, &Problems::default(), &NewKey::default()).await?;
    ask.tx.commit().await?;
    Ok(Html(page).into_response())
}

async fn draw(ask: &Ask, problems: &Problems, typed: &NewKey) -> Result<Markup, Failure> {
    let Ask { actor, tx, .. } = ask;
    let id = actor.user.ok_or(Failure(Refusal::SignIn))?;
    let (row, sessions, codes, keys) = futures_util::try_join!(
        user::store::find(tx, actor.practice, id),
        session::list(tx, id),
        factor::recovery_codes_left(tx, id),
        api_key::own(tx, id),
    )?;
    let row = row.ok_or(Failure(Refusal::NotFound))?;
    let errors: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    let roles = row.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ");
    let details = ui::description_list(&[
        ("Name", html! { (row.name()) }),
        ("E-mail", html! { (row.email) }),
        ("Roles", html! { (roles) }),
        (
            "Phone",
            html! { (row.phone.as_deref().map(kernel::text::phone_for_people).unwrap_or_default()) },
        ),
    ]);
    let body = html! {
        (form::error_summary(&errors))
        (ui::grid(html! {
            (ui::card("You", details))
            (ui::card("Password", password_form(&actor.csrf, problems)))
            (ui::card("Recovery codes", codes_card(&actor.csrf, codes, problems)))
        }))
        (ui::panel("Where you are signed in", html! {
            @if sessions.len() > 1 { (ui::form::post_button("/account/sessions/end", &actor.csrf, "End all others", ui::Kind::Secondary)) }
        }, sessions_table(ask, &sessions)))
        @if actor.may(Permission::ApiKeyManage) {
            (ui::panel("Keys for programs", html! {}, keys_table(ask, &keys)))
            (ui::card("New key", key_form(ask, problems, typed)))
        }
    };
    let page = ui::Page {
        has_errors: !problems.is_empty(),
        ..ui::Page::new("Your account", body)
    };
    Ok(staff_page(actor, "/account", page))
}

fn password_form(csrf: &str, problems: &Problems) -> Markup {
    form::form(
        "/account/password",
        csrf,
        html! {
            (form::password(&Field::new("current", "Current password", "").autocomplete("current-password").error(problems.of("current"))))
            (form::password(&Field::new("password", "New password", "").autocomplete("new-password").help("At least 12 characters. A few unrelated words are easy to remember.").error(problems.of("password"))))
            (form::password(&Field::new("again", "New password again", "").autocomplete("new-password").error(problems.of("again"))))
            (form::submit_row("Change password", None))
        },
    )
}

fn codes_card(csrf: &str, left: i64, problems: &Problems) -> Markup {
    html! {
        p { "Each recovery code lets you in once if you lose your phone. " strong { (left) " of 10 left." }
            @if left <= 3 { " Please make new ones soon." } }
        // The answer shows the codes once and is a page, not a redirect, which Turbo would ask for.
        div data-turbo="false" { (form::form("/account/recovery-codes", csrf, html! {
            (form::password(&Field::new("proof", "Your password", "").autocomplete("current-password").error(problems.of("proof"))))
            (form::actions(html! { (ui::button("Make new codes", ui::Kind::Secondary)) }))
        })) }
    }
}

fn sessions_table(ask: &Ask, sessions: &[session::SessionRow]) -> Markup {
    let near = |at| kernel::when::near(at, ask.tx.now(), &ask.actor.zone);
    let rows = sessions.iter().map(|one| {
        let own = ask.actor.session == Some(one.id);
        ui::table::Row::plain(vec![
            html! { (session::device(one.agent.as_deref())) @if own { " " (ui::badge(ui::Tone::Info, "This browser")) } },
            html! { (one.address.as_deref().unwrap_or_default()) },
            html! { (near(one.started_at)) },
            html! { (near(one.seen_at)) },
            html! { @if !own { (form::post_button(&format!("/account/sessions/{}/end", one.id), &ask.actor.csrf, "End", ui::Kind::Quiet)) } },
        ])
    });
    ui::table::table(&ui::table::Table {
        caption: "Where you are signed in",
        columns: vec![
            ui::table::Column::new("Browser"),
            ui::table::Column::new("Address"),
            ui::table::Column::new("Since"),
            ui::table::Column::new("Last used"),
            ui::table::Column::actions(),
        ],
        rows: rows.collect(),
        ..Default::default()
    })
}

fn keys_table(ask: &Ask, keys: &[api_key::KeyRow]) -> Markup {
    let near = |at| kernel::when::near(at, ask.tx.now(), &ask.actor.zone);
    let rows = keys.iter().map(|key| ui::table::Row::plain(vec![
        html! { (key.label) },
        html! { @if key.scopes.iter().any(|scope| scope == "*") { "All you may do" } @else { (key.scopes.join(", ")) } },
        html! { (near(key.expires_at)) },
        html! { (key.used_at.map(near).unwrap_or_else(|| "Never".to_owned())) },
        html! { (form::post_button(&format!("/account/keys/{}/revocation", key.id), &ask.actor.csrf, "Revoke", ui::Kind::Quiet)) },
    ]));
    ui::table::table(&ui::table::Table {
        caption: "Keys for programs",
        columns: vec![
            ui::table::Column::new("Name"),
            ui::table::Column::new("May do"),
            ui::table::Column::new("Ends"),
            ui::table::Column::new("Last used"),
            ui::table::Column::actions(),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "key",
            "No keys yet",
            "A key lets a program of yours do what you may do, or a part of it. Make one below.",
            html! {},
        ),
        ..Default::default()
    })
}

fn key_form(ask: &Ask, problems: &Problems, typed: &NewKey) -> Markup {
    let scopes: Vec<Choice> = Permission::ALL
        .iter()
        .filter(|permission| ask.actor.may(**permission))
        .map(|permission| Choice::new(permission.word(), permission.word()))
        .collect();
    let chosen: Vec<&str> = typed.scopes.iter().map(String::as_str).collect();
    let days = if typed.days.is_empty() { "90" } else { &typed.days };
    html! { div data-turbo="false" { (form::form("/account/keys", &ask.actor.csrf, html! {
        (form::text(&Field::new("label", "Name", &typed.label).max_length(100).help("What uses it, such as “website booking”.").error(problems.of("label"))))
        (form::number(&Field::new("days", "Days until it ends", days).help("At most 365.").error(problems.of("days"))))
        (form::checkboxes(&Field::new("scopes", "What it may do", "").error(problems.of("scopes")), &scopes, &chosen))
        (form::actions(html! { (ui::button("Make key", ui::Kind::Secondary)) }))
    })) } }
}

#[derive(Default, Deserialize)]
struct NewPassword {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

async fn password(ask: Ask, Posted(form): Posted<NewPassword>) -> Result<Response, Failure> {
    let mut problems = Problems::default();
    if form.password != form.again {
        problems.add(
            "again",
            "different",
            "The two new passwords differ. Please type both again.",
        );
    } else {
        let error = match prove_password(&ask.app, &ask.tx, &ask.actor, &form.current).await? {
            Ok(proof) => change_password(&ask.app, &ask.tx, &ask.actor, proof, &form.password)
                .await
                .err(),
            Err(sentence) => Some(ChangeError::Wrong(sentence)),
        };
        match error {
            None => {
                ask.tx.commit().await?;
                return Ok(see_other("/account"));
            }
            Some(error) => problems = error.problems().ok_or_else(|| Failure::of(&error))?,
        }
    }
    let ask = ask.again().await?;
    Ok(unprocessable(draw(&ask, &problems, &NewKey::default()).await?))
}

#[derive(Default, Deserialize)]
struct Proven {
    #[serde(default)]
    proof: String,
}

async fn recovery_codes(ask: Ask, Posted(form): Posted<Proven>) -> Result<Response, Failure> {
    let id = ask.actor.user.ok_or(Failure(Refusal::SignIn))?;
    if let Err(sentence) = prove_password(&ask.app, &ask.tx, &ask.actor, &form.proof).await? {
        let mut problems = Problems::default();
        problems.add("proof", "wrong", sentence);
        return Ok(unprocessable(draw(&ask, &problems, &NewKey::default()).await?));
    }
    let codes = factor::fresh_recovery_codes(&ask.app, &ask.tx, id).await?;
    let entry = Entry::new(Action::Update, "authenticator")
        .id(id.uuid())
        .purpose(Purpose::Administration);
    audit::record(
        &ask.tx,
        &ask.actor,
        entry.detail(json!({ "recovery_codes": codes.len() })),
    )
    .await?;
    ask.tx.commit().await?;
    Ok(Html(ui::plain(
        "Your recovery codes",
        sign_in::codes_page(&codes, "/account"),
    ))
    .into_response())
}

async fn end_session(
    ask: Ask,
    Path(id): Path<String>,
    Posted(_): Posted<serde::de::IgnoredAny>,
) -> Result<Response, Failure> {
    let user = ask.actor.user.ok_or(Failure(Refusal::SignIn))?;
    let id: SessionId = id.parse().map_err(|_| Failure(Refusal::NotFound))?;
    if session::end(&ask.tx, user, id, "ended_by_user").await? {
        let entry = Entry::new(Action::SignOut, "session")
            .id(id.uuid())
            .purpose(Purpose::Administration);
        audit::record(&ask.tx, &ask.actor, entry).await?;
    }
    ask.tx.commit().await?;
    Ok(see_other("/account"))
}

async fn end_others(ask: Ask, Posted(_): Posted<serde::de::IgnoredAny>) -> Result<Response, Failure> {
    let user = ask.actor.user.ok_or(Failure(Refusal::SignIn))?;
    let ended = session::end_all(&ask.tx, user, ask.actor.session, "ended_by_user").await?;
    let entry = Entry::new(Action::SignOut, "session")
        .id(user.uuid())
        .purpose(Purpose::Administration);
    audit::record(&ask.tx, &ask.actor, entry.detail(json!({ "ended": ended }))).await?;
    ask.tx.commit().await?;
    Ok(see_other("/account"))
}

async fn create_key(ask: Ask, Posted(form): Posted<NewKey>) -> Result<Response, Failure> {
    let user = ask.actor.user.ok_or(Failure(Refusal::SignIn))?;
    let days = form.days.trim().parse().unwrap_or(0);
    match api_key::create_key(&ask.tx, &ask.actor, user, &form.label, &form.scopes, days).await {
        Ok(key) => {
            ask.tx.commit().await?;
            Ok(Html(ui::plain("Your new key", html! {
                h1 { "Your new key" }
                p { "Copy it now into the program that needs it; it is not shown again. Programs send it as " code { "Authorization: Bearer" } "." }
                p { code.api-key { (key) } }
                (ui::link_button("/account", "I have copied it", ui::Kind::Primary))
            })).into_response())
        }
        Err(api_key::KeyError::Invalid(problems)) => Ok(unprocessable(draw(&ask, &problems, &form).await?)),
        Err(error) => Err(Failure::of(&error)),
    }
}

async fn revoke_key(
    ask: Ask,
    Path(id): Path<String>,
    Posted(_): Posted<serde::de::IgnoredAny>,
) -> Result<Response, Failure> {
    let id: ApiKeyId = id.parse().map_err(|_| Failure(Refusal::NotFound))?;
    api_key::revoke(&ask.tx, &ask.actor, id)
        .await
        .map_err(|error| Failure::of(&error))?;
    ask.tx.commit().await?;
    Ok(see_other("/account"))
}

#[derive(Default, Deserialize)]
struct Theme {
    #[serde(default)]
    theme: String,
}

async fn theme(ask: Ask, Posted(form): Posted<Theme>) -> Result<Response, Failure> {
    ask.tx.commit().await?;
    let secure = if ask.app.config.is_secure() { "; Secure" } else { "" };
    let cookie = format!(
        "theme={}; Path=/; Max-Age=31536000; SameSite=Lax{secure}",
        ui::Theme::from_name(&form.theme).name()
    );
    let mut response = see_other("/account");
    response.headers_mut().append(
        header::SET_COOKIE,
        HeaderValue::from_str(&cookie).map_err(|error| Failure::fault(&error))?,
    );
    Ok(response)
}
