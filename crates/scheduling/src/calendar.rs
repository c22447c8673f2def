//! The calendar: a day with a column per clinician, or a clinician's week. What is shown stands in the address.

use axum::routing::get;
use futures_util::try_join;
use identity::Actor;
use identity::web::{Access, Ask, Failure, Html, Query, Routes, live_page};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use kernel::{Permission, Refusal, UserId, when};
use maud::{Markup, html};
use serde::Deserialize;
use ui::calendar::{DayColumn, Event, Grid};
use ui::form::{Choice, Field};

use crate::appointment::ops::{self, Filter, Reach, reach};
use crate::appointment::store::Appointment;
use crate::appointment::{Status, pages};
use crate::hours::store::{Clinician, bookable};

/// Columns that can be read side by side.
const COLUMNS_MAX: usize = 10;
/// More visits than this in one view are said to be cut.
const VISITS_MAX: i64 = 2000;
const SLOT_MINUTES: u16 = 30;

/// The calendar's routes.
pub(crate) fn routes() -> Routes {
    Routes::new().page("/calendar", Access::Need(Permission::ScheduleRead), get(page))
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Wish {
    #[serde(default)]
    view: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    clinician: Vec<String>,
    #[serde(default)]
    cancelled: String,
}

/// What is shown, after what can't be read has fallen back to its usual value.
struct View {
    is_week: bool,
    date: Date,
    clinicians: Vec<UserId>,
    shows_cancelled: bool,
}

impl View {
    fn of(wish: &Wish, today: Date) -> Self {
        Self {
            is_week: wish.view == "week",
            date: kernel::text::date(&wish.date).unwrap_or(today),
            clinicians: wish.clinician.iter().filter_map(|id| id.parse().ok()).collect(),
            shows_cancelled: wish.cancelled == "show",
        }
    }

    /// The address of this view with another date.
    fn at(&self, date: Date) -> String {
        let mut path = format!(
            "/calendar?view={}&date={date}",
            if self.is_week { "week" } else { "day" }
        );
        for clinician in &self.clinicians {
            path.push_str(&format!("&clinician={clinician}"));
        }
        if self.shows_cancelled {
            path.push_str("&cancelled=show");
        }
        path
    }

    fn switched(&self, is_week: bool) -> String {
        Self {
            is_week,
            clinicians: self.clinicians.clone(),
            ..*self
        }
        .at(self.date)
    }

    fn step(&self) -> i64 {
        if self.is_week { 7 } else { 1 }
    }

    /// The dates in view. A week begins on Monday.
    fn dates(&self) -> Vec<Date> {
        if !self.is_week {
            return vec![self.date];
        }
        let back = i64::from(self.date.weekday().since(Weekday::Monday));
        let monday = self.date.checked_sub(back.days()).unwrap_or(self.date);
        monday.series(1.day()).take(7).collect()
    }
}

async fn page(ask: Ask, Query(wish): Query<Wish>) -> Result<Html, Failure> {
    let (tx, actor) = (&ask.tx, &ask.actor);
    let reach = reach(actor, Permission::ScheduleRead)?;
    let today = actor.today(tx.now());
    let mut view = View::of(&wish, today);
    let dates = view.dates();
    let (from, until) = period(&dates, &actor.zone)?;
    let is_own = actor
        .user
        .is_some_and(|user| view.is_week && view.clinicians.is_empty() && reach.holds(user));
    let mut filter = Filter {
        client: None,
        clinicians: view.clinicians.clone(),
        from,
        until,
        after: None,
        limit: VISITS_MAX,
    };
    let visits;
    let people;
    if is_own && reach == Reach::Practice {
        // Whose week is shown hangs on who can be booked.
        people = bookable(tx, tx.practice()).await?;
        let first = people
            .iter()
            .find(|person| Some(person.id) == actor.user)
            .or(people.first());
        view.clinicians = first.map(|person| vec![person.id]).unwrap_or_default();
        filter.clinicians.clone_from(&view.clinicians);
        visits = ops::list(tx, actor, &filter).await?;
    } else {
        let listed = async { Ok::<_, Failure>(ops::list(tx, actor, &filter).await?) };
        let named = async { Ok(bookable(tx, tx.practice()).await?) };
        (visits, people) = try_join!(listed, named)?;
    }
    let people: Vec<Clinician> = people.into_iter().filter(|person| reach.holds(person.id)).collect();
    let is_cut = i64::try_from(visits.len()).unwrap_or(i64::MAX) >= VISITS_MAX;
    let waiting: Vec<&Appointment> = visits
        .iter()
        .filter(|visit| visit.status == Status::CheckedIn && view.date == today)
        .collect();
    let shown: Vec<&Appointment> = visits
        .iter()
        .filter(|visit| view.shows_cancelled || visit.status.is_active() || visit.status == Status::NoShow)
        .collect();
    let drawing = Drawing {
        actor,
        view: &view,
        people: &people,
        visits: &shown,
        today,
        now: tx.now(),
    };
    let body = html! {
        (bar(&drawing))
        @if is_cut { (ui::banner(&ui::Banner { tone: ui::Tone::Attention, text: format!("Only the first {VISITS_MAX} visits are shown. Choose a clinician to see the rest."), ..Default::default() })) }
        (waiting_list(&drawing, &waiting))
        @if view.is_week { (week(&drawing, &dates)) } @else { (day(&drawing)) }
    };
    let actions = html! {
        @if actor.may(Permission::ScheduleManage) {
            (ui::link_button_with_icon(&format!("/appointments/new?date={}", view.date.max(today)), "plus", "Book", ui::Kind::Primary))
        }
    };
    let markup = live_page(
        actor,
        "/calendar",
        "calendar",
        ui::Page {
            wide: true,
            actions,
            ..ui::Page::new("Calendar", body)
        },
    );
    ask.tx.commit().await?;
    Ok(Html(markup))
}

fn period(dates: &[Date], zone: &TimeZone) -> Result<(Timestamp, Timestamp), Failure> {
    let bounds = dates.first().zip(dates.last()).and_then(|(first, last)| {
        let (from, _) = when::day_range(*first, zone).ok()?;
        let (_, until) = when::day_range(*last, zone).ok()?;
        Some((from, until))
    });
    bounds.ok_or(Failure(Refusal::NotFound))
}

struct Drawing<'a> {
    actor: &'a Actor,
    view: &'a View,
    people: &'a [Clinician],
    visits: &'a [&'a Appointment],
    today: Date,
    now: Timestamp,
}

