//! A sheet of paper on the page: one subject with its title.

use maud::{Markup, html};

/// A card with a title; an empty title leaves the head out.
pub fn card(title: &str, body: Markup) -> Markup {
    card_with_actions(title, Markup::default(), body)
}

/// A card with a title and, at the other end of the title's line, what can be done with its subject.
pub fn card_with_actions(title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.card {
            @if !title.is_empty() || !actions.0.is_empty() {
                header.card__head { h2.card__title { (title) } div.card__actions { (actions) } }
            }
            div.card__body { (body) }
        }
    }
}

/// A card whose content reaches its edges: lists and tables.
pub fn panel(title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.card data-flush {
            @if !title.is_empty() || !actions.0.is_empty() {
                header.card__head { h2.card__title { (title) } div.card__actions { (actions) } }
            }
            div.card__body { (body) }
        }
    }
}
