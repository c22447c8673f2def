//! A moment, in words for people and exactly for machines.

use maud::{Markup, html};

/// A moment as people say it; `datetime` is the same in ISO 8601.
pub fn time(datetime: &str, words: &str) -> Markup {
    html! { time datetime=(datetime) { (words) } }
}

/// A moment whose distance is kept true while the page stands ("5 minutes ago"); without scripts `words` stay.
pub fn relative_time(datetime: &str, words: &str) -> Markup {
    html! { time datetime=(datetime) data-controller="relative-time" { (words) } }
}
