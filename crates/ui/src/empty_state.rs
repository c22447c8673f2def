//! What stands where nothing is yet: what this is, why it is empty, the one thing to do.

use crate::icon::icon;
use maud::{Markup, html};

/// An empty place. `action` may be empty for people who may not do it.
pub fn empty_state(icon_name: &str, title: &str, text: &str, action: Markup) -> Markup {
    html! {
        div.empty-state {
            span.empty-state__icon { (icon(icon_name)) }
            p.empty-state__title { (title) }
            p.empty-state__text { (text) }
            @if !action.0.is_empty() { div.empty-state__action { (action) } }
        }
    }
}
