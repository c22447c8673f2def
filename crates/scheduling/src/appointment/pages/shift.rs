//! Moving an appointment: another start, clinician or length. A stale form shows what is stored beside what was typed.

use axum::extract::Path;
use axum::response::Response;
use identity::Actor;
use identity::web::{Ask, Failure, Html, Posted, see_other, staff_page, unprocessable};
use kernel::text;
use kernel::{Permission, Problems, Refusal, UserId};
use maud::{Markup, html};
use platform::Tx;
use serde::Deserialize;
use ui::form::{Choice, Field};

use super::detail::may_change;
use super::{client_words, for_form, id_of, path, summary, when_words, with_status};
use crate::appointment::Start;
use crate::appointment::ops::{self, BookError, Move, Taken};
use crate::appointment::store::Appointment;
use crate::hours::store::{Clinician, bookable};

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    date: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    minutes: String,
    #[serde(default)]
    clinician: String,
    #[serde(default)]
    override_reason: String,
    #[serde(default)]
    fill: String,
    #[serde(default)]
    version: String,
}

impl Typed {
    fn of(visit: &Appointment) -> Self {
        Self {
            date: visit.local_start.date().to_string(),
            time: visit.local_start.strftime("%H:%M").to_string(),
            minutes: length(visit).to_string(),
            clinician: visit.clinician_id.to_string(),
            override_reason: String::new(),
            fill: String::new(),
            version: visit.version.to_string(),
        }
    }

    fn parse(&self, visit: &Appointment) -> Result<Move, Problems> {
        let mut problems = Problems::default();
        let date = problems.keep("date", text::date(&self.date));
        let time = problems.keep("time", text::time(&self.time));
        let minutes: Option<i32> = self.minutes.trim().parse().ok();
        if minutes.is_none() {
            problems.add("minutes", "shape", "Give the length in whole minutes, like 50.");
        }
        let clinician: Option<UserId> = self.clinician.parse().ok();
        if clinician.is_none() {
            problems.add("clinician", "required", "Choose a clinician.");
        }
        let reason = problems.keep("override_reason", text::optional_line(&self.override_reason, 500));
        let (Some(date), Some(time), Some(reason), true) = (date, time, reason, problems.is_empty()) else {
            return Err(problems);
        };
        let local = date.to_datetime(time);
        // An untouched start keeps its pass of a repeated hour.
        let start = if local == visit.local_start {
            None
        } else {
            Some(Start::Wall(local, 0))
        };
        Ok(Move {
            start,
            clinician,
            minutes,
            modality: None,
            reason: None,
            override_reason: reason,
        })
    }

    fn words(&self) -> String {
        format!("{} {}, {} min", self.date, self.time, self.minutes)
    }
}

fn length(visit: &Appointment) -> i64 {
    visit.ends_at.duration_since(visit.starts_at).as_mins()
}

/// What is wrong, if anything.
#[derive(Default)]
struct Wrong<'a> {
    problems: Problems,
    taken: Option<&'a Taken>,
    is_stale: bool,
}

/// GET `/appointments/{id}/move`.
pub(super) async fn form(ask: Ask, id: Path<String>) -> Result<Html, Failure> {
    let visit = changeable(&ask.tx, &ask.actor, id_of(id)?).await?;
    let page = draw(&ask.tx, &ask.actor, &visit, &Typed::of(&visit), &Wrong::default()).await?;
    ask.tx.commit().await?;
    Ok(Html(page))
}

async fn changeable(tx: &Tx, actor: &Actor, id: kernel::AppointmentId) -> Result<Appointment, Failure> {
    let visit = ops::find(tx, actor, id, Permission::ScheduleManage).await?;
    if !may_change(&visit, actor) {
        return Err(if visit.client_name.is_some() {
            BookError::AnothersCalendar.into()
        } else {
            BookError::Restricted.into()
        });
    }
    Ok(visit)
}

