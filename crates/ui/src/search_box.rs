//! The one place to find a client, a page or an action. A plain search form; the script shows the first answers while typing.

use crate::icon::icon;
use maud::{Markup, html};

/// A search form: `action` is the page of results, `suggestions` the fragment of first answers. `name` tells several on a page apart.
pub fn search_box(name: &str, action: &str, suggestions: &str, label: &str, value: &str) -> Markup {
    let input = format!("{name}-input");
    let list = format!("{name}-list");
    html! {
        form.search-box role="search" aria-label=(label) action=(action) method="get" data-controller="search-box"
            data-action="input->search-box#typed keydown->search-box#key focusout->search-box#left" data-search-box-url-value=(suggestions) {
            label.visually-hidden for=(input) { (label) }
            (icon("search"))
            input.search-box__input id=(input) type="search" name="q" value=(value) placeholder=(label) autocomplete="off" spellcheck="false"
                enterkeyhint="search" role="combobox" aria-expanded="false" aria-autocomplete="list" aria-controls=(list) maxlength="200"
                data-search-box-target="input";
            span.search-box__hint aria-hidden="true" { kbd { "/" } }
            div.search-box__results id=(list) role="listbox" aria-label=(label) data-search-box-target="results" hidden {}
        }
    }
}
