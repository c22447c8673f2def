//! Booking: first the client, found by name, then everything else on one form. A refused hour keeps what was typed.

use axum::response::Response;
use futures_util::try_join;
use identity::Actor;
use identity::web::{Ask, Failure, Html, Once, Posted, Query, see_other, staff_page, unprocessable};
use kernel::text;
use kernel::{AppointmentTypeId, ClientId, LocationId, Permission, Problems, UserId};
use maud::{Markup, html};
use platform::Tx;
use serde::Deserialize;
use ui::form::{Choice, Field};

use super::{client_words, for_form, path, summary, when_words, with_status};
use crate::appointment::ops::{self, BookError, Taken};
use crate::appointment::{Modality, NewAppointment, Start};
use crate::appointment_type::{self, AppointmentType};
use crate::hours::store::{Clinician, Place, bookable, places};

/// What was typed; also what the address may fill in beforehand.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    client: String,
    #[serde(default)]
    clinician: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    modality: String,
    #[serde(default)]
    location: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    override_reason: String,
    /// A free start that was pressed: fills date and time.
    #[serde(default)]
    fill: String,
    /// Words to find the client by.
    #[serde(default)]
    q: String,
    #[serde(default, rename = "_once")]
    once: String,
}

impl Typed {
    fn parse(&self) -> Result<NewAppointment, Problems> {
        let mut problems = Problems::default();
        let client: Option<ClientId> = chosen(&self.client, "client", "Choose a client.", &mut problems);
        let clinician: Option<UserId> = chosen(&self.clinician, "clinician", "Choose a clinician.", &mut problems);
        let kind: Option<AppointmentTypeId> = chosen(&self.kind, "type", "Choose a type.", &mut problems);
        let date = problems.keep("date", text::date(&self.date));
        let time = problems.keep("time", text::time(&self.time));
        let modality: Option<Modality> = optional(&self.modality, "modality", &mut problems);
        let location: Option<LocationId> = optional(&self.location, "location", &mut problems);
        let reason = problems.keep("reason", text::lines(&self.reason, 1000));
        let override_reason = problems.keep("override_reason", text::optional_line(&self.override_reason, 500));
        let all = (client, clinician, kind, date, time, reason, override_reason);
        let (
            (Some(client), Some(clinician), Some(kind), Some(date), Some(time), Some(reason), Some(override_reason)),
            true,
        ) = (all, problems.is_empty())
        else {
            return Err(problems);
        };
        let reason = Some(reason).filter(|reason| !reason.trim().is_empty());
        Ok(NewAppointment {
            client,
            clinician,
            kind,
            start: Start::Wall(date.to_datetime(time), 0),
            minutes: None,
            modality,
            location,
            reason,
            override_reason,
        })
    }
}

fn chosen<T: std::str::FromStr>(
    typed: &str,
    field: &'static str,
    sentence: &str,
    problems: &mut Problems,
) -> Option<T> {
    let value = typed.parse().ok();
    if value.is_none() {
        problems.add(field, "required", sentence);
    }
    value
}

fn optional<T: std::str::FromStr>(typed: &str, field: &'static str, problems: &mut Problems) -> Option<T> {
    if typed.is_empty() {
        return None;
    }
    chosen(typed, field, "Choose one from the list.", problems)
}

/// GET `/appointments/new`.
pub(super) async fn fresh(ask: Ask, Query(mut typed): Query<Typed>) -> Result<Html, Failure> {
    typed.once = Once::fresh();
    let page = draw(&ask.tx, &ask.actor, &typed, &Problems::default(), None).await?;
    ask.tx.commit().await?;
    Ok(Html(page))
}

