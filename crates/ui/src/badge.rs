//! A word about a state, with a hue that never speaks alone.

use maud::{Markup, html};

/// What a state means to the reader; the hue follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Neutral,
    /// Done, paid, signed.
    Success,
    /// Somebody should look at it soon.
    Attention,
    /// Wrong, overdue, unsafe.
    Danger,
    /// Worth knowing.
    Info,
}

impl Tone {
    /// The value of `data-tone` that styles read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Success => "success",
            Self::Attention => "attention",
            Self::Danger => "danger",
            Self::Info => "info",
        }
    }

    /// The icon that stands for this tone beside a sentence.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Neutral | Self::Info => "info",
            Self::Success => "check",
            Self::Attention | Self::Danger => "alert-triangle",
        }
    }
}

/// A state in a word or two.
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span.badge data-tone=(tone.name()) { (text) } }
}

/// A state in plain ink behind a coloured dot: for columns of states, where fifty badges would shout.
pub fn dot(tone: Tone, text: &str) -> Markup {
    html! { span.dot data-tone=(tone.name()) { (text) } }
}
