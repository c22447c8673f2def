//! Fields that a person types into. Label above, help below, the message beside the control and tied to it.

use crate::icon::icon;
use maud::{Markup, html};

/// How wide a control is drawn; a hint at how much belongs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Width {
    /// As wide as the form.
    #[default]
    Full,
    /// A postcode, a code, a time.
    Short,
    /// A date, a phone number.
    Medium,
}

impl Width {
    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Short => "short",
            Self::Medium => "medium",
        }
    }
}

/// One field of a form, as plain data. `..Field::default()` leaves the rest empty.
#[derive(Debug, Clone, Default)]
pub struct Field<'a> {
    /// The name that is posted.
    pub name: &'a str,
    /// What it is called on the page.
    pub label: &'a str,
    /// What was typed or is stored.
    pub value: &'a str,
    /// A sentence that helps to fill it in.
    pub help: Option<&'a str>,
    /// What is wrong with it.
    pub error: Option<&'a str>,
    /// Without it the form can't be sent; the others are marked as optional.
    pub required: bool,
    /// The browser's token for filling it in, such as `given-name` or `one-time-code`.
    pub autocomplete: Option<&'a str>,
    /// The keyboard that a phone shows: `numeric`, `decimal`, `tel`, `email`.
    pub input_mode: Option<&'a str>,
    /// The longest text accepted, in characters.
    pub max_length: Option<u32>,
    /// Smallest value of numbers, dates and times.
    pub min: Option<&'a str>,
    /// Largest value of numbers, dates and times.
    pub max: Option<&'a str>,
    /// Step of numbers and times.
    pub step: Option<&'a str>,
    /// Lines that a text area shows before it grows.
    pub rows: Option<u32>,
    /// How wide it is drawn.
    pub width: Width,
    /// Shown, but not to be changed here.
    pub read_only: bool,
    /// Takes the focus when the page opens; at most one per page.
    pub autofocus: bool,
    /// The language of the text, for spelling and reading aloud, where it isn't the page's.
    pub language: Option<&'a str>,
}

impl<'a> Field<'a> {
    /// A required field with its label and value; the usual beginning.
    pub fn new(name: &'a str, label: &'a str, value: &'a str) -> Self {
        Self {
            name,
            label,
            value,
            required: true,
            ..Self::default()
        }
    }

    /// The same field, not required.
    pub fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// The same field with help.
    pub fn help(self, help: &'a str) -> Self {
        Self {
            help: Some(help),
            ..self
        }
    }

    /// The same field with what is wrong with it, if anything is.
    pub fn error(self, error: Option<&'a str>) -> Self {
        Self { error, ..self }
    }

    /// The same field with the browser's token for filling it in.
    pub fn autocomplete(self, token: &'a str) -> Self {
        Self {
            autocomplete: Some(token),
            ..self
        }
    }

    /// The same field with a width.
    pub fn width(self, width: Width) -> Self {
        Self { width, ..self }
    }

    /// The same field with a longest text.
    pub fn max_length(self, characters: u32) -> Self {
        Self {
            max_length: Some(characters),
            ..self
        }
    }

    /// The id of its control.
    pub fn control_id(&self) -> String {
        crate::field_id(self.name)
    }

    pub(crate) fn help_id(&self) -> String {
        format!("{}-help", self.control_id())
    }

    pub(crate) fn error_id(&self) -> String {
        format!("{}-error", self.control_id())
    }

    /// The ids of what describes it: its message first, then its help.
    pub(crate) fn described_by(&self) -> Option<String> {
        let error = self.error.map(|_| self.error_id());
        let help = self.help.map(|_| self.help_id());
        let ids: Vec<String> = error.into_iter().chain(help).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        self.error.map(|_| "true")
    }

    /// Label, control, message and help around a control that carries `control_id` and `described_by`.
    pub(crate) fn wrap(&self, control: Markup) -> Markup {
        html! {
            div.field data-width=(self.width.name()) data-invalid[self.error.is_some()] {
                label.field__label for=(self.control_id()) { (self.label) (self.optional_mark()) }
                (control)
                (self.error_message())
                (self.help_text())
            }
        }
    }

    /// The same around a group of controls, whose label is a legend.
    pub(crate) fn wrap_group(&self, controls: Markup) -> Markup {
        html! {
            fieldset.field id=(self.control_id()) tabindex="-1" data-invalid[self.error.is_some()] aria-describedby=[self.described_by()] {
                legend.field__label { (self.label) (self.optional_mark()) }
                (controls)
                (self.error_message())
                (self.help_text())
            }
        }
    }

