//! A signature by finger or pen, with typing one's name as the equal way for everyone else.

use crate::form::{self, Field};
use maud::{Markup, html};

/// Draws into a hidden field of the given name as a picture; `typed` is the field for the typed name.
pub fn signature(drawn_name: &str, typed: &Field) -> Markup {
    let hint = format!("{}-hint", crate::field_id(drawn_name));
    html! {
        div.signature data-controller="signature" {
            (form::text(typed))
            div.signature__pad data-script-only {
                p.signature__label id=(hint) { "Or draw your signature" }
                canvas.signature__canvas data-signature-target="canvas" aria-describedby=(hint) role="img" aria-label="Signature area" {}
                input type="hidden" name=(drawn_name) data-signature-target="field";
                button.button type="button" data-kind="quiet" data-size="small" data-action="signature#clear" { "Clear" }
            }
        }
    }
}
