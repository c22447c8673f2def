//! Records on the design page: lists, facts, numbers, charts of all kinds, the head of a chart.

use super::Entry;
use crate::table::{Column, Direction, Row, Table, table};
use crate::{
    Kind, RecordHeader, Stat, Tab, Tone, avatar, badge, card, card_with_actions, description_list, diff, dot,
    empty_state, link_button, link_button_with_icon, panel, record_header, stats, tabs,
};
use maud::{Markup, html};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "Record header",
            "Who this is, what to mind, when the sessions are. Stays in view.",
            header,
        ),
        Entry::new(
            "Table",
            "Sort and page in the address; the whole row leads to its record; cards on a phone.",
            tables,
        ),
        Entry::new(
            "Empty state",
            "What this is, why it is empty, the one thing to do.",
            empty,
        ),
        Entry::new(
            "Card",
            "One subject with its title; a panel is a card whose list reaches its edges.",
            cards,
        ),
        Entry::new(
            "Description list",
            "Facts with their names; what isn't known keeps its place.",
            facts,
        ),
        Entry::new("Stat", "Numbers that a person steers by, with what they mean.", numbers),
        Entry::new(
            "Diff",
            "Two people changed one record: both texts, nothing overwritten.",
            versions,
        ),
    ]
}

fn header(variant: &str) -> Markup {
    let tab = |label, current, count| Tab {
        label,
        href: "#record-header".into(),
        current,
        count,
    };
    // The name is a heading of the first order on a chart's page; here it stands within the page's own.
    record_header(&RecordHeader {
        name: "Amara Okafor-Lindqvist",
        facts: vec!["she/her", "37 years", "MH-004217"],
        badges: html! { (badge(Tone::Danger, "Safety plan")) (badge(Tone::Attention, "Allergy: penicillin")) },
        sessions: vec![html! { "Next Today 10:00" }, html! { "Last Tue 17 Feb 2026" }],
        actions: link_button("#record-header", "Write note", Kind::Primary),
        tabs: tabs(
            &format!("Chart views, {variant}"),
            &[
                tab("Overview", true, None),
                tab("Notes", false, Some(1)),
                tab("Plan", false, None),
                tab("Measures", false, None),
                tab("Billing", false, None),
            ],
        ),
    })
}

fn tables(_: &str) -> Markup {
    let rows = [
        (
            "Amara Okafor-Lindqvist",
            "MH-004217",
            "Today 10:00",
            Tone::Success,
            "Checked in",
            "$0.00",
        ),
        (
            "Bo Li",
            "MH-000012",
            "Today 11:00",
            Tone::Neutral,
            "Scheduled",
            "$1,250.00",
        ),
        (
            "María José Fernández de la Vega y Castellanos",
            "MH-003008",
            "Wed 25 Feb 2026",
            Tone::Attention,
            "Unconfirmed",
            "$40.00",
        ),
        ("Виктория Шевченко", "MH-002511", "–", Tone::Danger, "No-show", "$95.00"),
    ];
    table(&Table {
        caption: "Clients",
        columns: vec![
            Column::new("Name").sortable("#table".into(), Some(Direction::Asc)),
            Column::fitting("Record"),
            Column::fitting("Next session").sortable("#table".into(), None),
            Column::fitting("Status"),
            Column::numeric("Balance"),
            Column::actions(),
        ],
        rows: rows
            .into_iter()
            .map(|(name, record, next, tone, status, balance)| {
                Row::link("#table", vec![
                    html! { (name) },
                    html! { span.quiet { (record) } },
                    html! { (next) },
                    dot(tone, status),
                    html! { (balance) },
                    html! { a.button data-kind="secondary" data-size="small" href="#table" aria-label={ "Book " (name) } { "Book" } },
                ])
            })
            .collect(),
        totals: vec![html! { "4 clients" }, Markup::default(), Markup::default(), Markup::default(), html! { "$1,385.00" }, Markup::default()],
        next: Some("#table".into()),
        summary: "1–4 of 412",
        ..Table::default()
    })
}

fn empty(_: &str) -> Markup {
    card(
        "",
        empty_state(
            "calendar",
            "No sessions today",
            "Sessions that you book show here, with the notes that belong to them.",
            link_button_with_icon("#empty-state", "plus", "Book a session", Kind::Primary),
        ),
    )
}

fn cards(_: &str) -> Markup {
    html! {
        (card_with_actions("Next session", link_button("#card", "Open", Kind::Quiet), html! { p { "Today 10:00–10:50, Room 2" } p.quiet { "Individual session with Dr. Okafor" } }))
        (panel("Notes due", Markup::default(), table(&Table {
            caption: "Notes due",
            columns: vec![Column::new("Client"), Column::fitting("Session"), Column::new("State")],
            rows: vec![
                Row::link("#card", vec![html! { "Bo Li" }, html! { "Yesterday 16:00" }, badge(Tone::Attention, "Due today")]),
                Row::link("#card", vec![html! { "Amara Okafor-Lindqvist" }, html! { "Fri 20 Feb 2026" }, badge(Tone::Danger, "Overdue 1 day")]),
            ],
            ..Table::default()
        })))
    }
}

fn facts(_: &str) -> Markup {
    card(
        "Contact",
        description_list(&[
            ("Mobile", html! { "+1 555 010 2345" }),
            ("E-mail", html! { "amara.okafor-lindqvist@example.org" }),
            ("Address", html! { "12 Larch Lane, Springfield, MA 01103" }),
            ("Emergency contact", Markup::default()),
            (
                "Clinician",
                html! { span.cluster { (avatar("Bo Lindqvist")) "Bo Lindqvist, LCSW" } },
            ),
        ]),
    )
}

fn numbers(_: &str) -> Markup {
    stats(&[
        Stat {
            label: "Sessions today",
            value: "7",
            note: "2 checked in",
            href: Some("#stat"),
            ..Stat::default()
        },
        Stat {
            label: "Notes due",
            value: "3",
            note: "1 overdue",
            tone: Tone::Danger,
            href: Some("#stat"),
        },
        Stat {
            label: "Show rate",
            value: "92 %",
            note: "4 points up",
            tone: Tone::Success,
            href: None,
        },
        Stat {
            label: "Outstanding",
            value: "$4,310.00",
            note: "12 invoices",
            ..Stat::default()
        },
    ])
}

fn versions(_: &str) -> Markup {
    diff(
        "Yours, not saved",
        "Client reports sleeping badly.\nPlan: sleep diary for two weeks.",
        "Saved by Bo Lindqvist, 10:41",
        "Client reports sleeping well since Tuesday.\nPlan: sleep diary for two weeks.",
    )
}
