//! Icons: one drawing of the sprite `assets/icons/sprite.svg`, always hidden from screen readers.
//!
//! The word beside an icon says what it means; a button that shows an icon alone carries its own label.
//! Invariant: a name that the sprite lacks draws a plain circle in its place, never a hole.

use std::sync::LazyLock;

use maud::{Markup, html};

use crate::assets;

/// What an unknown name draws.
const FALLBACK: &str = "circle";

/// Names that people try, beside the one that the sprite has.
const ALIASES: &[(&str, &str)] = &[
    ("arrow-back", "arrow-left"),
    ("bar-chart-3", "bar-chart"),
    ("building-2", "building"),
    ("chart", "bar-chart"),
    ("chart-column", "bar-chart"),
    ("circle-alert", "alert-circle"),
    ("circle-check", "check-circle"),
    ("circle-help", "help"),
    ("circle-x", "x-circle"),
    ("ellipsis", "more-horizontal"),
    ("file", "file-text"),
    ("funnel", "filter"),
    ("house", "home"),
    ("key-round", "key"),
    ("message", "message-square"),
    ("pencil", "edit"),
    ("refresh-cw", "refresh"),
    ("square-check", "check-square"),
    ("square-check-big", "check-square"),
    ("trash-2", "trash"),
    ("triangle-alert", "alert-triangle"),
    ("undo-2", "undo"),
    ("warning", "alert-triangle"),
];

static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let sprite = assets::text("icons/sprite.svg").unwrap_or_default();
    sprite
        .split("<symbol id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
});

/// The icon of this name, sized by the text around it.
pub fn icon(name: &str) -> Markup {
    let address = format!("{}#{}", assets::path("icons/sprite.svg"), resolve(name));
    html! {
        svg.icon aria-hidden="true" focusable="false" width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor"
            stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" { use href=(address) {} }
    }
}

/// Every name that the sprite has, in order; the design page shows them.
pub fn names() -> &'static [&'static str] {
    &NAMES
}

fn resolve(name: &str) -> &str {
    let wanted = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, real)| real);
    if NAMES.contains(&wanted) { wanted } else { FALLBACK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_leads_to_a_drawing() {
        for (alias, real) in ALIASES {
            assert!(NAMES.contains(real), "{alias} leads to {real}, which the sprite lacks");
            assert!(!NAMES.contains(alias), "{alias} is itself in the sprite");
        }
    }

    #[test]
    fn an_unknown_name_draws_the_fallback() {
        assert!(NAMES.contains(&FALLBACK));
        assert!(icon("no-such-thing").into_string().contains("#circle"));
        assert!(icon("pencil").into_string().contains("#edit"));
    }
}
