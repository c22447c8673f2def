//! Calendar, charts and timeline on the design page.

use super::Entry;
use crate::calendar::{DayColumn, Event, Grid, grid};
use crate::chart::{self, Chart, Mark, Series};
use crate::timeline::{Entry as Moment, timeline};
use crate::{card, stack};
use maud::{Markup, html};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "Calendar",
            "Colour by type, pattern by status; a list where the width or the paper is narrow. Works without scripts.",
            calendar,
        ),
        Entry::new(
            "Chart",
            "Line, bar, stacked bar, sparkline; values readable, the table behind each.",
            charts,
        ),
        Entry::new("Timeline", "What happened in a chart, by month.", moments),
    ]
}

fn calendar(variant: &str) -> Markup {
    let visit = |number: u16, start, minutes, title, detail, colour, status| Event {
        id: format!("{variant}-visit-{number}"),
        start,
        minutes,
        title,
        detail,
        href: "#calendar".into(),
        colour,
        status,
        lane: 0,
        lanes: 1,
    };
    let day = |label: &str, today, heading, events| DayColumn {
        label: html! { (label) },
        today,
        heading,
        href: Some("#calendar".into()),
        events,
        book: Some(Box::new(|_| "#calendar".into())),
    };
    grid(&Grid {
        days: vec![
            day(
                "Mon 23",
                false,
                "Monday 23 February 2026",
                vec![
                    visit(1, 540, 50, "Bo Li", "Individual", 0, "completed"),
                    visit(2, 600, 50, "María José Fernández de la Vega", "Intake", 2, "no_show"),
                ],
            ),
            day(
                "Tue 24",
                true,
                "Tuesday 24 February 2026",
                vec![
                    visit(3, 540, 50, "Amara Okafor", "Individual", 0, "checked_in"),
                    visit(4, 570, 90, "Thursday group", "Group, Room 4", 3, "scheduled"),
                    visit(5, 690, 30, "Zoë", "Telehealth", 4, "cancelled"),
                ],
            ),
        ],
        from_hour: 9,
        until_hour: 13,
        now: Some((1, 585)),
        slot_minutes: 30,
    })
}

fn charts(_: &str) -> Markup {
    let months = || ["Sep", "Oct", "Nov", "Dec", "Jan", "Feb"].map(String::from).to_vec();
    let values = |values: [f64; 6]| values.map(Some).to_vec();
    stack(html! {
        (card("", chart::line(&Chart {
            title: "PHQ-9", unit: "points", labels: months(), series: vec![Series { name: "Score", values: values([19.0, 17.0, 14.0, 15.0, 9.0, 7.0]) }],
            marks: vec![Mark { value: 10.0, label: "Moderate" }], say: chart::plain_number, top: Some(27.0),
        })))
        (card("", chart::stacked_bar(&Chart {
            title: "Sessions", unit: "sessions", labels: months(),
            series: vec![Series { name: "Kept", values: values([62.0, 70.0, 66.0, 41.0, 72.0, 58.0]) }, Series { name: "No-show", values: values([4.0, 6.0, 3.0, 5.0, 2.0, 3.0]) }],
            marks: vec![], say: chart::plain_number, top: None,
        })))
        p { "Show rate " (chart::sparkline(&[88.0, 91.0, 90.0, 87.0, 93.0, 92.0], "Show rate over six months, 88 to 92 percent")) }
    })
}

fn moments(_: &str) -> Markup {
    let moment = |when_label, datetime, icon, title: &str, detail: &str, kind| Moment {
        when_label,
        datetime,
        icon,
        title: html! { (title) },
        detail: html! { (detail) },
        href: Some("#timeline".into()),
        kind,
    };
    timeline(&[
        moment(
            "Tue 24 Feb 2026",
            "2026-02-24",
            "file-text",
            "Progress note signed",
            "Individual session, 50 minutes",
            "note",
        ),
        moment(
            "Tue 17 Feb 2026",
            "2026-02-17",
            "activity",
            "PHQ-9: 7",
            "Down from 9",
            "measure",
        ),
        moment(
            "Fri 30 Jan 2026",
            "2026-01-30",
            "calendar",
            "No-show",
            "Fee waived",
            "appointment",
        ),
    ])
}
