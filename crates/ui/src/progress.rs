//! How far a long piece of work has come, and the quiet shape of what is still loading.

use maud::{Markup, html};

/// Work under way: `percent` is `None` while its length is unknown; `remaining` says how long it will take, in words.
pub fn progress(label: &str, percent: Option<u8>, remaining: &str) -> Markup {
    html! {
        div.progress {
            div.progress__words {
                span.progress__label { (label) }
                span.progress__remaining { @if let Some(percent) = percent { (percent.min(100)) " %" @if !remaining.is_empty() { " · " } } (remaining) }
            }
            progress.progress__bar aria-label=(label) max="100" value=[percent.map(|percent| percent.min(100))] {}
        }
    }
}

/// Lines where text will be. The style keeps it unseen for the first 300 ms, so quick answers never flicker.
pub fn skeleton(lines: usize) -> Markup {
    html! {
        div.skeleton role="status" {
            span.visually-hidden { "Loading" }
            @for _ in 0..lines { span.skeleton__line {} }
        }
    }
}
