//! Pages of users: the list, a new account, one account with its state.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::{Permission, Problems, Refusal, Role, UserId};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{self, Choice, Field};
use ui::table::{Column, Row, Table, table};

use super::api::id;
use super::ops::{self, After, Filter, Typed};
use super::{Status, UserError, UserRow, may_touch};
use crate::web::{
    Access, Ask, Failure, Html, List, Once, Paging, Posted, Query, Routes, encoded, see_other, staff_page,
    unprocessable,
};

const SECTION: &str = "/practice";
const PAGE: i64 = 50;

pub(super) fn routes() -> Routes {
    let manage = Access::Need(Permission::UserManage);
    Routes::new()
        .page("/practice/users", Access::Need(Permission::UserRead), get(list))
        .page("/practice/users/new", manage, get(new).post(create))
        .page("/practice/users/{id}", Access::Need(Permission::UserRead), get(show))
        .page("/practice/users/{id}", manage, post(update))
        .page("/practice/users/{id}/suspension", manage, post(suspend))
        .page("/practice/users/{id}/reactivation", manage, post(reactivate))
        .page("/practice/users/{id}/invitation", manage, post(invite))
        .page("/practice/users/{id}/removal", manage, post(remove))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    q: String,
    role: String,
    status: String,
    cursor: Option<String>,
}

impl Wanted {
    fn path(&self, role: &str, status: &str, cursor: Option<&str>) -> String {
        let mut path = format!("/practice/users?q={}&role={role}&status={status}", encoded(&self.q));
        if let Some(cursor) = cursor {
            path.push_str(&format!("&cursor={cursor}"));
        }
        path
    }
}

async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Html, Failure> {
    let Ask { actor, tx, .. } = &ask;
    let paging = Paging {
        limit: Some(PAGE),
        cursor: wanted.cursor.clone(),
    };
    let filter = Filter {
        role: wanted.role.parse().ok(),
        status: wanted.status.parse().ok(),
        words: wanted.q.clone(),
    };
    let after: Option<After> = paging.after()?;
    let rows = ops::list(tx, actor, &filter, after.as_ref(), PAGE + 1)
        .await
        .map_err(|error| Failure::of(&error))?;
    let list = List::cut(rows, PAGE, |row| {
        (row.family_name.clone(), row.given_name.clone(), row.id)
    });
    let chips: Vec<ui::Chip> = [Status::Active, Status::Onboarding, Status::Invited, Status::Suspended]
        .into_iter()
        .map(|status| {
            let on = wanted.status == status.word();
            ui::Chip {
                label: status.label(),
                href: wanted.path(&wanted.role, if on { "" } else { status.word() }, None),
                on,
                count: None,
            }
        })
        .collect();
    let roles: Vec<Choice> = std::iter::once(Choice::new("", "All roles"))
        .chain(Role::ALL.iter().map(|role| Choice::new(role.word(), role.label())))
        .collect();
    let body = html! {
        (form::filter_form("/practice/users", html! {
            (form::text(&Field { value: &wanted.q, ..Field::new("q", "Name or e-mail", "").optional() }))
            (form::select(&Field::new("role", "Role", &wanted.role).optional(), &roles))
            (form::hidden("status", &wanted.status))
            (ui::button("Show", ui::Kind::Secondary))
        }))
        (ui::chips("State", &chips))
        (users_table(&ask, &list.items, list.next.as_deref().map(|next| wanted.path(&wanted.role, &wanted.status, Some(next)))))
    };
    let page = ui::Page {
        actions: html! { @if actor.may(Permission::UserManage) { (ui::link_button("/practice/users/new", "New user", ui::Kind::Primary)) } },
        ..ui::Page::new("Users", body)
    };
    let drawn = staff_page(actor, SECTION, page);
    ask.tx.commit().await?;
    Ok(Html(drawn))
}

fn users_table(ask: &Ask, users: &[UserRow], next: Option<String>) -> Markup {
    let rows = users.iter().map(|user| Row::link(format!("/practice/users/{}", user.id), vec![
        html! { (user.family_name) ", " (user.given_name) },
        html! { (user.email) },
        html! { (role_names(&user.roles)) },
        state(user.status),
        html! { (user.last_sign_in.map(|at| kernel::when::near(at, ask.tx.now(), &ask.actor.zone)).unwrap_or_else(|| "Never".to_owned())) },
    ]));
    table(&Table {
        caption: "Users",
        columns: vec![
            Column::new("Name"),
            Column::new("E-mail"),
            Column::new("Roles"),
            Column::new("State"),
            Column::new("Last sign-in"),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "users",
            "Nobody here",
            "Nobody fits these filters. Take one away, or invite a colleague.",
            html! {},
        ),
        next,
        ..Default::default()
    })
}

