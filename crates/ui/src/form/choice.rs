//! Fields that a person chooses from.

use super::Field;
use maud::{Markup, html};

/// One thing to choose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// The value that is posted.
    pub value: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// A few words more, where the label needs them.
    pub help: Option<&'a str>,
    /// Shown but not to be chosen.
    pub disabled: bool,
}

impl<'a> Choice<'a> {
    /// A choice with its value and label.
    pub fn new(value: &'a str, label: &'a str) -> Self {
        Self {
            value,
            label,
            help: None,
            disabled: false,
        }
    }
}

/// One of a few things, folded away. A field that isn't required, or has no value yet, starts with an empty choice.
pub fn select(field: &Field, choices: &[Choice]) -> Markup {
    field.wrap(html! { div.select { (options(field, choices, false)) } })
}

/// One of many things, found by typing; without scripts a plain select.
pub fn combobox(field: &Field, choices: &[Choice]) -> Markup {
    field.wrap(html! { div.select data-controller="combobox" { (options(field, choices, true)) } })
}

fn options(field: &Field, choices: &[Choice], searchable: bool) -> Markup {
    let offers_nothing = choices.iter().any(|choice| choice.value.is_empty());
    html! {
        select.field__control id=(field.control_id()) name=(field.name) autocomplete=[field.autocomplete] required[field.required] disabled[field.read_only]
            autofocus[field.autofocus] aria-describedby=[field.described_by()] aria-invalid=[field.invalid()] data-combobox-target=[searchable.then_some("select")] {
            @if !offers_nothing && (!field.required || field.value.is_empty()) { option value="" { @if field.required { "Choose…" } @else { "None" } } }
            @for choice in choices {
                option value=(choice.value) selected[choice.value == field.value] disabled[choice.disabled] { (choice.label) }
            }
        }
    }
}

/// A statement that is true or not. Posts `on` when it is.
pub fn checkbox(field: &Field, checked: bool) -> Markup {
    single(field, checked, "checkbox")
}

/// A setting that is on or off. Posts `on` when it is.
pub fn switch(field: &Field, on: bool) -> Markup {
    single(field, on, "switch")
}

fn single(field: &Field, checked: bool, look: &str) -> Markup {
    html! {
        div.field data-invalid[field.error.is_some()] {
            label.choice for=(field.control_id()) {
                input.choice__control type="checkbox" role=[(look == "switch").then_some("switch")] data-look=(look) id=(field.control_id())
                    name=(field.name) value="on" checked[checked] required[field.required] disabled[field.read_only]
                    aria-describedby=[field.described_by()] aria-invalid=[field.invalid()];
                span.choice__label { (field.label) }
            }
            (field.error_message())
            @if let Some(help) = field.help { p.field__help data-indent id=(field.help_id()) { (help) } }
        }
    }
}

/// One of a few things, all in view. The chosen value is `field.value`.
pub fn radios(field: &Field, choices: &[Choice]) -> Markup {
    field.wrap_group(html! {
        div.choices { @for (index, choice) in choices.iter().enumerate() { (option(field, choice, index, "radio", choice.value == field.value)) } }
    })
}

/// Several of a few things; `chosen` holds the values that are on.
pub fn checkboxes(field: &Field, choices: &[Choice], chosen: &[&str]) -> Markup {
    field.wrap_group(html! {
        div.choices { @for (index, choice) in choices.iter().enumerate() { (option(field, choice, index, "checkbox", chosen.contains(&choice.value))) } }
    })
}

/// One of two to five short things on one line.
pub fn segmented(field: &Field, choices: &[Choice]) -> Markup {
    field.wrap_group(html! {
        div.segmented {
            @for (index, choice) in choices.iter().enumerate() {
                @let id = format!("{}-{index}", field.control_id());
                label.segmented__choice for=(id) {
                    input.segmented__control.visually-hidden type="radio" id=(id) name=(field.name) value=(choice.value) checked[choice.value == field.value]
                        disabled[choice.disabled || field.read_only] required[field.required] aria-describedby=[field.described_by()];
                    (choice.label)
                }
            }
        }
    })
}

fn option(field: &Field, choice: &Choice, index: usize, kind: &str, checked: bool) -> Markup {
    let id = format!("{}-{index}", field.control_id());
    let help_id = format!("{id}-help");
    html! {
        div.choices__line {
            label.choice for=(id) {
                input.choice__control type=(kind) data-look=(kind) id=(id) name=(field.name) value=(choice.value) checked[checked]
                    disabled[choice.disabled || field.read_only] aria-describedby=[choice.help.map(|_| help_id.clone())];
                span.choice__label { (choice.label) }
            }
            @if let Some(help) = choice.help { p.field__help data-indent id=(help_id) { (help) } }
        }
    }
}
