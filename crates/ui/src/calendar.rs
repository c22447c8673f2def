//! The calendar: days side by side on a grid of hours, and the same visits as a list for narrow screens and paper.
//!
//! Knows nothing of appointments, practices or time zones: a visit is a minute of the day, a length and some words. Works without
//! scripts: every visit and every free slot is a link.
//!
//! Invariants: no visit is ever left out (the grid grows to hold what lies outside its hours); visits that overlap stand side by
//! side; nothing is told by colour alone, since the status is in the pattern and in words too.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::icon::icon;

/// The grid's step: the places in `placement_rules` are counted in it.
const STEP_MINUTES: u16 = 5;
const DAY_MINUTES: u16 = 24 * 60;
/// How many visits stand side by side at most; more than that share the last place.
const LANES_MAX: u8 = 6;

/// One or more days on one grid of hours.
pub struct Grid<'a> {
    /// The days, from the first.
    pub days: Vec<DayColumn<'a>>,
    /// The first hour shown, 0 to 23. The grid starts earlier where a visit does.
    pub from_hour: u8,
    /// The hour at which the grid ends, 1 to 24. It ends later where a visit does.
    pub until_hour: u8,
    /// Where the line of the present stands: the day's index and the minute of that day.
    pub now: Option<(usize, u16)>,
    /// The length of a free slot that can be booked by its link.
    pub slot_minutes: u16,
}

/// One day.
pub struct DayColumn<'a> {
    /// What stands above the column, short: "Tue 24".
    pub label: Markup,
    /// Whether this is the practice's today.
    pub today: bool,
    /// The day in full, for screen readers and the list: "Tuesday 24 February 2026".
    pub heading: &'a str,
    /// Where the label leads, such as the page of that day.
    pub href: Option<String>,
    /// The visits of the day, in any order.
    pub events: Vec<Event<'a>>,
    /// The link that books the slot at a minute of the day; `None` where the person may not book.
    pub book: Option<Box<dyn Fn(u16) -> String + 'a>>,
}

/// One visit.
pub struct Event<'a> {
    /// The element's id, stable across refreshes.
    pub id: String,
    /// The minute of the day at which it starts.
    pub start: u16,
    /// Its length in minutes.
    pub minutes: u16,
    /// Whom or what it is about.
    pub title: &'a str,
    /// The quieter second line: type, place, room.
    pub detail: &'a str,
    /// Where it leads.
    pub href: String,
    /// The hue of its type, 0 to 7.
    pub colour: u8,
    /// Its status as one word of the record, such as `checked_in`; styles give the pattern.
    pub status: &'a str,
    /// Which of the places side by side it takes; set by `lanes`.
    pub lane: u8,
    /// How many places there are side by side; set by `lanes`.
    pub lanes: u8,
}

impl Event<'_> {
    fn end(&self) -> u16 {
        self.start
            .saturating_add(self.minutes.max(STEP_MINUTES))
            .min(DAY_MINUTES)
    }
}

/// The calendar: grid and list, of which the width (or the paper) shows one. Sets the lanes itself.
pub fn grid(grid: &Grid) -> Markup {
    let hours = shown_hours(grid);
    html! {
        div.calendar data-days=(grid.days.len()) data-controller="nav-list" data-action="keydown->nav-list#move" {
            div.calendar__frame {
                div.calendar__head {
                    span.calendar__corner {}
                    @for day in &grid.days { (head(day)) }
                }
                div.calendar__body data-hours=(hours.1 - hours.0) {
                    div.calendar__hours aria-hidden="true" {
                        @for hour in hours.0..hours.1 { span.calendar__hour { (clock(u16::from(hour) * 60)) } }
                    }
                    @for (index, day) in grid.days.iter().enumerate() {
                        @let now = grid.now.filter(|(of_day, _)| *of_day == index).map(|(_, minute)| minute);
                        (column(day, hours, grid.slot_minutes, now))
                    }
                }
            }
            (agenda(&grid.days))
        }
    }
}

