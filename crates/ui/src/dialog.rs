//! What opens over the page: a dialog to confirm what can't be undone, and a sheet at the side to look at one thing of a list.
//!
//! Both are the browser's own `dialog`, opened by `command` and `commandfor`; the controller adds the same to older browsers.

use crate::button::Kind;
use crate::icon::icon;
use maud::{Markup, html};

/// A button that opens the dialog or sheet of this id.
pub fn dialog_opener(id: &str, label: &str, kind: Kind) -> Markup {
    html! { button.button type="button" data-kind=(kind.name()) command="show-modal" commandfor=(id) aria-haspopup="dialog" { (label) } }
}

/// A dialog in the middle of the page.
pub fn dialog(id: &str, title: &str, body: Markup, actions: Markup) -> Markup {
    overlay("dialog", id, title, body, actions)
}

/// A sheet at the page's end edge.
pub fn side_sheet(id: &str, title: &str, body: Markup, actions: Markup) -> Markup {
    overlay("side-sheet", id, title, body, actions)
}

/// Asks before something that can't be undone, naming what will happen; the answer is a POST. Cancel is first in the order of keys.
pub fn confirmation(id: &str, title: &str, consequence: &str, path: &str, csrf: &str, confirm: &str) -> Markup {
    dialog(
        id,
        title,
        html! { p { (consequence) } },
        html! {
            button.button type="button" data-kind="secondary" command="close" commandfor=(id) { "Cancel" }
            (crate::post_button(path, csrf, confirm, Kind::Danger))
        },
    )
}

fn overlay(class: &str, id: &str, title: &str, body: Markup, actions: Markup) -> Markup {
    let heading = format!("{id}-title");
    html! {
        dialog id=(id) class=(class) data-controller="dialog"
            data-action="click@document->dialog#press turbo:before-cache@document->dialog#close" closedby="any" aria-labelledby=(heading) {
            div class={ (class) "__frame" } {
                header class={ (class) "__head" } {
                    h2 id=(heading) { (title) }
                    button.button type="button" data-kind="quiet" data-shape="square" command="close" commandfor=(id) aria-label="Close" { (icon("x")) }
                }
                div class={ (class) "__body" } { (body) }
                @if !actions.0.is_empty() { footer class={ (class) "__actions" } { (actions) } }
            }
        }
    }
}
