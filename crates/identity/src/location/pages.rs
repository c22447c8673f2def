//! Pages of locations: the list, a new one, one to be changed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::{LocationId, Permission, Problems, Refusal, UserId};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{self, Choice, Field};
use ui::table::{Column, Row, Table, table};

use super::ops::{self, TypedLocation};
use super::{LocationRow, PLACES_OF_SERVICE};
use crate::practice::{PlaceForm, PracticeError, stale};
use crate::web::{Access, Ask, Failure, Html, Once, Posted, Routes, see_other, staff_page, unprocessable};

const SECTION: &str = "/practice";
/// A practice has a handful of locations; more than this is read through the REST list.
const SHOWN_MAX: i64 = 500;

pub(super) fn routes() -> Routes {
    let manage = Access::Need(Permission::PracticeManage);
    Routes::new()
        .page("/practice/locations", Access::Need(Permission::PracticeRead), get(list))
        .page("/practice/locations/new", manage, get(new).post(create))
        .page("/practice/locations/{id}", manage, get(show).post(update))
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    place_of_service: String,
    active: String,
    version: String,
    #[serde(rename = "_once")]
    once: String,
    #[serde(flatten)]
    place: PlaceForm,
}

impl Form {
    fn of(row: &LocationRow) -> Self {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        Self {
            name: row.name.clone(),
            place_of_service: row.place_of_service.clone(),
            active: if row.active { "on".to_owned() } else { String::new() },
            version: row.version.to_string(),
            once: String::new(),
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

    fn typed(&self) -> TypedLocation<'_> {
        TypedLocation {
            place: self.place.typed(&self.name, ""),
            place_of_service: &self.place_of_service,
            active: self.active == "on",
        }
    }

    fn lines(&self) -> String {
        let active = if self.active == "on" { "yes" } else { "no" };
        format!(
            "Name: {}\nPlace of service: {}\nIn use: {active}\n{}",
            self.name,
            self.place_of_service,
            self.place.lines()
        )
    }
}

fn id(text: &str) -> Result<LocationId, Failure> {
    text.parse().map_err(|_| Failure(Refusal::NotFound))
}

async fn list(ask: Ask) -> Result<Html, Failure> {
    let rows = ops::list(&ask.tx, &ask.actor, None, SHOWN_MAX)
        .await
        .map_err(|error| Failure::of(&error))?;
    ask.tx.commit().await?;
    let may = ask.actor.may(Permission::PracticeManage);
    let lines = rows.iter().map(|row| {
        let cells = vec![
            html! { (row.name) },
            html! { (row.address_line.as_deref().unwrap_or_default()) @if let Some(city) = &row.city { " " (city) } },
            html! { (row.time_zone) },
            html! { @if row.active { (ui::dot(ui::Tone::Success, "In use")) } @else { (ui::dot(ui::Tone::Neutral, "Not in use")) } },
        ];
        if may { Row::link(format!("/practice/locations/{}", row.id), cells) } else { Row::plain(cells) }
    });
    let body = table(&Table {
        caption: "Locations",
        columns: vec![
            Column::new("Name"),
            Column::new("Address"),
            Column::new("Time zone"),
            Column::new("State"),
        ],
        rows: lines.collect(),
        empty: ui::empty_state(
            "map-pin",
            "No locations yet",
            "A location is a place where sessions happen; appointments and claims name it.",
            html! {
                @if may { (ui::link_button("/practice/locations/new", "Add a location", ui::Kind::Primary)) }
            },
        ),
        ..Default::default()
    });
    let actions = html! { @if may && !rows.is_empty() { (ui::link_button("/practice/locations/new", "Add a location", ui::Kind::Primary)) } };
    Ok(Html(staff_page(
        &ask.actor,
        SECTION,
        ui::Page {
            actions,
            ..ui::Page::new("Locations", body)
        },
    )))
}

fn page(ask: &Ask, action: &str, title: &str, typed: &Form, problems: &Problems, notice: &Markup) -> Markup {
    let errors: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    let codes: Vec<Choice> = PLACES_OF_SERVICE
        .iter()
        .map(|(code, label)| Choice::new(code, label))
        .collect();
    let is_new = action.ends_with("/new");
    let body = html! {
        (notice)
        (form::error_summary(&errors))
        (form::form(action, &ask.actor.csrf, html! {
            @if is_new { (form::hidden("_once", &typed.once)) } @else { (form::version(typed.version.parse().unwrap_or(0))) }
            (form::text(&Field::new("name", "Name", &typed.name).max_length(100).error(problems.of("name"))))
            (form::select(&Field::new("place_of_service", "Place of service", &typed.place_of_service).help("CMS code; it goes on claims.").error(problems.of("place_of_service")), &codes))
            (typed.place.fields(problems))
            @if !is_new { (form::checkbox(&Field::new("active", "In use", "").optional(), typed.active == "on")) }
            (form::submit_row(if is_new { "Add location" } else { "Save" }, Some("/practice/locations")))
        }))
    };
    staff_page(
        &ask.actor,
        SECTION,
        ui::Page {
            has_errors: !problems.is_empty(),
            ..ui::Page::new(title, body)
        },
    )
}

async fn new(ask: Ask) -> Result<Html, Failure> {
    let place = PlaceForm {
        time_zone: ask.actor.zone.iana_name().unwrap_or_default().to_owned(),
        ..PlaceForm::default()
    };
    let form = Form {
        once: Once::fresh(),
        place_of_service: "11".to_owned(),
        place,
        ..Form::default()
    };
    Ok(Html(page(
        &ask,
        "/practice/locations/new",
        "New location",
        &form,
        &Problems::default(),
        &html! {},
    )))
}

/// What a refused form says beside its fields; what is no matter of the form stays a failure of its own.
fn beside(error: &PracticeError) -> Result<Problems, Failure> {
    match Refusal::from(error) {
        Refusal::Invalid(problems) => Ok(problems),
        Refusal::Conflict { code, sentence, field } => {
            let mut problems = Problems::default();
            problems.add(field.unwrap_or_default(), code, sentence);
            Ok(problems)
        }
        _ => Err(Failure::of(error)),
    }
}

async fn create(ask: Ask, Posted(form): Posted<Form>) -> Result<Response, Failure> {
    let caller = ask.actor.user.map(UserId::uuid).unwrap_or_default();
    let once = match Once::take(&ask.tx, caller, &form.once).await? {
        Ok(once) => once,
        Err(path) => return Ok(see_other(&path)),
    };
    match ops::create(&ask.tx, &ask.actor, &form.typed()).await {
        Ok(_) => {
            once.keep(&ask.tx, "/practice/locations").await?;
            ask.tx.commit().await?;
            Ok(see_other("/practice/locations"))
        }
        Err(error) => {
            let problems = beside(&error)?;
            Ok(unprocessable(page(
                &ask,
                "/practice/locations/new",
                "New location",
                &form,
                &problems,
                &html! {},
            )))
        }
    }
}

async fn show(ask: Ask, Path(location): Path<String>) -> Result<Html, Failure> {
    let id = id(&location)?;
    let row = ops::open(&ask.tx, &ask.actor, id)
        .await
        .map_err(|error| Failure::of(&error))?;
    let drawn = page(
        &ask,
        &format!("/practice/locations/{id}"),
        "Location",
        &Form::of(&row),
        &Problems::default(),
        &html! {},
    );
    ask.tx.commit().await?;
    Ok(Html(drawn))
}

async fn update(ask: Ask, Path(location): Path<String>, Posted(form): Posted<Form>) -> Result<Response, Failure> {
    let id = id(&location)?;
    let action = format!("/practice/locations/{id}");
    match ops::update(
        &ask.tx,
        &ask.actor,
        id,
        form.version.parse().unwrap_or(0),
        &form.typed(),
    )
    .await
    {
        Ok(_) => {
            ask.tx.commit().await?;
            Ok(see_other("/practice/locations"))
        }
        Err(PracticeError::Stale { .. }) => {
            let row = ops::open(&ask.tx, &ask.actor, id)
                .await
                .map_err(|error| Failure::of(&error))?;
            let notice = stale(&Form::of(&row).lines(), &form.lines());
            let typed = Form {
                version: row.version.to_string(),
                ..form
            };
            Ok((
                StatusCode::PRECONDITION_FAILED,
                Html(page(&ask, &action, "Location", &typed, &Problems::default(), &notice)),
            )
                .into_response())
        }
        Err(error) => {
            let problems = beside(&error)?;
            Ok(unprocessable(page(
                &ask,
                &action,
                "Location",
                &form,
                &problems,
                &html! {},
            )))
        }
    }
}
