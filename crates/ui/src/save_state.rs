//! Whether what is on the screen is safe: always visible in the title line of an editor.

use maud::{Markup, html};

/// The state in words, such as "Saved 10:42"; the autosave controller around it replaces them.
pub fn save_state(words: &str) -> Markup {
    html! { span.save-state role="status" data-autosave-target="state" { (words) } }
}
