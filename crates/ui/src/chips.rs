//! Filters under a page's title. Each is a link, so what is filtered stands in the address, and back and bookmarks work.

use crate::icon::icon;
use maud::{Markup, html};

/// One filter.
#[derive(Debug, Clone)]
pub struct Chip<'a> {
    /// What it keeps.
    pub label: &'a str,
    /// The page with this filter on; when it is on, the page without it.
    pub href: String,
    /// Whether it is on.
    pub on: bool,
    /// How many it would show, where that is cheap to know.
    pub count: Option<u32>,
}

/// A row of filters; `label` names the row for screen readers.
pub fn chips(label: &str, items: &[Chip]) -> Markup {
    html! {
        ul.chips aria-label=(label) role="list" {
            @for chip in items {
                li { a.chip href=(chip.href) aria-current=[chip.on.then_some("true")] {
                    @if chip.on { (icon("check")) }
                    (chip.label)
                    @if let Some(count) = chip.count { span.chip__count { (count) } }
                } }
            }
        }
    }
}
