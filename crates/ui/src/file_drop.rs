//! Where files are dropped; a plain file field underneath, so it works by keyboard and without scripts.

use crate::form::Field;
use crate::icon::icon;
use maud::{Markup, html};

/// A file field. `accept` is the browser's list of kinds, `hint` says the same and the largest size in words.
pub fn file_drop(field: &Field, accept: &str, hint: &str, multiple: bool) -> Markup {
    let control = html! {
        div.file-drop data-controller="file-drop" data-action="dragover->file-drop#over dragleave->file-drop#out drop->file-drop#out" {
            (icon("upload"))
            p.file-drop__words { strong { "Choose a file" } " or drop it here" span.file-drop__hint { (hint) } }
            input.file-drop__input type="file" accept=(accept) multiple[multiple] data-file-drop-target="input" data-action="change->file-drop#changed"
                id=(field.control_id()) name=(field.name) required[field.required] aria-describedby=[field.described_by()] aria-invalid=[field.invalid()];
            ul.file-drop__list role="list" data-file-drop-target="list" {}
        }
    };
    field.wrap(control)
}