fn role_names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ")
}

fn state(status: Status) -> Markup {
    let tone = match status {
        Status::Active => ui::Tone::Success,
        Status::Invited | Status::Onboarding => ui::Tone::Info,
        Status::Suspended => ui::Tone::Attention,
        Status::Deactivated => ui::Tone::Neutral,
    };
    ui::dot(tone, status.label())
}

/// What was typed about a person.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    email: String,
    given_name: String,
    family_name: String,
    credentials: String,
    npi: String,
    phone: String,
    bookable: String,
    roles: Vec<String>,
    version: String,
    #[serde(rename = "_once")]
    once: String,
}

impl Form {
    fn of(row: &UserRow) -> Self {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        Self {
            email: row.email.clone(),
            given_name: row.given_name.clone(),
            family_name: row.family_name.clone(),
            credentials: text(&row.credentials),
            npi: text(&row.npi),
            phone: row
                .phone
                .as_deref()
                .map(kernel::text::phone_for_people)
                .unwrap_or_default(),
            bookable: if row.bookable { "on".to_owned() } else { String::new() },
            roles: row.roles.iter().map(|role| role.word().to_owned()).collect(),
            version: row.version.to_string(),
            once: String::new(),
        }
    }

    fn parse(&self) -> Result<ops::Details, UserError> {
        let typed = Typed {
            email: &self.email,
            given_name: &self.given_name,
            family_name: &self.family_name,
            credentials: &self.credentials,
            npi: &self.npi,
            phone: &self.phone,
            bookable: self.bookable == "on",
            roles: &self.roles,
        };
        typed.parse().map_err(UserError::Invalid)
    }

    /// The fields as lines of text, for showing two versions side by side.
    fn lines(&self) -> String {
        let bookable = if self.bookable == "on" { "yes" } else { "no" };
        format!(
            "E-mail: {}\nGiven name: {}\nFamily name: {}\nLetters: {}\nNPI: {}\nPhone: {}\nCan be booked: {bookable}\nRoles: {}",
            self.email,
            self.given_name,
            self.family_name,
            self.credentials,
            self.npi,
            self.phone,
            self.roles.join(", ")
        )
    }

    fn fields(&self, problems: &Problems) -> Markup {
        let field = |name: &'static str, label, value, max| Field::new(name, label, value).max_length(max);
        let roles: Vec<Choice> = Role::ALL
            .iter()
            .map(|role| Choice::new(role.word(), role.label()))
            .collect();
        let chosen: Vec<&str> = self.roles.iter().map(String::as_str).collect();
        html! {
            (form::section("Person", "", html! {
                (form::row(html! {
                    (form::text(&field("given_name", "Given name", &self.given_name, 100).error(problems.of("given_name"))))
                    (form::text(&field("family_name", "Family name", &self.family_name, 100).error(problems.of("family_name"))))
                }))
                (form::text(&field("credentials", "Letters behind the name", &self.credentials, 60).optional().help("As they stand under a note, such as LCSW.").error(problems.of("credentials"))))
                (form::email(&field("email", "E-mail", &self.email, 254).help("The address this person signs in with.").error(problems.of("email"))))
                (form::phone(&field("phone", "Phone", &self.phone, 40).optional().error(problems.of("phone"))))
                (form::text(&Field { input_mode: Some("numeric"), width: form::Width::Medium, ..field("npi", "NPI", &self.npi, 10).optional().error(problems.of("npi")) }))
            }))
            (form::section("Work", "", html! {
                (form::checkboxes(&Field::new("roles", "Roles", "").error(problems.of("roles")), &roles, &chosen))
                (form::checkbox(&Field::new("bookable", "Appointments can be made with this person", "").optional(), self.bookable == "on"))
            }))
        }
    }
}

fn errors(problems: &Problems) -> Vec<(&str, String)> {
    problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect()
}

