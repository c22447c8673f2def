//! `/practice`: the practice's details, and the way to everything that runs it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::{Permission, Problems, Refusal};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{self, Choice, Field};

use super::ops::{self, Typed};
use super::{PracticeError, PracticeRow, STATES};
use crate::Actor;
use crate::web::{Access, Ask, Failure, Html, Nav, Posted, Routes, see_other, staff_page, unprocessable};

const SECTION: &str = "/practice";

/// Zones offered first; any IANA name is taken.
const ZONES: &[&str] = &[
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Boise",
    "America/Puerto_Rico",
    "Pacific/Guam",
];

platform::inventory::submit! {
    Nav { order: 90, label: "Practice", path: "/practice", icon: "building", shortcut: 'x', permission: Permission::PracticeRead }
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .page("/practice", Access::Need(Permission::PracticeRead), get(show))
        .page("/practice", Access::Need(Permission::PracticeManage), post(update))
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    npi: String,
    version: String,
    #[serde(flatten)]
    place: PlaceForm,
}

/// Where something is and how it is reached, as typed; shared with locations.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlaceForm {
    pub(crate) time_zone: String,
    pub(crate) phone: String,
    pub(crate) address_line: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) postal_code: String,
}

impl PlaceForm {
    pub(crate) fn typed<'a>(&'a self, name: &'a str, npi: &'a str) -> Typed<'a> {
        Typed {
            name,
            npi,
            time_zone: &self.time_zone,
            phone: &self.phone,
            address_line: &self.address_line,
            city: &self.city,
            state: &self.state,
            postal_code: &self.postal_code,
        }
    }

    pub(crate) fn lines(&self) -> String {
        format!(
            "Time zone: {}\nPhone: {}\nStreet: {}\nCity: {}\nState: {}\nZIP code: {}",
            self.time_zone, self.phone, self.address_line, self.city, self.state, self.postal_code
        )
    }

    pub(crate) fn fields(&self, problems: &Problems) -> Markup {
        let mut zones: Vec<Choice> = ZONES.iter().map(|zone| Choice::new(zone, zone)).collect();
        if !self.time_zone.is_empty() && !ZONES.contains(&self.time_zone.as_str()) {
            zones.push(Choice::new(&self.time_zone, &self.time_zone));
        }
        let states: Vec<Choice> = STATES.iter().map(|state| Choice::new(state, state)).collect();
        html! {
            (form::combobox(&Field::new("time_zone", "Time zone", &self.time_zone).error(problems.of("time_zone")), &zones))
            (form::phone(&Field::new("phone", "Phone", &self.phone).optional().max_length(40).error(problems.of("phone"))))
            (form::text(&Field::new("address_line", "Street", &self.address_line).optional().max_length(200).error(problems.of("address_line"))))
            (form::row(html! {
                (form::text(&Field::new("city", "City", &self.city).optional().max_length(100).error(problems.of("city"))))
                (form::select(&Field::new("state", "State", &self.state).optional().width(form::Width::Short).error(problems.of("state")), &states))
                (form::text(&Field::new("postal_code", "ZIP code", &self.postal_code).optional().max_length(10).width(form::Width::Short).error(problems.of("postal_code"))))
            }))
        }
    }
}

impl Form {
    fn of(row: &PracticeRow) -> Self {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        Self {
            name: row.legal_name.clone(),
            npi: text(&row.npi),
            version: row.version.to_string(),
            place: PlaceForm {
                time_zone: row.time_zone.clone(),
                phone: row
                    .phone
                    .as_deref()
                    .map(kernel::text::phone_for_people)
                    .unwrap_or_default(),
                address_line: text(&row.address_line),
                city: text(&row.city),
                state: text(&row.state),
                postal_code: text(&row.postal_code),
            },
        }
    }

    fn lines(&self) -> String {
        format!("Name: {}\nNPI: {}\n{}", self.name, self.npi, self.place.lines())
    }
}

async fn show(ask: Ask) -> Result<Html, Failure> {
    let row = ops::open(&ask.tx, &ask.actor)
        .await
        .map_err(|error| Failure::of(&error))?;
    let drawn = page(&ask.actor, &row, &Form::of(&row), &Problems::default(), &html! {});
    ask.tx.commit().await?;
    Ok(Html(drawn))
}