/// The days as a list: what narrow screens and paper show in the place of the grid.
pub fn agenda(days: &[DayColumn]) -> Markup {
    html! {
        div.agenda {
            @for day in days {
                section.agenda__day aria-label=(day.heading) data-today[day.today] {
                    h3.agenda__heading {
                        @if let Some(href) = &day.href { a href=(href) { (day.heading) } } @else { (day.heading) }
                        @if day.today { span.agenda__today { "Today" } }
                    }
                    @if day.events.is_empty() {
                        p.agenda__empty { "Nothing booked." }
                    } @else {
                        ol.agenda__events role="list" { @for event in in_order(&day.events) { (agenda_event(event)) } }
                    }
                }
            }
        }
    }
}

/// Gives visits that overlap places side by side: each keeps the first that is free, and all of one cluster know how many there are.
/// Sorts them by start, longest first.
pub fn lanes(events: &mut [Event]) {
    events.sort_by(|a, b| (a.start, b.end(), &a.id).cmp(&(b.start, a.end(), &b.id)));
    let spans: Vec<(u16, u16)> = events.iter().map(|event| (event.start, event.end())).collect();
    for (event, (lane, lanes)) in events.iter_mut().zip(lanes_of(&spans)) {
        (event.lane, event.lanes) = (lane, lanes);
    }
}

/// Lane and number of lanes for each of these spans, which come sorted by start.
fn lanes_of(spans: &[(u16, u16)]) -> Vec<(u8, u8)> {
    let mut placed: Vec<(u8, u8)> = Vec::with_capacity(spans.len());
    let mut free_from: Vec<u16> = Vec::new();
    let mut cluster_start = 0;
    let mut cluster_end = 0;
    for &(start, end) in spans {
        if start >= cluster_end {
            share(&mut placed[cluster_start..], free_from.len());
            cluster_start = placed.len();
            free_from.clear();
        }
        cluster_end = cluster_end.max(end);
        let lane = free_from
            .iter()
            .position(|free| *free <= start)
            .unwrap_or(free_from.len());
        match free_from.get_mut(lane) {
            Some(free) => *free = end,
            None => free_from.push(end),
        }
        placed.push((u8::try_from(lane).unwrap_or(u8::MAX).min(LANES_MAX - 1), 1));
    }
    share(&mut placed[cluster_start..], free_from.len());
    placed
}

fn share(cluster: &mut [(u8, u8)], lanes: usize) {
    let lanes = u8::try_from(lanes).unwrap_or(u8::MAX).clamp(1, LANES_MAX);
    for place in cluster {
        place.1 = lanes;
    }
}

/// The hours that hold every visit and the line of the present's day: from, until.
fn shown_hours(grid: &Grid) -> (u8, u8) {
    let events = || grid.days.iter().flat_map(|day| &day.events);
    let first = events()
        .map(|event| event.start / 60)
        .min()
        .and_then(|hour| u8::try_from(hour).ok())
        .unwrap_or(grid.from_hour);
    let last = events()
        .map(|event| event.end().div_ceil(60))
        .max()
        .and_then(|hour| u8::try_from(hour).ok())
        .unwrap_or(grid.until_hour);
    let from = grid.from_hour.min(first).min(23);
    (from, grid.until_hour.max(last).clamp(from + 1, 24))
}

fn head(day: &DayColumn) -> Markup {
    html! {
        @if let Some(href) = &day.href {
            a.calendar__day href=(href) aria-current=[day.today.then_some("date")] title=(day.heading) { (day.label) }
        } @else {
            span.calendar__day aria-current=[day.today.then_some("date")] { (day.label) }
        }
    }
}

fn column(day: &DayColumn, hours: (u8, u8), slot_minutes: u16, now: Option<u16>) -> Markup {
    let from = u16::from(hours.0) * 60;
    let until = u16::from(hours.1) * 60;
    let places = places(day);
    html! {
        section.calendar__column aria-label=(day.heading) data-today[day.today] {
            @if let Some(book) = &day.book {
                div.calendar__slots {
                    @for (index, minute) in free_slots(day, from, until, slot_minutes).into_iter().enumerate() {
                        // One stop for the Tab key per day; arrows reach the others.
                        a.calendar__slot href=(book(minute)) data-at=(place(minute, from)) data-for=(slot_minutes.div_ceil(STEP_MINUTES))
                            tabindex=[(index > 0).then_some("-1")] data-nav-list-target="item"
                            aria-label={ "Book " (clock(minute)) ", " (day.heading) } { span aria-hidden="true" { (clock(minute)) } }
                    }
                }
            }
            ol.calendar__events role="list" {
                @for (event, lane, lanes) in places { (grid_event(event, lane, lanes, from)) }
            }
            @if let Some(minute) = now.filter(|minute| (from..until).contains(minute)) {
                div.calendar__present aria-hidden="true" { div.calendar__now data-at=(place(minute, from)) {} }
            }
        }
    }
}