/// Steps through time, the two views, and the filters: all of it links and a form that works by itself.
fn bar(drawing: &Drawing<'_>) -> Markup {
    let view = drawing.view;
    let back = view.date.checked_sub(view.step().days()).unwrap_or(view.date);
    let forward = view.date.checked_add(view.step().days()).unwrap_or(view.date);
    let what = if view.is_week { "week" } else { "day" };
    let heading = if view.is_week {
        let dates = view.dates();
        dates
            .first()
            .zip(dates.last())
            .map(|(first, last)| format!("{} – {}", first.strftime("%-d %b"), last.strftime("%-d %b %Y")))
            .unwrap_or_default()
    } else {
        view.date.strftime("%A %-d %B %Y").to_string()
    };
    html! {
        (ui::spread(html! {
            (ui::cluster(html! {
                (ui::icon_link(&view.at(back), "chevron-left", &format!("Previous {what}")))
                (ui::link_button(&view.at(drawing.today), "Today", ui::Kind::Secondary))
                (ui::icon_link(&view.at(forward), "chevron-right", &format!("Next {what}")))
                h2 { (heading) }
            }))
            (ui::tabs("View", &[
                ui::Tab { label: "Day", href: view.switched(false), current: !view.is_week, count: None },
                ui::Tab { label: "Week", href: view.switched(true), current: view.is_week, count: None },
            ]))
        }))
        (filters(drawing, what))
    }
}

fn filters(drawing: &Drawing<'_>, what: &str) -> Markup {
    let view = drawing.view;
    let chosen = view.clinicians.first().map(ToString::to_string).unwrap_or_default();
    let ids: Vec<String> = drawing.people.iter().map(|person| person.id.to_string()).collect();
    let mut choices: Vec<Choice> = if view.is_week {
        Vec::new()
    } else {
        vec![Choice::new("", "Everybody")]
    };
    choices.extend(
        ids.iter()
            .zip(drawing.people)
            .map(|(id, person)| Choice::new(id, &person.name)),
    );
    let other = View {
        shows_cancelled: !view.shows_cancelled,
        clinicians: view.clinicians.clone(),
        ..*view
    };
    ui::form::filter_form(
        "/calendar",
        html! {
            (ui::form::hidden("view", what))
            (ui::form::date(&Field::new("date", "Date", &view.date.to_string())))
            @if drawing.people.len() > 1 { (ui::form::select(&Field::new("clinician", "Clinician", &chosen), &choices)) }
            @if view.shows_cancelled { (ui::form::hidden("cancelled", "show")) }
            (ui::button("Show", ui::Kind::Secondary))
            (ui::chips("Filters", &[ui::Chip { label: "Cancelled too", href: other.at(view.date), on: view.shows_cancelled, count: None }]))
        },
    )
}

