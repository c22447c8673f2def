//! A sentence about what has just been done, with the way back where there is one.

use crate::badge::Tone;
use crate::icon::icon;
use maud::{Markup, html};

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct Toast {
    /// "Appointment moved to Tue 24 Feb, 10:00." Names no client.
    pub message: String,
    /// Path (POST) and label of the way back.
    pub undo: Option<(String, String)>,
    /// Success unless something went less than well.
    pub tone: Tone,
}

impl Toast {
    /// Good news without a way back.
    pub fn done(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            undo: None,
            tone: Tone::Success,
        }
    }

    /// Good news with a way back.
    pub fn undoable(message: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            undo: Some((path.into(), "Undo".into())),
            tone: Tone::Success,
        }
    }
}

/// The toast. It stays until it is closed when it carries a way back or bad news; without scripts it stays with the page.
pub fn toast(toast: &Toast, csrf: &str) -> Markup {
    let stays = toast.undo.is_some() || matches!(toast.tone, Tone::Attention | Tone::Danger);
    html! {
        div.toast role="status" data-tone=(toast.tone.name()) data-controller="toast" data-toast-stay-value=(stays) data-turbo-temporary {
            (icon(toast.tone.icon()))
            p.toast__message { (toast.message) }
            @if let Some((path, label)) = &toast.undo { (crate::post_button(path, csrf, label, crate::Kind::Quiet)) }
            button.button type="button" data-kind="quiet" data-shape="square" data-size="small" data-action="toast#dismiss" data-script-only aria-label="Dismiss" { (icon("x")) }
        }
    }
}