/// POST `/appointments`.
pub(super) async fn create(ask: Ask, Posted(mut typed): Posted<Typed>) -> Result<Response, Failure> {
    if let Some((date, time)) = typed.fill.clone().split_once('T') {
        (typed.date, typed.time, typed.fill) = (date.to_owned(), time.to_owned(), String::new());
        return redraw(ask, &typed, Problems::default(), None).await;
    }
    let new = match typed.parse() {
        Ok(new) => new,
        Err(problems) => return redraw(ask, &typed, problems, None).await,
    };
    let caller = ask.actor.person(Permission::ScheduleManage)?;
    let once = match Once::take(&ask.tx, caller.uuid(), &typed.once).await? {
        Ok(once) => once,
        Err(first) => return Ok(see_other(&first)),
    };
    match ops::book(&ask.tx, &ask.actor, &new).await {
        Ok(visit) => {
            let path = path(visit.id);
            once.keep(&ask.tx, &path).await?;
            ask.tx.commit().await?;
            Ok(see_other(&path))
        }
        Err(BookError::Taken(taken)) => redraw(ask.again().await?, &typed, Problems::default(), Some(&taken)).await,
        Err(BookError::Invalid(problems)) => redraw(ask.again().await?, &typed, for_form(problems), None).await,
        Err(error @ BookError::NeedsReason(_)) => {
            let kernel::Refusal::Invalid(problems) = kernel::Refusal::from(&error) else {
                return Err(error.into());
            };
            redraw(ask.again().await?, &typed, problems, None).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn redraw(ask: Ask, typed: &Typed, problems: Problems, taken: Option<&Taken>) -> Result<Response, Failure> {
    let page = draw(&ask.tx, &ask.actor, typed, &problems, taken).await?;
    ask.tx.commit().await?;
    Ok(if taken.is_some() {
        with_status(409, page)
    } else {
        unprocessable(page)
    })
}

async fn draw(
    tx: &Tx,
    actor: &Actor,
    typed: &Typed,
    problems: &Problems,
    taken: Option<&Taken>,
) -> Result<Markup, Failure> {
    let chart = match typed.client.parse::<ClientId>() {
        Ok(client) => Some(
            clients::open_chart(tx, actor, client, Permission::ClientRead)
                .await
                .map_err(BookError::from)?,
        ),
        Err(_) => None,
    };
    let body = match &chart {
        Some(chart) => {
            let (people, kinds, places) = try_join!(
                bookable(tx, tx.practice()),
                appointment_type::active(tx, tx.practice()),
                places(tx, tx.practice())
            )?;
            let reach = ops::reach(actor, Permission::ScheduleManage)?;
            let people: Vec<Clinician> = people.into_iter().filter(|person| reach.holds(person.id)).collect();
            if kinds.is_empty() {
                ui::empty_state(
                    "calendar",
                    "No types of appointment yet",
                    "An administrator sets up what the practice offers before anything can be booked.",
                    Markup::default(),
                )
            } else {
                form(&Offer {
                    actor,
                    typed,
                    problems,
                    taken,
                    name: &chart.display_name(),
                    people,
                    kinds,
                    places,
                    today: actor.today(tx.now()).to_string(),
                    now: tx.now(),
                })
            }
        }
        None => find_client(tx, actor, typed, problems).await?,
    };
    let page = ui::Page {
        has_errors: !problems.is_empty() || taken.is_some(),
        ..ui::Page::new("Book an appointment", body)
    };
    Ok(staff_page(actor, "/calendar", page))
}

/// First step: whom. A search by name that needs no script; the choice goes into the address as an id.
async fn find_client(tx: &Tx, actor: &Actor, typed: &Typed, problems: &Problems) -> Result<Markup, Failure> {
    let found = if typed.q.trim().is_empty() {
        Vec::new()
    } else {
        clients::search(tx, actor, &typed.q, 20).await?
    };
    let keep: Vec<(&str, &str)> = [
        ("clinician", typed.clinician.as_str()),
        ("date", &typed.date),
        ("time", &typed.time),
        ("type", &typed.kind),
    ]
    .into_iter()
    .filter(|(_, value)| is_plain(value))
    .collect();
    let rest: String = keep.iter().map(|(name, value)| format!("&{name}={value}")).collect();
    Ok(html! {
        (ui::form::error_summary(&summary(problems)))
        (ui::form::filter_form("/appointments/new", html! {
            @for (name, value) in &keep { (ui::form::hidden(name, value)) }
            (ui::form::text(&Field { autofocus: true, max_length: Some(200), ..Field::new("q", "Client", &typed.q).help("Name, record number, birth date or phone; a slip of the finger does no harm.") }))
            (ui::form::actions(ui::button("Find", ui::Kind::Primary)))
        }))
        @if !found.is_empty() {
            (ui::panel("Choose the client", Markup::default(), ui::table::table(&ui::table::Table {
                caption: "Clients found",
                columns: vec![ui::table::Column::new("Name"), ui::table::Column::new("Record"), ui::table::Column::new("Born")],
                rows: found.iter().map(|client| ui::table::Row::link(format!("/appointments/new?client={}{rest}", client.id), vec![
                    html! { span data-private { (client.name) } },
                    html! { (client.mrn) },
                    html! { @if let Some(born) = client.birth_date { (kernel::when::day(born)) } },
                ])).collect(),
                ..Default::default()
            })))
        } @else if !typed.q.trim().is_empty() {
            (ui::empty_state("users", "Nobody found", "Try fewer letters, or the birth date. New clients are registered under Clients.", Markup::default()))
        }
    })
}

/// Ids, dates and times only: nothing else may ride along in an address.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.len() <= 40 && value.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '-' | ':'))
}

/// All that the form is drawn from.
struct Offer<'a> {
    actor: &'a Actor,
    typed: &'a Typed,
    problems: &'a Problems,
    taken: Option<&'a Taken>,
    name: &'a str,
    people: Vec<Clinician>,
    kinds: Vec<AppointmentType>,
    places: Vec<Place>,
    today: String,
    now: jiff::Timestamp,
}

fn form(offer: &Offer<'_>) -> Markup {
    let (typed, problems) = (offer.typed, offer.problems);
    let mut lines = summary(problems);
    if let Some(taken) = offer.taken {
        lines.push(("time", taken.sentence()));
    }
    let needs_reason = problems.of("override_reason").is_some() || !typed.override_reason.is_empty();
    html! {
        (ui::form::error_summary(&lines))
        (ui::form::form("/appointments", &offer.actor.csrf, html! {
            (ui::form::hidden("_once", &typed.once))
            (ui::form::hidden("client", &typed.client))
            (ui::form::text(&Field { read_only: true, ..Field::new("client_name", "Client", offer.name).error(problems.of("client")) }))
            p { a href="/appointments/new" { "Choose another client" } }
            (who_and_what(offer))
            (ui::form::row(html! {
                (ui::form::date(&Field::new("date", "Date", if typed.date.is_empty() { &offer.today } else { &typed.date }).error(problems.of("date"))))
                (ui::form::time(&Field { step: Some("300"), ..Field::new("time", "Starts at", &typed.time).error(problems.of("time").or(offer.taken.map(|_| "Choose another time."))) }))
            }))
            (ui::form::textarea(&Field { rows: Some(2), ..Field::new("reason", "Reason", &typed.reason).optional().help("Seen by whoever books and treats; never by the client.").error(problems.of("reason")).max_length(1000) }))
            @if needs_reason {
                (ui::form::text(&Field::new("override_reason", "Reason for the exception", &typed.override_reason).error(problems.of("override_reason")).max_length(500)))
            }
            (ui::form::submit_row("Book", Some("/calendar")))
            // Behind the button, since the first one of a form is what the Enter key presses.
            @if let Some(taken) = offer.taken { (free_times(taken, offer)) }
        }))
    }
}

fn who_and_what(offer: &Offer<'_>) -> Markup {
    let (typed, problems) = (offer.typed, offer.problems);
    let people: Vec<(String, &str)> = offer
        .people
        .iter()
        .map(|person| (person.id.to_string(), person.name.as_str()))
        .collect();
    let kinds: Vec<(String, String)> = offer
        .kinds
        .iter()
        .map(|kind| (kind.id.to_string(), format!("{} · {} min", kind.name, kind.minutes)))
        .collect();
    let places: Vec<(String, &str)> = offer
        .places
        .iter()
        .map(|place| (place.id.to_string(), place.name.as_str()))
        .collect();
    let modalities = Modality::ALL
        .iter()
        .map(|modality| Choice::new(modality.word(), modality.label()));
    // Whoever books only their own calendar has nothing to choose.
    let clinician = match (typed.clinician.is_empty(), people.as_slice()) {
        (true, [(only, _)]) => only.as_str(),
        _ => typed.clinician.as_str(),
    };
    html! {
        (ui::form::row(html! {
            (ui::form::select(&Field::new("clinician", "Clinician", clinician).error(problems.of("clinician")), &people.iter().map(|(id, name)| Choice::new(id, name)).collect::<Vec<_>>()))
            (ui::form::select(&Field::new("type", "Type", &typed.kind).error(problems.of("type")), &kinds.iter().map(|(id, name)| Choice::new(id, name)).collect::<Vec<_>>()))
        }))
        (ui::form::row(html! {
            (ui::form::select(&Field::new("modality", "Modality", &typed.modality).optional().error(problems.of("modality")), &std::iter::once(Choice::new("", "Usual for the type")).chain(modalities).collect::<Vec<_>>()))
            @if !places.is_empty() {
                (ui::form::select(&Field::new("location", "Location", &typed.location).optional().error(problems.of("location")), &places.iter().map(|(id, name)| Choice::new(id, name)).collect::<Vec<_>>()))
            }
        }))
    }
}

/// What holds the hour, and free starts as buttons that fill the time.
fn free_times(taken: &Taken, offer: &Offer<'_>) -> Markup {
    ui::card(
        "Next free times",
        html! {
            @if let Some(visit) = &taken.by {
                p { "Held by " a href=(path(visit.id)) { span data-private { (client_words(visit)) } ", " (when_words(visit, offer.now, &offer.actor.zone)) } }
            }
            @if taken.next_free.is_empty() {
                p { "Nothing is free in the two weeks from then." }
            } @else {
                (ui::cluster(html! {
                    @for at in &taken.next_free {
                        @let local = at.to_zoned(taken.zone.clone());
                        (ui::submit_button(&local.strftime("%a %-d %b %H:%M").to_string(), ui::Kind::Secondary, "fill", &local.strftime("%Y-%m-%dT%H:%M").to_string()))
                    }
                }))
            }
        },
    )
}
