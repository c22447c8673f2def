//! A key or a chord of keys on the keyboard.

use maud::{Markup, html};

/// Keys in the order they are pressed, such as `&["Ctrl", "K"]`.
pub fn kbd(keys: &[&str]) -> Markup {
    html! { span.kbd { @for key in keys { kbd { (key) } } } }
}
