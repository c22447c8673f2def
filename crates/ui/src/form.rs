//! Forms: the frame with its token, the summary of what is wrong, and one function per kind of field.
//!
//! Forms work without scripts: POST, then the server answers with a redirect or with the same page, what was typed, and the
//! messages. Every control's message is tied to it by `aria-describedby`. Required is the rule; the exceptions say "optional".

mod choice;
mod field;

pub use choice::{Choice, checkbox, checkboxes, combobox, radios, segmented, select, switch};
pub use field::{Field, Width, date, email, file, hidden, money, number, password, phone, text, textarea, time};

use crate::button::Kind;
use crate::icon::icon;
use maud::{Markup, html};

/// The name of the field that carries the token against forged requests.
pub const TOKEN_FIELD: &str = "_token";

/// What a form tells its guard against a second press.
const SUBMIT_ONCE: &str =
    "submit->submit-once#start turbo:submit-end->submit-once#end pageshow@window->submit-once#end";

/// What a kept form tells its keeper: typing, leaving, coming back, being sent.
const AUTOSAVE: &str = "input->autosave#changed change->autosave#changed pagehide@window->autosave#leave visibilitychange@document->autosave#leave \
    beforeunload@window->autosave#warn turbo:before-visit@document->autosave#visit online@window->autosave#online \
    turbo:submit-start->autosave#submitting turbo:submit-end->autosave#submitted";

/// A form that posts its fields. A second press while the first is under way does nothing.
pub fn form(action: &str, csrf: &str, body: Markup) -> Markup {
    html! {
        form.form method="post" action=(action) novalidate data-controller="submit-once" data-action=(SUBMIT_ONCE) {
            (token(csrf))
            (body)
        }
    }
}

/// As [`form`], for forms that carry files.
pub fn upload_form(action: &str, csrf: &str, body: Markup) -> Markup {
    html! {
        form.form method="post" action=(action) enctype="multipart/form-data" novalidate data-controller="submit-once" data-action=(SUBMIT_ONCE) {
            (token(csrf))
            (body)
        }
    }
}

/// A form whose text is kept by the server while it is typed, and which says so in the `save_state` within `body`.
///
/// `draft` is the path that takes drafts; what differs from the server's version is shown in the form's own conflict place.
pub fn autosaved_form(action: &str, draft: &str, csrf: &str, body: Markup) -> Markup {
    html! {
        form.form method="post" action=(action) novalidate data-controller="autosave" data-morph-guard
            data-action=(AUTOSAVE)
            data-autosave-url-value=(draft) data-autosave-wait-value="800" data-autosave-saved-value="Saved" data-autosave-saving-value="Saving…"
            data-autosave-unsaved-value="Not saved yet" data-autosave-failed-value="Not saved. Trying again; keep this page open." {
            (token(csrf))
            (body)
            div data-autosave-target="conflict" {}
        }
    }
}

/// A form that filters: its fields go into the address.
pub fn filter_form(action: &str, body: Markup) -> Markup {
    html! { form.form.form--filter method="get" action=(action) role="search" aria-label="Filters" { (body) } }
}

/// A form without any look of its own, for a single button in a menu, a row or a toast.
pub(crate) fn bare(action: &str, csrf: &str, body: Markup) -> Markup {
    html! {
        form.post-button method="post" action=(action) data-controller="submit-once" data-action=(SUBMIT_ONCE) {
            (token(csrf))
            (body)
        }
    }
}

/// A button that does one thing by POST.
pub fn post_button(path: &str, csrf: &str, label: &str, kind: Kind) -> Markup {
    bare(path, csrf, crate::button(label, kind))
}

fn token(csrf: &str) -> Markup {
    html! { input type="hidden" name=(TOKEN_FIELD) value=(csrf) autocomplete="off"; }
}

/// What is wrong with the whole form, above it: each message leads to its field. Draws nothing when nothing is wrong.
///
/// A message with an empty field name belongs to no field and is not a link.
pub fn error_summary(errors: &[(&str, String)]) -> Markup {
    if errors.is_empty() {
        return Markup::default();
    }
    html! {
        div.error-summary role="alert" tabindex="-1" data-controller="focus-error" data-action="click->focus-error#go" aria-labelledby="error-summary-title" {
            h2.error-summary__title id="error-summary-title" { (icon("alert-triangle")) "There is a problem" }
            ul.error-summary__list role="list" {
                @for (name, message) in errors {
                    li { @if name.is_empty() { (message) } @else { a href={ "#" (crate::field_id(name)) } { (message) } } }
                }
            }
        }
    }
}

/// A part of a form with its own heading: a question with several fields, or a step.
pub fn section(legend: &str, help: &str, body: Markup) -> Markup {
    html! {
        fieldset.form__section {
            legend.form__legend { (legend) }
            @if !help.is_empty() { p.form__section-help { (help) } }
            div.form__fields { (body) }
        }
    }
}

/// Fields beside each other where there is room: a name's parts, a period's two ends.
pub fn row(body: Markup) -> Markup {
    html! { div.form__row { (body) } }
}

/// The end of a form: its one primary action, and the way out.
pub fn submit_row(label: &str, cancel: Option<&str>) -> Markup {
    actions(html! {
        (crate::button(label, Kind::Primary))
        @if let Some(path) = cancel { (crate::link_button(path, "Cancel", Kind::Quiet)) }
    })
}

/// The end of a form with actions of the page's own.
pub fn actions(body: Markup) -> Markup {
    html! { div.form__actions { (body) } }
}

/// The version that an edit started from; a stale one is refused with both texts.
pub fn version(version: i64) -> Markup {
    html! { input type="hidden" name="version" value=(version) autocomplete="off"; }
}
