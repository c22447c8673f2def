//! What a person can press. A link goes somewhere, a button changes something; both look alike, so that the page decides by meaning.

use crate::icon::icon;
use maud::{Markup, html};

/// How loudly a button speaks. One primary action per page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// The one thing to do here.
    Primary,
    /// Anything else.
    #[default]
    Secondary,
    /// Without a frame until it is pointed at.
    Quiet,
    /// Takes something away.
    Danger,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button that submits the form around it.
pub fn button(label: &str, kind: Kind) -> Markup {
    html! { button.button type="submit" data-kind=(kind.name()) { (label) } }
}

/// A button that submits the form around it with a name and value of its own, for forms that can end in two ways.
pub fn submit_button(label: &str, kind: Kind, name: &str, value: &str) -> Markup {
    html! { button.button type="submit" data-kind=(kind.name()) name=(name) value=(value) { (label) } }
}

/// A link in the shape of a button.
pub fn link_button(href: &str, label: &str, kind: Kind) -> Markup {
    html! { a.button href=(href) data-kind=(kind.name()) { (label) } }
}

/// A link in the shape of a button with an icon before its words.
pub fn link_button_with_icon(href: &str, icon_name: &str, label: &str, kind: Kind) -> Markup {
    html! { a.button href=(href) data-kind=(kind.name()) { (icon(icon_name)) (label) } }
}

/// One of the well-known few that need no visible words (previous, next, close, edit); the label is for screen readers and pointers.
pub fn icon_link(href: &str, icon_name: &str, label: &str) -> Markup {
    html! { a.button data-kind="quiet" data-shape="square" href=(href) aria-label=(label) title=(label) { (icon(icon_name)) } }
}