fn grid_event(event: &Event, lane: u8, lanes: u8, from: u16) -> Markup {
    let span = (event.end() - event.start.min(event.end()))
        .div_ceil(STEP_MINUTES)
        .max(1);
    html! {
        li.event #(event.id) data-at=(place(event.start, from)) data-for=(span) data-lane=(lane) data-lanes=(lanes)
            data-colour=(event.colour % 8) data-status=(event.status) {
            a.event__link href=(event.href) data-nav-list-target="item" { (event_words(event)) }
        }
    }
}

fn agenda_event(event: &Event) -> Markup {
    html! {
        li.event data-agenda data-colour=(event.colour % 8) data-status=(event.status) {
            a.event__link href=(event.href) { (event_words(event)) }
        }
    }
}

fn event_words(event: &Event) -> Markup {
    html! {
        span.event__time { (clock(event.start)) span.event__end { "–" (clock(event.end())) } }
        span.event__title data-private { (event.title) }
        @if !event.detail.is_empty() { span.event__detail { (event.detail) } }
        span.event__status { @if let Some(name) = status_icon(event.status) { (icon(name)) } span.event__word { (status_words(event.status)) } }
    }
}

/// The sign of a status that calls for one; the quiet ones have a pattern alone.
fn status_icon(status: &str) -> Option<&'static str> {
    match status {
        "confirmed" | "completed" => Some("check"),
        "checked_in" | "arrived" | "waiting" => Some("door-open"),
        "in_session" | "in_progress" | "started" => Some("activity"),
        "no_show" => Some("alert-circle"),
        "cancelled" | "late_cancelled" | "cancelled_late" => Some("x"),
        "requested" | "tentative" | "held" => Some("clock"),
        _ => None,
    }
}

fn status_words(status: &str) -> String {
    let words = status.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The visits with their lanes. Works on copies of the times, so that a page may hand in visits whose lanes nobody has set.
fn places<'d, 'a>(day: &'d DayColumn<'a>) -> Vec<(&'d Event<'a>, u8, u8)> {
    let mut sorted: Vec<&Event> = day.events.iter().collect();
    sorted.sort_by(|a, b| (a.start, b.end(), &a.id).cmp(&(b.start, a.end(), &b.id)));
    let spans: Vec<(u16, u16)> = sorted.iter().map(|event| (event.start, event.end())).collect();
    sorted
        .into_iter()
        .zip(lanes_of(&spans))
        .map(|(event, (lane, lanes))| (event, lane, lanes))
        .collect()
}

fn in_order<'d, 'a>(events: &'d [Event<'a>]) -> Vec<&'d Event<'a>> {
    let mut sorted: Vec<&Event> = events.iter().collect();
    sorted.sort_by(|a, b| (a.start, a.end(), &a.id).cmp(&(b.start, b.end(), &b.id)));
    sorted
}

/// The slots that no visit touches.
fn free_slots(day: &DayColumn, from: u16, until: u16, slot_minutes: u16) -> Vec<u16> {
    let step = slot_minutes.clamp(STEP_MINUTES, DAY_MINUTES);
    let is_taken = |minute: u16| {
        day.events
            .iter()
            .any(|event| event.start < minute + step && event.end() > minute)
    };
    (from..until)
        .step_by(usize::from(step))
        .filter(|minute| !is_taken(*minute))
        .collect()
}

/// The row of a minute, counted from one.
fn place(minute: u16, from: u16) -> u16 {
    minute.saturating_sub(from) / STEP_MINUTES + 1
}

