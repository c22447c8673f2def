//! One number that a person steers by, with what it means and where it comes from.

use crate::badge::Tone;
use maud::{Markup, html};

/// A number and its words.
#[derive(Debug, Clone, Default)]
pub struct Stat<'a> {
    /// What is counted.
    pub label: &'a str,
    /// The number as people write it: "12", "$4,310.00", "86 %".
    pub value: &'a str,
    /// The comparison or the consequence, in a few words.
    pub note: &'a str,
    /// Whether the note is good or bad news.
    pub tone: Tone,
    /// The list behind the number.
    pub href: Option<&'a str>,
}

/// One tile.
pub fn stat(stat: &Stat) -> Markup {
    html! {
        div.stat {
            p.stat__label { @if let Some(href) = stat.href { a.stat__link href=(href) { (stat.label) } } @else { (stat.label) } }
            p.stat__value { (stat.value) }
            @if !stat.note.is_empty() { p.stat__note data-tone=(stat.tone.name()) { (stat.note) } }
        }
    }
}

/// A row of tiles that share one frame.
pub fn stats(items: &[Stat]) -> Markup {
    html! { div.stats { div.stats__row { @for item in items { (stat(item)) } } } }
}