/// POST `/appointments/{id}/move`.
pub(super) async fn save(ask: Ask, id: Path<String>, Posted(mut typed): Posted<Typed>) -> Result<Response, Failure> {
    let id = id_of(id)?;
    let visit = changeable(&ask.tx, &ask.actor, id).await?;
    if let Some((date, time)) = typed.fill.clone().split_once('T') {
        (typed.date, typed.time, typed.fill) = (date.to_owned(), time.to_owned(), String::new());
        return redraw(ask, id, typed, Wrong::default()).await;
    }
    let wanted = match typed.parse(&visit) {
        Ok(wanted) => wanted,
        Err(problems) => {
            return redraw(
                ask,
                id,
                typed,
                Wrong {
                    problems,
                    ..Wrong::default()
                },
            )
            .await;
        }
    };
    let version = typed.version.parse().unwrap_or(0);
    match ops::reschedule(&ask.tx, &ask.actor, id, version, &wanted).await {
        Ok(_) => {
            ask.tx.commit().await?;
            Ok(see_other(&path(id)))
        }
        Err(BookError::Stale { current }) => {
            let stale = Wrong {
                is_stale: true,
                ..Wrong::default()
            };
            let typed = Typed {
                version: current.to_string(),
                ..typed
            };
            redraw(ask.again().await?, id, typed, stale).await
        }
        Err(BookError::Taken(taken)) => {
            redraw(
                ask.again().await?,
                id,
                typed,
                Wrong {
                    taken: Some(&taken),
                    ..Wrong::default()
                },
            )
            .await
        }
        Err(error @ (BookError::Invalid(_) | BookError::NeedsReason(_))) => {
            let Refusal::Invalid(problems) = Refusal::from(&error) else {
                return Err(error.into());
            };
            redraw(
                ask.again().await?,
                id,
                typed,
                Wrong {
                    problems: for_form(problems),
                    ..Wrong::default()
                },
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

async fn redraw(ask: Ask, id: kernel::AppointmentId, typed: Typed, wrong: Wrong<'_>) -> Result<Response, Failure> {
    let visit = changeable(&ask.tx, &ask.actor, id).await?;
    let page = draw(&ask.tx, &ask.actor, &visit, &typed, &wrong).await?;
    ask.tx.commit().await?;
    Ok(match &wrong {
        Wrong { is_stale: true, .. } => with_status(412, page),
        Wrong { taken: Some(_), .. } => with_status(409, page),
        Wrong { .. } => unprocessable(page),
    })
}

async fn draw(
    tx: &Tx,
    actor: &Actor,
    visit: &Appointment,
    typed: &Typed,
    wrong: &Wrong<'_>,
) -> Result<Markup, Failure> {
    let reach = ops::reach(actor, Permission::ScheduleManage)?;
    let mut people = bookable(tx, tx.practice()).await?;
    people.retain(|person| reach.holds(person.id));
    if !people.iter().any(|person| person.id == visit.clinician_id) {
        people.push(Clinician {
            id: visit.clinician_id,
            name: visit.clinician_name.clone(),
        });
    }
    let mut lines = summary(&wrong.problems);
    if let Some(taken) = wrong.taken {
        lines.push(("time", taken.sentence()));
    }
    if wrong.is_stale {
        lines.push(("", "Somebody else changed this appointment meanwhile. Nothing was saved over their change; compare and send again.".to_owned()));
    }
    let body = html! {
        (ui::form::error_summary(&lines))
        @if wrong.is_stale {
            (ui::diff("Stored now", &Typed::of(visit).words(), "What you typed", &typed.words()))
        }
        p { span data-private { (client_words(visit)) } " · " (visit.type_name) " · now " (when_words(visit, tx.now(), &actor.zone)) }
        (fields(actor, visit, typed, wrong, &people))
    };
    let page = ui::Page {
        has_errors: !lines.is_empty(),
        ..ui::Page::new("Move the appointment", body)
    };
    Ok(staff_page(actor, "/calendar", page))
}

fn fields(actor: &Actor, visit: &Appointment, typed: &Typed, wrong: &Wrong<'_>, people: &[Clinician]) -> Markup {
    let problems = &wrong.problems;
    let people: Vec<(String, &str)> = people
        .iter()
        .map(|person| (person.id.to_string(), person.name.as_str()))
        .collect();
    let choices: Vec<Choice> = people.iter().map(|(id, name)| Choice::new(id, name)).collect();
    let taken = wrong.taken.map(|_| "Choose another time.");
    ui::form::form(
        &format!("{}/move", path(visit.id)),
        &actor.csrf,
        html! {
            (ui::form::hidden("version", &typed.version))
            (ui::form::row(html! {
                (ui::form::date(&Field::new("date", "Date", &typed.date).error(problems.of("date"))))
                (ui::form::time(&Field { step: Some("300"), ..Field::new("time", "Starts at", &typed.time).error(problems.of("time").or(taken)) }))
                (ui::form::number(&Field { input_mode: Some("numeric"), ..Field::new("minutes", "Minutes", &typed.minutes).error(problems.of("minutes")) }))
            }))
            (ui::form::select(&Field::new("clinician", "Clinician", &typed.clinician).error(problems.of("clinician")), &choices))
            (ui::form::text(&Field::new("override_reason", "Reason for moving", &typed.override_reason).optional().help("Needed outside working hours or in the past; kept in the history.").error(problems.of("override_reason")).max_length(500)))
            (ui::form::submit_row("Move", Some(&path(visit.id))))
            @if let Some(taken) = wrong.taken {
                @if !taken.next_free.is_empty() {
                    (ui::card("Next free times", ui::cluster(html! {
                        @for at in &taken.next_free {
                            @let local = at.to_zoned(taken.zone.clone());
                            (ui::submit_button(&local.strftime("%a %-d %b %H:%M").to_string(), ui::Kind::Secondary, "fill", &local.strftime("%Y-%m-%dT%H:%M").to_string()))
                        }
                    })))
                }
            }
        },
    )
}
