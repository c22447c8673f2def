//! Calling an appointment off: by whom, why, and whether that is late.

use axum::extract::Path;
use axum::response::Response;
use identity::Actor;
use identity::web::{Ask, Failure, Html, Posted, see_other, staff_page};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{Permission, Problems, Refusal, text, when};
use maud::{Markup, html};
use serde::Deserialize;
use ui::form::{Choice, Field};

use super::detail::may_change;
use super::{client_words, id_of, path, summary, when_words, with_status};
use crate::appointment::ops::{self, AppointmentError, Cancellation};
use crate::appointment::store::Appointment;
use crate::appointment::{CancellationReason, CancelledBy, NOTICE_HOURS, notice_deadline};

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    by: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    version: String,
}

impl Typed {
    fn parse(&self) -> Result<Cancellation, Problems> {
        let mut problems = Problems::default();
        let by = self.by.parse::<CancelledBy>().ok();
        if by.is_none() {
            problems.add("by", "required", "Say who cancels.");
        }
        let reason = self.reason.parse::<CancellationReason>().ok();
        if reason.is_none() {
            problems.add("reason", "required", "Choose a reason.");
        }
        let note = problems
            .keep("note", text::lines(&self.note, 1000))
            .map(|note| Some(note).filter(|note| !note.trim().is_empty()));
        match (by, reason, note) {
            (Some(by), Some(reason), Some(note)) => Ok(Cancellation { by, reason, note }),
            _ => Err(problems),
        }
    }
}

/// GET `/appointments/{id}/cancellation`.
pub(super) async fn form(ask: Ask, id: Path<String>) -> Result<Html, Failure> {
    let visit = find(&ask, id_of(id)?).await?;
    let typed = Typed {
        version: visit.version.to_string(),
        ..Typed::default()
    };
    let page = draw(&ask.actor, &visit, &typed, &Problems::default(), ask.tx.now());
    ask.tx.commit().await?;
    Ok(Html(page))
}

async fn find(ask: &Ask, id: kernel::AppointmentId) -> Result<Appointment, Failure> {
    let visit = ops::find(&ask.tx, &ask.actor, id, Permission::ScheduleManage).await?;
    if may_change(&visit, &ask.actor) {
        return Ok(visit);
    }
    Err(if visit.client_name.is_some() {
        AppointmentError::AnothersCalendar.into()
    } else {
        AppointmentError::Restricted.into()
    })
}

/// POST `/appointments/{id}/cancellation`.
pub(super) async fn save(ask: Ask, id: Path<String>, Posted(mut typed): Posted<Typed>) -> Result<Response, Failure> {
    let id = id_of(id)?;
    let (problems, status) = match typed.parse() {
        Err(problems) => (problems, 422),
        Ok(how) => match ops::cancel(&ask.tx, &ask.actor, id, typed.version.parse().ok(), &how).await {
            Ok(_) => {
                ask.tx.commit().await?;
                return Ok(see_other(&path(id)));
            }
            Err(AppointmentError::Invalid(problems)) => (problems, 422),
            Err(error @ (AppointmentError::Stale { .. } | AppointmentError::NotAllowed { .. })) => {
                let refusal = Refusal::from(&error);
                let mut problems = Problems::default();
                problems.add("", "state", refusal.words().1);
                if let AppointmentError::Stale { current } = error {
                    typed.version = current.to_string();
                }
                (problems, refusal.status())
            }
            Err(error) => return Err(error.into()),
        },
    };
    let ask = ask.again().await?;
    let visit = find(&ask, id).await?;
    let page = draw(&ask.actor, &visit, &typed, &problems, ask.tx.now());
    ask.tx.commit().await?;
    Ok(with_status(status, page))
}

fn draw(actor: &Actor, visit: &Appointment, typed: &Typed, problems: &Problems, now: Timestamp) -> Markup {
    let by: Vec<Choice> = CancelledBy::ALL
        .iter()
        .map(|by| Choice::new(by.word(), by.label()))
        .collect();
    let reasons: Vec<Choice> = CancellationReason::ALL
        .iter()
        .map(|reason| Choice::new(reason.word(), reason.label()))
        .collect();
    let zone = TimeZone::get(&visit.time_zone).unwrap_or_else(|_| actor.zone.clone());
    let deadline = notice_deadline(visit.local_start, visit.starts_at, &zone, NOTICE_HOURS).unwrap_or(visit.starts_at);
    let is_late = now >= deadline;
    let body = html! {
        (ui::form::error_summary(&summary(problems)))
        p { span data-private { (client_words(visit)) } " · " (visit.type_name) " · " (when_words(visit, now, &actor.zone)) " · " (visit.status.label()) }
        @if is_late {
            (ui::banner(&ui::Banner { tone: ui::Tone::Attention, text: format!("The client could cancel in time until {}. A cancellation by the client now counts as late.", when::near(deadline, now, &zone)), ..Default::default() }))
        }
        (ui::form::form(&format!("{}/cancellation", path(visit.id)), &actor.csrf, html! {
            (ui::form::hidden("version", &typed.version))
            (ui::form::radios(&Field::new("by", "Who cancels", &typed.by).error(problems.of("by")), &by))
            (ui::form::select(&Field::new("reason", "Reason", &typed.reason).error(problems.of("reason")), &reasons))
            (ui::form::textarea(&Field { rows: Some(2), ..Field::new("note", "Note", &typed.note).optional().error(problems.of("note")).max_length(1000) }))
            (ui::form::actions(html! {
                (ui::button("Cancel the appointment", ui::Kind::Danger))
                (ui::link_button(&path(visit.id), "Keep it", ui::Kind::Quiet))
            }))
        }))
    };
    let page = ui::Page {
        has_errors: !problems.is_empty(),
        ..ui::Page::new("Cancel the appointment", body)
    };
    staff_page(actor, "/calendar", page)
}