/// What a refused form says beside its fields; what is no matter of the form stays a failure of its own.
fn beside(error: UserError) -> Result<Problems, Failure> {
    match error {
        UserError::Role(rule) => {
            let mut problems = Problems::default();
            problems.add("roles", "not_allowed", rule.to_string());
            Ok(problems)
        }
        error => match Refusal::from(&error) {
            Refusal::Invalid(problems) => Ok(problems),
            Refusal::Conflict { code, sentence, field } => {
                let mut problems = Problems::default();
                problems.add(field.unwrap_or_default(), code, sentence);
                Ok(problems)
            }
            _ => Err(Failure::of(&error)),
        },
    }
}

async fn new(ask: Ask) -> Html {
    let form = Form {
        once: Once::fresh(),
        ..Form::default()
    };
    Html(new_page(&ask, &form, &Problems::default()))
}

fn new_page(ask: &Ask, typed: &Form, problems: &Problems) -> Markup {
    let body = html! {
        (form::error_summary(&errors(problems)))
        (form::form("/practice/users/new", &ask.actor.csrf, html! {
            (form::hidden("_once", &typed.once))
            (typed.fields(problems))
            p.field__help { "A link to choose a password goes to this address. It opens for 48 hours." }
            (form::submit_row("Create and invite", Some("/practice/users")))
        }))
    };
    staff_page(
        &ask.actor,
        SECTION,
        ui::Page {
            has_errors: !problems.is_empty(),
            ..ui::Page::new("New user", body)
        },
    )
}

async fn create(ask: Ask, Posted(form): Posted<Form>) -> Result<Response, Failure> {
    let caller = ask.actor.user.map(UserId::uuid).unwrap_or_default();
    let once = match Once::take(&ask.tx, caller, &form.once).await? {
        Ok(once) => once,
        Err(path) => return Ok(see_other(&path)),
    };
    let result = match form.parse() {
        Ok(details) => ops::create(&ask.app, &ask.tx, &ask.actor, &details).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(id) => {
            let path = format!("/practice/users/{id}");
            once.keep(&ask.tx, &path).await?;
            ask.tx.commit().await?;
            Ok(see_other(&path))
        }
        Err(error) => {
            let problems = beside(error)?;
            let ask = ask.again().await?;
            Ok(unprocessable(new_page(&ask, &form, &problems)))
        }
    }
}

async fn show(ask: Ask, Path(user): Path<String>) -> Result<Html, Failure> {
    let row = ops::open(&ask.tx, &ask.actor, id(&user)?)
        .await
        .map_err(|error| Failure::of(&error))?;
    let drawn = page(&ask, &row, &Form::of(&row), &Problems::default(), &html! {});
    ask.tx.commit().await?;
    Ok(Html(drawn))
}

fn page(ask: &Ask, row: &UserRow, typed: &Form, problems: &Problems, notice: &Markup) -> Markup {
    let actor = &ask.actor;
    let may = actor.may(Permission::UserManage) && may_touch(&actor.roles, &row.roles).is_ok();
    let near = |at| kernel::when::near(at, ask.tx.now(), &actor.zone);
    let facts = ui::description_list(&[
        ("State", state(row.status)),
        ("Reason", html! { (row.status_reason.as_deref().unwrap_or_default()) }),
        ("Roles", html! { (role_names(&row.roles)) }),
        (
            "Last sign-in",
            html! { (row.last_sign_in.map(near).unwrap_or_else(|| "Never".to_owned())) },
        ),
        ("Since", html! { (near(row.created_at)) }),
    ]);
    let path = format!("/practice/users/{}", row.id);
    let main = html! {
        (notice)
        (form::error_summary(&errors(problems)))
        @if may {
            (form::form(&path, &actor.csrf, html! {
                (form::version(typed.version.parse().unwrap_or(row.version)))
                (typed.fields(problems))
                (form::submit_row("Save", Some("/practice/users")))
            }))
        } @else {
            (ui::description_list(&[("Name", html! { (row.name()) }), ("E-mail", html! { (row.email) }), ("Phone", html! { (row.phone.as_deref().map(kernel::text::phone_for_people).unwrap_or_default()) })]))
        }
    };
    let side = html! {
        (ui::card("Account", facts))
        @if may { (state_actions(ask, row, &path, problems)) }
    };
    let title = "User";
    let page = ui::Page {
        heading: html! { (row.name()) },
        has_errors: !problems.is_empty(),
        ..ui::Page::new(title, ui::split(main, side))
    };
    staff_page(actor, SECTION, page)
}