    fn optional_mark(&self) -> Markup {
        html! { @if !self.required && !self.read_only { " " span.field__optional { "optional" } } }
    }

    pub(crate) fn error_message(&self) -> Markup {
        html! {
            @if let Some(message) = self.error {
                p.field__error id=(self.error_id()) { (icon("alert-triangle")) span { span.visually-hidden { "Error: " } (message) } }
            }
        }
    }

    pub(crate) fn help_text(&self) -> Markup {
        html! { @if let Some(help) = self.help { p.field__help id=(self.help_id()) { (help) } } }
    }
}

/// A line of text.
pub fn text(field: &Field) -> Markup {
    field.wrap(input("text", field))
}

/// An e-mail address.
pub fn email(field: &Field) -> Markup {
    field.wrap(input(
        "email",
        &Field {
            input_mode: field.input_mode.or(Some("email")),
            ..field.clone()
        },
    ))
}

/// A phone number.
pub fn phone(field: &Field) -> Markup {
    let field = Field {
        width: medium(field),
        input_mode: field.input_mode.or(Some("tel")),
        ..field.clone()
    };
    field.wrap(input("tel", &field))
}

/// A password. What was typed is never sent back.
pub fn password(field: &Field) -> Markup {
    field.wrap(input(
        "password",
        &Field {
            value: "",
            ..field.clone()
        },
    ))
}

/// A whole or decimal number.
pub fn number(field: &Field) -> Markup {
    let field = Field {
        width: if field.width == Width::Full {
            Width::Short
        } else {
            field.width
        },
        input_mode: field.input_mode.or(Some("decimal")),
        ..field.clone()
    };
    field.wrap(input("text", &field))
}

/// An amount of money; `currency` is the sign before it.
pub fn money(field: &Field, currency: &str) -> Markup {
    let field = Field {
        width: Width::Short,
        input_mode: Some("decimal"),
        ..field.clone()
    };
    field.wrap(
        html! { div.field__affix { span.field__prefix aria-hidden="true" { (currency) } (input("text", &field)) } },
    )
}

/// A date, as `YYYY-MM-DD`; the browser's own picker, which takes typing too.
pub fn date(field: &Field) -> Markup {
    let field = Field {
        width: medium(field),
        ..field.clone()
    };
    field.wrap(input("date", &field))
}

/// A time of day, as `HH:MM`.
pub fn time(field: &Field) -> Markup {
    let field = Field {
        width: if field.width == Width::Full {
            Width::Short
        } else {
            field.width
        },
        ..field.clone()
    };
    field.wrap(input("time", &field))
}

/// Several lines of text; grows with what is typed.
pub fn textarea(field: &Field) -> Markup {
    // A newline right after the tag is dropped by browsers, so one is always put there and the text's own first line stays.
    field.wrap(html! {
        textarea.field__control id=(field.control_id()) name=(field.name) rows=(field.rows.unwrap_or(3)) maxlength=[field.max_length] lang=[field.language]
            autocomplete=[field.autocomplete] required[field.required] readonly[field.read_only] autofocus[field.autofocus]
            aria-describedby=[field.described_by()] aria-invalid=[field.invalid()] data-autosave-target="field" { "\n" (field.value) }
    })
}

/// A value that travels with the form unseen.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value) autocomplete="off"; }
}

/// A file; `accept` is the browser's list of kinds.
pub fn file(field: &Field, accept: &str) -> Markup {
    field.wrap(html! {
        input.field__control type="file" accept=(accept) id=(field.control_id()) name=(field.name) required[field.required]
            aria-describedby=[field.described_by()] aria-invalid=[field.invalid()];
    })
}

fn medium(field: &Field) -> Width {
    if field.width == Width::Full {
        Width::Medium
    } else {
        field.width
    }
}

fn input(kind: &str, field: &Field) -> Markup {
    html! {
        input.field__control id=(field.control_id()) type=(kind) name=(field.name) value=[(kind != "password").then_some(field.value)]
            autocomplete=[field.autocomplete] inputmode=[field.input_mode] maxlength=[field.max_length] min=[field.min] max=[field.max] step=[field.step]
            lang=[field.language] required[field.required] readonly[field.read_only] autofocus[field.autofocus]
            aria-describedby=[field.described_by()] aria-invalid=[field.invalid()];
    }
}