/// Who sits in the waiting room, longest first: the reason why this page is open all day.
fn waiting_list(drawing: &Drawing<'_>, waiting: &[&Appointment]) -> Markup {
    if waiting.is_empty() {
        return Markup::default();
    }
    let mut waiting = waiting.to_vec();
    waiting.sort_by_key(|visit| (visit.checked_in_at, visit.id));
    let rows = waiting.into_iter().map(|visit| {
        let since = visit.checked_in_at.unwrap_or(drawing.now);
        let minutes = drawing.now.duration_since(since).as_mins().max(0);
        let start = drawing.actor.may(Permission::ScheduleManage) && visit.client_name.is_some();
        ui::table::Row {
            href: Some(pages::path(visit.id)),
            cells: vec![
                html! { span data-private { (pages::client_words(visit)) } },
                html! { (when::clock(visit.starts_at, &drawing.actor.zone)) },
                html! { (visit.clinician_name) },
                html! { (minutes) " min" },
                html! { @if start { (ui::post_button(&format!("{}/start?from=calendar", pages::path(visit.id)), &drawing.actor.csrf, "Start", ui::Kind::Secondary)) } },
            ],
            id: Some(format!("waiting-{}", visit.id)),
        }
    });
    use ui::table::{Column, Table, table};
    let columns = vec![
        Column::new("Client"),
        Column::new("At"),
        Column::new("With"),
        Column::numeric("Waits"),
        Column::actions(),
    ];
    ui::panel(
        "Waiting",
        Markup::default(),
        table(&Table {
            caption: "Clients who are checked in",
            columns,
            rows: rows.collect(),
            ..Table::default()
        }),
    )
}

fn day(drawing: &Drawing<'_>) -> Markup {
    let view = drawing.view;
    let chosen: Vec<&Clinician> = drawing
        .people
        .iter()
        .filter(|person| view.clinicians.is_empty() || view.clinicians.contains(&person.id))
        .collect();
    // Whoever has visits but can't be booked any more still has a column.
    let mut columns: Vec<(UserId, &str)> = chosen.iter().map(|person| (person.id, person.name.as_str())).collect();
    for visit in drawing.visits {
        if !columns.iter().any(|(id, _)| *id == visit.clinician_id) {
            columns.push((visit.clinician_id, &visit.clinician_name));
        }
    }
    if columns.is_empty() {
        return ui::empty_state(
            "calendar",
            "Nobody can be booked yet",
            "An administrator makes a person bookable under Practice, People.",
            Markup::default(),
        );
    }
    let hidden = columns.len().saturating_sub(COLUMNS_MAX);
    if hidden > 0 {
        columns.sort_by_key(|(id, _)| !drawing.visits.iter().any(|visit| visit.clinician_id == *id));
        columns.truncate(COLUMNS_MAX);
    }
    let heading = view.date.strftime("%A %-d %B %Y").to_string();
    let headings: Vec<String> = columns.iter().map(|(_, name)| format!("{name}, {heading}")).collect();
    let drawn: Vec<Vec<Words>> = columns
        .iter()
        .map(|(id, _)| words(drawing, |visit| visit.clinician_id == *id, view.date))
        .collect();
    let days = columns
        .iter()
        .zip(&headings)
        .zip(&drawn)
        .map(|(((id, name), heading), words)| DayColumn {
            label: html! { (name) },
            today: view.date == drawing.today,
            heading,
            href: Some(format!("/calendar?view=week&date={}&clinician={id}", view.date)),
            events: words.iter().map(Words::event).collect(),
            book: book_links(drawing, *id, view.date),
        });
    html! {
        (ui::calendar::grid(&Grid { days: days.collect(), from_hour: 8, until_hour: 18, now: now_line(drawing, &[view.date]), slot_minutes: SLOT_MINUTES }))
        @if hidden > 0 { p { (hidden) " more clinicians are not shown; choose one above." } }
    }
}

fn week(drawing: &Drawing<'_>, dates: &[Date]) -> Markup {
    let clinician = drawing.view.clinicians.first().copied().or(drawing.actor.user);
    let Some(clinician) = clinician else {
        return ui::empty_state(
            "calendar",
            "Choose a clinician",
            "A week shows one clinician's calendar.",
            Markup::default(),
        );
    };
    let headings: Vec<String> = dates
        .iter()
        .map(|date| date.strftime("%A %-d %B %Y").to_string())
        .collect();
    let drawn: Vec<Vec<Words>> = dates
        .iter()
        .map(|date| words(drawing, |visit| visit.clinician_id == clinician, *date))
        .collect();
    let days = dates
        .iter()
        .zip(&headings)
        .zip(&drawn)
        .map(|((date, heading), words)| DayColumn {
            label: html! { (date.strftime("%a %-d").to_string()) },
            today: *date == drawing.today,
            heading,
            href: Some(format!("/calendar?view=day&date={date}&clinician={clinician}")),
            events: words.iter().map(Words::event).collect(),
            book: book_links(drawing, clinician, *date),
        });
    ui::calendar::grid(&Grid {
        days: days.collect(),
        from_hour: 8,
        until_hour: 18,
        now: now_line(drawing, dates),
        slot_minutes: SLOT_MINUTES,
    })
}