fn state_actions(ask: &Ask, row: &UserRow, path: &str, problems: &Problems) -> Markup {
    let csrf = &ask.actor.csrf;
    let reason = |label, action: &str, kind| {
        form::form(
            action,
            csrf,
            html! {
                (form::text(&Field::new("reason", "Reason", "").max_length(300).error(problems.of("reason"))))
                (form::actions(ui::button(label, kind)))
            },
        )
    };
    html! {
        @match row.status {
            Status::Active | Status::Onboarding if ask.actor.user != Some(row.id) => {
                (ui::card("Suspend", html! { p { "Ends all sessions at once. Nothing that this person wrote is touched." } (reason("Suspend", &format!("{path}/suspension"), ui::Kind::Danger)) }))
            }
            Status::Suspended => { (ui::card("Reactivate", reason("Reactivate", &format!("{path}/reactivation"), ui::Kind::Secondary))) }
            Status::Invited => { (ui::card("Invitation", html! {
                p { "The link was sent to " (row.email) ". A new one replaces it." }
                (ui::cluster(html! {
                    (form::post_button(&format!("{path}/invitation"), csrf, "Send a new link", ui::Kind::Secondary))
                    (form::post_button(&format!("{path}/removal"), csrf, "Remove account", ui::Kind::Danger))
                }))
            })) }
            _ => {}
        }
    }
}

async fn update(ask: Ask, Path(user): Path<String>, Posted(form): Posted<Form>) -> Result<Response, Failure> {
    let id = id(&user)?;
    let version = form.version.parse().unwrap_or(0);
    let result = match form.parse() {
        Ok(details) => ops::update(&ask.tx, &ask.actor, id, version, &details).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(_) => {
            ask.tx.commit().await?;
            Ok(see_other(&format!("/practice/users/{id}")))
        }
        Err(UserError::Stale { .. }) => {
            let ask = ask.again().await?;
            let row = ops::open(&ask.tx, &ask.actor, id)
                .await
                .map_err(|error| Failure::of(&error))?;
            let notice = crate::practice::stale(&Form::of(&row).lines(), &form.lines());
            let typed = Form {
                version: row.version.to_string(),
                ..form
            };
            Ok((
                StatusCode::PRECONDITION_FAILED,
                Html(page(&ask, &row, &typed, &Problems::default(), &notice)),
            )
                .into_response())
        }
        Err(error) => refused(ask, id, Some(form), error).await,
    }
}

async fn refused(ask: Ask, id: UserId, form: Option<Form>, error: UserError) -> Result<Response, Failure> {
    let problems = beside(error)?;
    let ask = ask.again().await?;
    let row = ops::open(&ask.tx, &ask.actor, id)
        .await
        .map_err(|error| Failure::of(&error))?;
    let typed = form.unwrap_or_else(|| Form::of(&row));
    Ok(unprocessable(page(&ask, &row, &typed, &problems, &html! {})))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reason {
    reason: String,
}

async fn done(ask: Ask, id: UserId, result: Result<(), UserError>) -> Result<Response, Failure> {
    match result {
        Ok(()) => {
            ask.tx.commit().await?;
            Ok(see_other(&format!("/practice/users/{id}")))
        }
        Err(error) => refused(ask, id, None, error).await,
    }
}

async fn suspend(ask: Ask, Path(user): Path<String>, Posted(form): Posted<Reason>) -> Result<Response, Failure> {
    let id = id(&user)?;
    let result = ops::suspend(&ask.tx, &ask.actor, id, &form.reason).await;
    done(ask, id, result).await
}

async fn reactivate(ask: Ask, Path(user): Path<String>, Posted(form): Posted<Reason>) -> Result<Response, Failure> {
    let id = id(&user)?;
    let result = ops::reactivate(&ask.tx, &ask.actor, id, &form.reason).await;
    done(ask, id, result).await
}

async fn invite(
    ask: Ask,
    Path(user): Path<String>,
    Posted(_): Posted<serde::de::IgnoredAny>,
) -> Result<Response, Failure> {
    let id = id(&user)?;
    let result = ops::invite_again(&ask.app, &ask.tx, &ask.actor, id).await;
    done(ask, id, result).await
}

async fn remove(
    ask: Ask,
    Path(user): Path<String>,
    Posted(_): Posted<serde::de::IgnoredAny>,
) -> Result<Response, Failure> {
    let id = id(&user)?;
    match ops::delete(&ask.tx, &ask.actor, id).await {
        Ok(()) => {
            ask.tx.commit().await?;
            Ok(see_other("/practice/users"))
        }
        Err(error) => refused(ask, id, None, error).await,
    }
}
