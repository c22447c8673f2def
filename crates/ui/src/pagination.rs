//! Earlier and later pages of a list, by cursor: there are no page numbers, so a row never slips between two pages.

use crate::icon::icon;
use maud::{Markup, html};

/// Links to the neighbours, and what is shown between them. Draws nothing where there is one page and nothing to say.
pub fn pagination(previous: Option<&str>, next: Option<&str>, summary: &str) -> Markup {
    if previous.is_none() && next.is_none() && summary.is_empty() {
        return Markup::default();
    }
    html! {
        nav.pagination aria-label="Pages" {
            p.pagination__summary { (summary) }
            @if let Some(path) = previous {
                a.button data-kind="secondary" data-size="small" href=(path) rel="prev" { (icon("chevron-left")) "Previous" }
            }
            @if let Some(path) = next {
                a.button data-kind="secondary" data-size="small" href=(path) rel="next" { "Next" (icon("chevron-right")) }
            }
        }
    }
}