/// Where a free slot leads, for whoever may book there.
fn book_links<'a>(drawing: &Drawing<'_>, clinician: UserId, date: Date) -> Option<Box<dyn Fn(u16) -> String + 'a>> {
    let holds = reach(drawing.actor, Permission::ScheduleManage).is_ok_and(|reach| reach.holds(clinician));
    let is_bookable = drawing.people.iter().any(|person| person.id == clinician);
    if !holds || !is_bookable || date < drawing.today {
        return None;
    }
    Some(Box::new(move |minute| {
        format!(
            "/appointments/new?clinician={clinician}&date={date}&time={:02}:{:02}",
            minute / 60,
            minute % 60
        )
    }))
}

fn now_line(drawing: &Drawing<'_>, dates: &[Date]) -> Option<(usize, u16)> {
    let local = drawing.now.to_zoned(drawing.actor.zone.clone());
    let index = dates.iter().position(|date| *date == local.date())?;
    Some((index, minute_of(local.time())))
}

fn minute_of(time: jiff::civil::Time) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or_default()
}

/// A visit in the calendar's words.
struct Words {
    id: String,
    start: u16,
    minutes: u16,
    title: String,
    detail: String,
    href: String,
    colour: u8,
    status: Status,
}

impl Words {
    fn event(&self) -> Event<'_> {
        Event {
            id: self.id.clone(),
            start: self.start,
            minutes: self.minutes,
            title: &self.title,
            detail: &self.detail,
            href: self.href.clone(),
            colour: self.colour,
            status: self.status.word(),
            lane: 0,
            lanes: 1,
        }
    }
}

/// The part of each visit that lies on a date. The wall clock places it, elapsed minutes give its length.
fn words(drawing: &Drawing<'_>, is_wanted: impl Fn(&Appointment) -> bool, date: Date) -> Vec<Words> {
    let zone = &drawing.actor.zone;
    let Ok((from, until)) = when::day_range(date, zone) else {
        return Vec::new();
    };
    let touching = drawing
        .visits
        .iter()
        .filter(|visit| is_wanted(visit) && visit.starts_at < until && visit.ends_at > from);
    touching
        .map(|visit| {
            let starts = visit.starts_at.max(from);
            let minutes = visit.ends_at.min(until).duration_since(starts).as_mins();
            Words {
                id: format!("visit-{}-{date}", visit.id),
                start: minute_of(starts.to_zoned(zone.clone()).time()),
                minutes: u16::try_from(minutes).unwrap_or(u16::MAX),
                title: pages::client_words(visit).to_owned(),
                detail: format!("{} · {}", visit.type_name, visit.modality.label()),
                href: pages::path(visit.id),
                colour: u8::try_from(visit.colour).unwrap_or_default(),
                status: visit.status,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn sch_1_what_is_shown_stands_in_the_address_and_nonsense_falls_back() {
        let today = date(2026, 3, 3);
        let id = "01900000-0000-7000-8000-000000000001";
        let wish = Wish {
            view: "week".into(),
            date: "2026-03-05".into(),
            clinician: vec![id.into(), "x".into()],
            cancelled: String::new(),
        };
        let view = View::of(&wish, today);
        assert_eq!(
            view.at(view.date),
            format!("/calendar?view=week&date=2026-03-05&clinician={id}")
        );
        assert_eq!(
            view.switched(false),
            format!("/calendar?view=day&date=2026-03-05&clinician={id}")
        );
        let odd = View::of(
            &Wish {
                view: "moon".into(),
                date: "2026-02-30".into(),
                ..Wish::default()
            },
            today,
        );
        assert_eq!(odd.at(odd.date), "/calendar?view=day&date=2026-03-03");
    }

    #[test]
    fn sch_1_a_week_begins_on_monday() {
        let week = |day| {
            View {
                is_week: true,
                date: day,
                clinicians: Vec::new(),
                shows_cancelled: false,
            }
            .dates()
        };
        assert_eq!(week(date(2026, 3, 8)).first(), Some(&date(2026, 3, 2)));
        assert_eq!(week(date(2026, 3, 2)).last(), Some(&date(2026, 3, 8)));
    }
}