/// A minute of the day as people read it: 9:05.
fn clock(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

/// The rules that give `data-at`, `data-for`, `data-lane`, `data-lanes`, `data-hours` and `data-days` their places. The policy
/// forbids style attributes, so each place is a rule; five minutes are the finest.
pub(crate) fn placement_rules() -> String {
    let steps = DAY_MINUTES / STEP_MINUTES;
    let mut rules = String::from("@layer components {\n");
    for step in 1..=steps {
        let _ = writeln!(
            rules,
            "[data-at=\"{step}\"]{{grid-row-start:{step}}}[data-for=\"{step}\"]{{grid-row-end:span {step}}}"
        );
    }
    for lane in 0..=LANES_MAX {
        let _ = writeln!(
            rules,
            "[data-lane=\"{lane}\"]{{--lane:{lane}}}[data-lanes=\"{lane}\"]{{--lanes:{lane}}}"
        );
    }
    for hours in 1..=24 {
        let _ = writeln!(rules, "[data-hours=\"{hours}\"]{{--hours:{hours}}}");
    }
    for days in 1..=14 {
        let _ = writeln!(rules, ".calendar[data-days=\"{days}\"]{{--days:{days}}}");
    }
    rules.push_str("}\n");
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(spans: &[(u16, u16)], places: &[(u8, u8)]) {
        assert_eq!(lanes_of(spans), places, "{spans:?}");
    }

    #[test]
    fn visits_that_only_touch_keep_the_whole_width() {
        check(&[(540, 590), (590, 640), (700, 760)], &[(0, 1), (0, 1), (0, 1)]);
        check(&[], &[]);
    }

    #[test]
    fn visits_that_overlap_stand_side_by_side() {
        check(&[(540, 600), (550, 580)], &[(0, 2), (1, 2)]);
        check(&[(540, 600), (540, 600), (540, 600)], &[(0, 3), (1, 3), (2, 3)]);
    }

    #[test]
    fn a_freed_lane_is_taken_again_and_a_chain_is_one_cluster() {
        check(
            &[(540, 600), (550, 660), (600, 640), (660, 700)],
            &[(0, 2), (1, 2), (0, 2), (0, 1)],
        );
    }

    #[test]
    fn more_than_the_lanes_share_the_last() {
        let places = lanes_of(&[(0, 60); 8]);
        assert_eq!(places[5], (5, 6));
        assert_eq!(places[7], (5, 6));
    }

    fn event(start: u16, minutes: u16) -> Event<'static> {
        Event {
            id: format!("visit-{start}"),
            start,
            minutes,
            title: "Ada Example",
            detail: "",
            href: "/".to_owned(),
            colour: 1,
            status: "scheduled",
            lane: 0,
            lanes: 1,
        }
    }

    fn day(events: Vec<Event<'static>>) -> DayColumn<'static> {
        DayColumn {
            label: html! { "Tue 24" },
            today: true,
            heading: "Tuesday 24 February 2026",
            href: None,
            events,
            book: Some(Box::new(|minute| format!("/new?at={minute}"))),
        }
    }

    #[test]
    fn the_public_lanes_agree_with_the_drawing() {
        let mut events = vec![event(600, 30), event(590, 60)];
        lanes(&mut events);
        assert_eq!(
            events
                .iter()
                .map(|event| (event.start, event.lane, event.lanes))
                .collect::<Vec<_>>(),
            [(590, 0, 2), (600, 1, 2)]
        );
    }

    #[test]
    fn the_grid_grows_to_hold_every_visit() {
        let grid = Grid {
            days: vec![day(vec![event(390, 30), event(1400, 60)])],
            from_hour: 8,
            until_hour: 18,
            now: None,
            slot_minutes: 30,
        };
        assert_eq!(shown_hours(&grid), (6, 24));
        let empty = Grid {
            days: vec![day(vec![])],
            from_hour: 8,
            until_hour: 18,
            now: None,
            slot_minutes: 30,
        };
        assert_eq!(shown_hours(&empty), (8, 18));
    }

    #[test]
    fn a_slot_that_a_visit_touches_is_not_offered() {
        let day = day(vec![event(545, 40)]);
        assert_eq!(free_slots(&day, 510, 660, 30), [510, 600, 630]);
    }

    #[test]
    fn every_visit_is_a_link_with_its_status_in_words() {
        let drawn = grid(&Grid {
            days: vec![day(vec![event(540, 50)])],
            from_hour: 8,
            until_hour: 18,
            now: Some((0, 600)),
            slot_minutes: 30,
        });
        let drawn = drawn.into_string();
        assert!(
            drawn.contains(r#"id="visit-540" data-at="13" data-for="10""#),
            "{drawn}"
        );
        assert!(drawn.contains("Scheduled"));
        assert!(drawn.contains(r#"href="/new?at=480""#));
        assert!(!drawn.contains("style="));
    }
}
