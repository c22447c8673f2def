//! The page that shows every component with its states, in light, in dark and on a phone's width: the place to look before
//! making a new one, and what screenshots are compared against.

mod drawings;
mod foundations;
mod inputs;
mod parts;
mod records;

use crate::{Chrome, Page, staff};
use maud::{Markup, html};

/// A component's entry. `draw` gets a word that keeps the ids of its three drawings apart.
pub(crate) struct Entry {
    name: &'static str,
    note: &'static str,
    draw: fn(&str) -> Markup,
}

impl Entry {
    pub(crate) fn new(name: &'static str, note: &'static str, draw: fn(&str) -> Markup) -> Self {
        Self { name, note, draw }
    }
}

/// The page `/design`, within the frame of the person who looks at it.
pub fn design_page(chrome: &Chrome) -> Markup {
    staff(
        chrome,
        Page {
            wide: true,
            ..Page::new("Design", content())
        },
    )
}

/// The content alone.
pub fn content() -> Markup {
    let groups = [
        ("Foundations", foundations::entries()),
        ("Parts", parts::entries()),
        ("Forms", inputs::entries()),
        ("Records", records::entries()),
        ("Drawings", drawings::entries()),
    ];
    html! {
        div.design {
            nav.design__index aria-label="Components" {
                @for (_, entries) in &groups { @for entry in entries { a href={ "#" (anchor(entry.name)) } { (entry.name) } } }
            }
            @for (group, entries) in &groups {
                section.stack data-gap="large" {
                    h2 { (group) }
                    @for entry in entries { (specimen(entry)) }
                }
            }
        }
    }
}

fn specimen(entry: &Entry) -> Markup {
    html! {
        section.design__entry id=(anchor(entry.name)) {
            h3 { (entry.name) }
            p.design__note { (entry.note) }
            div.design__grounds {
                div.design__ground data-theme="light" { p.design__caption { "Light" } ((entry.draw)("light")) }
                div.design__ground data-theme="dark" { p.design__caption { "Dark" } ((entry.draw)("dark")) }
                div.design__ground data-phone data-density="roomy" { p.design__caption { "Phone, 360 px, roomy" } ((entry.draw)("phone")) }
            }
        }
    }
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}
