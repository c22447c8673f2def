//! The list of keyboard shortcuts, shown by `?` and from the person's menu.

use crate::kbd::kbd;
use crate::page::NavItem;
use maud::{Markup, html};

/// The dialog's id, which openers name.
pub const DIALOG_ID: &str = "shortcuts";

/// The shortcuts that work everywhere, and a letter for each section that this person may use.
pub fn shortcuts_dialog(nav: &[NavItem]) -> Markup {
    crate::dialog(DIALOG_ID, "Keyboard shortcuts", list(nav), Markup::default())
}

fn list(nav: &[NavItem]) -> Markup {
    html! {
        dl.shortcuts {
            (line("Find a client or a page", kbd(&["/"])))
            (line("The same, while typing", kbd(&["Ctrl", "K"])))
            (line("Save or send the form", kbd(&["Ctrl", "Enter"])))
            (line("Move in a list", kbd(&["↑", "↓"])))
            (line("This list", kbd(&["?"])))
            @for item in nav {
                @if let Some(letter) = item.shortcut { (line(item.label, kbd(&["g", letter.encode_utf8(&mut [0; 4])]))) }
            }
        }
    }
}

fn line(what: &str, keys: Markup) -> Markup {
    html! { div.shortcuts__line { dt { (what) } dd { (keys) } } }
}
