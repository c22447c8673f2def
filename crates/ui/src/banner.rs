//! A sentence across the page about the state of the whole: planned work, a locked record, a demonstration practice.

use crate::badge::Tone;
use crate::icon::icon;
use maud::{Markup, html};

/// What a banner says, and where to go for more.
#[derive(Debug, Clone, Default)]
pub struct Banner {
    /// How serious it is.
    pub tone: Tone,
    /// One or two sentences.
    pub text: String,
    /// Path and label of the one thing to do about it.
    pub action: Option<(String, String)>,
}

/// The banner itself. Danger is announced at once, everything else when the reader comes to it.
pub fn banner(banner: &Banner) -> Markup {
    let role = if banner.tone == Tone::Danger { "alert" } else { "region" };
    html! {
        div.banner data-tone=(banner.tone.name()) role=(role) aria-label=(if role == "region" { "Notice" } else { "Warning" }) {
            (icon(banner.tone.icon()))
            p.banner__text { (banner.text) }
            @if let Some((path, label)) = &banner.action { a.banner__action href=(path) { (label) } }
        }
    }
}