fn page(actor: &Actor, row: &PracticeRow, typed: &Form, problems: &Problems, notice: &Markup) -> Markup {
    let errors: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    let main = html! {
        (notice)
        (form::error_summary(&errors))
        @if actor.may(Permission::PracticeManage) {
            (form::form("/practice", &actor.csrf, html! {
                (form::version(typed.version.parse().unwrap_or(row.version)))
                (form::section("Details", "They stand on documents that leave the practice.", html! {
                    (form::text(&Field::new("name", "Legal name", &typed.name).max_length(200).error(problems.of("name"))))
                    (form::text(&Field { input_mode: Some("numeric"), width: form::Width::Medium, ..Field::new("npi", "NPI", &typed.npi).optional().max_length(10).error(problems.of("npi")) }))
                    (typed.place.fields(problems))
                }))
                (form::submit_row("Save", None))
            }))
        } @else {
            (ui::card("Details", ui::description_list(&[
                ("Name", html! { (row.legal_name) }),
                ("Time zone", html! { (row.time_zone) }),
                ("Phone", html! { (typed.place.phone) }),
                ("Address", html! { (typed.place.address_line) " " (typed.place.city) " " (typed.place.state) " " (typed.place.postal_code) }),
            ])))
        }
    };
    let page = ui::Page {
        has_errors: !problems.is_empty(),
        ..ui::Page::new("Practice", ui::split(main, ways(actor, row)))
    };
    staff_page(actor, SECTION, page)
}

/// What of the practice this person may open.
fn ways(actor: &Actor, row: &PracticeRow) -> Markup {
    let all = [
        ("/practice/users", "users", "Users", Permission::UserRead),
        ("/practice/locations", "map-pin", "Locations", Permission::PracticeRead),
        ("/practice/audit", "history", "Audit log", Permission::AuditRead),
        ("/practice/import", "upload", "Import records", Permission::ImportRun),
        ("/practice/outbox", "mail", "Outbox", Permission::OperationsRead),
        ("/practice/jobs", "timer", "Failed jobs", Permission::OperationsRead),
    ];
    html! {
        (ui::card("Run the practice", ui::stack(html! {
            @for (path, icon, label, permission) in all {
                @if actor.may(permission) { (ui::link_button_with_icon(path, icon, label, ui::Kind::Quiet)) }
            }
        })))
        (ui::card("Sign-in address", html! { p { "Your people sign in at " code { "/p/" (row.slug) "/sign-in" } "." } }))
    }
}

async fn update(ask: Ask, Posted(form): Posted<Form>) -> Result<Response, Failure> {
    let version = form.version.parse().unwrap_or(0);
    let result = ops::update(&ask.tx, &ask.actor, version, &form.place.typed(&form.name, &form.npi)).await;
    match result {
        Ok(_) => {
            ask.tx.commit().await?;
            Ok(see_other("/practice"))
        }
        Err(PracticeError::Stale { .. }) => {
            let ask = ask.again().await?;
            let row = ops::open(&ask.tx, &ask.actor)
                .await
                .map_err(|error| Failure::of(&error))?;
            let notice = stale(&Form::of(&row).lines(), &form.lines());
            let typed = Form {
                version: row.version.to_string(),
                ..form
            };
            Ok((
                StatusCode::PRECONDITION_FAILED,
                Html(page(&ask.actor, &row, &typed, &Problems::default(), &notice)),
            )
                .into_response())
        }
        Err(error) => {
            let Refusal::Invalid(problems) = Refusal::from(&error) else {
                return Err(Failure::of(&error));
            };
            let ask = ask.again().await?;
            let row = ops::open(&ask.tx, &ask.actor)
                .await
                .map_err(|error| Failure::of(&error))?;
            Ok(unprocessable(page(&ask.actor, &row, &form, &problems, &html! {})))
        }
    }
}

/// What a form says whose record was changed by somebody else: both texts, nothing overwritten.
pub(crate) fn stale(stored: &str, typed: &str) -> Markup {
    html! {
        (ui::banner(&ui::Banner {
            tone: ui::Tone::Attention,
            text: "Somebody else changed this meanwhile. Nothing was overwritten; your text is in the form. Saving again puts it in place of theirs.".to_owned(),
            action: None,
        }))
        (ui::diff("Stored now", stored, "What you typed", typed))
    }
}
