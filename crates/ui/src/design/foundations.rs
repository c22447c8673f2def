//! Colour, type and layout on the design page.

use super::Entry;
use crate::{card, cluster, grid, icon::icon, split};
use maud::{Markup, html};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "Colour",
            "Ink on paper, one accent, four states. Every pair shown meets 4.5 to 1, computed from the tokens by a test.",
            colour,
        ),
        Entry::new(
            "Type",
            "Six sizes; 14 is the body for staff, 16 for clients. Figures stand in columns.",
            type_scale,
        ),
        Entry::new(
            "Icon",
            "Lucide, drawn with the text's colour. With words beside it, except in the well-known few.",
            icons,
        ),
        Entry::new(
            "Layout",
            "Stack, cluster, spread, grid and split: pages have no layout of their own.",
            layouts,
        ),
    ]
}

fn colour(_: &str) -> Markup {
    let pairs = [
        "ink",
        "ink-quiet",
        "ink-faint",
        "accent",
        "accent-soft",
        "success",
        "attention",
        "danger",
        "info",
        "danger-fill",
    ];
    html! { div.design__swatches { @for pair in pairs { span.swatch data-pair=(pair) { (pair) } } } }
}

fn type_scale(_: &str) -> Markup {
    html! {
        div.design__type {
            @for size in ["28", "22", "18", "16", "14", "12"] { p data-size=(size) { (size) " · Tue 24 Feb 2026, 10:00 · $1,250.00" } }
        }
    }
}

fn icons(_: &str) -> Markup {
    let names = [
        "calendar",
        "users",
        "file-text",
        "message-square",
        "credit-card",
        "search",
        "bell",
        "clock",
        "video",
        "alert-triangle",
        "check",
        "lock",
        "shield",
        "printer",
    ];
    cluster(html! { @for name in names { span title=(name) { (icon(name)) } } })
}

fn layouts(_: &str) -> Markup {
    html! {
        (grid(html! { @for title in ["One", "Two", "Three"] { (card(title, html! { p.quiet { "Cards in a grid." } })) } }))
        (split(card("Main", html! { p.quiet { "The wide side of a split." } }), card("Context", html! { p.quiet { "Its context." } })))
    }
}
