//! Fields and forms on the design page, empty, filled and refused.

use super::Entry;
use crate::form::{self, Choice, Field, Width};
use crate::{file_drop, signature};
use maud::{Markup, html};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "Fields",
            "Label above, help below, the message beside. Only what is optional says so.",
            fields,
        ),
        Entry::new(
            "Choices",
            "All in view when few, folded when many, found by typing when very many.",
            choices,
        ),
        Entry::new(
            "Errors",
            "On top what is wrong, each line leading to its field; nothing typed is lost.",
            errors,
        ),
        Entry::new("File drop", "A file field with room to drop; by keyboard too.", files),
        Entry::new("Signature", "Typed or drawn; both count the same.", signatures),
    ]
}

/// Field names that differ between the three drawings.
struct Names<'a>(&'a str);

impl Names<'_> {
    fn of(&self, name: &str) -> String {
        format!("{}-{name}", self.0)
    }
}

fn fields(variant: &str) -> Markup {
    let names = Names(variant);
    let (given, family, email, phone, born, at, fee, reason, id) = (
        names.of("given"),
        names.of("family"),
        names.of("email"),
        names.of("phone"),
        names.of("born"),
        names.of("at"),
        names.of("fee"),
        names.of("reason"),
        names.of("id"),
    );
    form::form(
        "#fields",
        "token",
        html! {
            (form::section("About the client", "As on the insurance card.", html! {
                (form::row(html! {
                    (form::text(&Field::new(&given, "First name", "Amara")))
                    (form::text(&Field::new(&family, "Last name", "Okafor-Lindqvist")))
                }))
                (form::email(&Field::new(&email, "E-mail", "").optional().help("For reminders. We never put clinical details in e-mail.")))
                (form::phone(&Field::new(&phone, "Mobile phone", "+1 555 010 2345").optional()))
                (form::row(html! {
                    (form::date(&Field::new(&born, "Date of birth", "1988-03-14")))
                    (form::time(&Field::new(&at, "Starts at", "10:00")))
                    (form::money(&Field::new(&fee, "Fee", "150.00"), "$"))
                }))
                (form::textarea(&Field::new(&reason, "Reason for seeking care", "Trouble sleeping since the move.").optional()))
                (form::text(&Field { read_only: true, ..Field::new(&id, "Record number", "MH-004217").width(Width::Medium) }))
            }))
            (form::submit_row("Save client", Some("#fields")))
        },
    )
}

fn choices(variant: &str) -> Markup {
    let names = Names(variant);
    let (clinician, diagnosis, modality, days, reminder, consent, place) = (
        names.of("clinician"),
        names.of("diagnosis"),
        names.of("modality"),
        names.of("days"),
        names.of("reminder"),
        names.of("consent"),
        names.of("place"),
    );
    let people = [
        Choice::new("1", "Dr. Amara Okafor"),
        Choice::new("2", "Bo Lindqvist, LCSW"),
        Choice::new("3", "María José Fernández, PhD"),
    ];
    let codes = [
        Choice::new("F41.1", "F41.1 Generalized anxiety disorder"),
        Choice::new("F33.1", "F33.1 Major depressive disorder, recurrent, moderate"),
        Choice::new("F43.10", "F43.10 Post-traumatic stress disorder, unspecified"),
    ];
    let modes = [
        Choice::new("office", "In office"),
        Choice::new("video", "Video"),
        Choice::new("phone", "Phone"),
    ];
    let places = [
        Choice {
            help: Some("Room 2 is free then."),
            ..Choice::new("office", "At the practice")
        },
        Choice::new("home", "At the client's home"),
        Choice {
            disabled: true,
            ..Choice::new("school", "At school")
        },
    ];
    let week = [
        Choice::new("mon", "Monday"),
        Choice::new("wed", "Wednesday"),
        Choice::new("fri", "Friday"),
    ];
    form::form(
        "#choices",
        "token",
        html! {
            (form::select(&Field::new(&clinician, "Clinician", "2"), &people))
            (form::combobox(&Field::new(&diagnosis, "Diagnosis", "F41.1").help("Type a code or a word."), &codes))
            (form::segmented(&Field::new(&modality, "How", "video"), &modes))
            (form::radios(&Field::new(&place, "Where", "office"), &places))
            (form::checkboxes(&Field::new(&days, "Days", "").optional(), &week, &["mon", "fri"]))
            (form::switch(&Field::new(&reminder, "Send reminders", "").help("By text message, 24 hours before."), true))
            (form::checkbox(&Field::new(&consent, "The client has agreed to be contacted by e-mail", ""), false))
        },
    )
}

fn errors(variant: &str) -> Markup {
    let names = Names(variant);
    let (email, born, mode, agree) = (
        names.of("wrong-email"),
        names.of("wrong-born"),
        names.of("wrong-mode"),
        names.of("wrong-agree"),
    );
    let summary = [
        (
            email.as_str(),
            "Enter an e-mail address like name@example.org".to_string(),
        ),
        (born.as_str(), "The date of birth is in the future".to_string()),
    ];
    html! {
        // Drawn without its behaviour and its id: a page has one summary, and this one must not take the focus.
        div.error-summary { h4.error-summary__title { (crate::icon::icon("alert-triangle")) "There is a problem" }
            ul.error-summary__list role="list" { @for (name, message) in &summary { li { a href={ "#" (crate::field_id(name)) } { (message) } } } } }
        (form::form("#errors", "token", html! {
            (form::email(&Field::new(&email, "E-mail", "amara@").error(Some("Enter an e-mail address like name@example.org"))))
            (form::date(&Field::new(&born, "Date of birth", "2031-03-14").error(Some("The date of birth is in the future")).help("As on the insurance card.")))
            (form::radios(&Field::new(&mode, "How to reach the client", "").error(Some("Choose one")), &[Choice::new("sms", "Text message"), Choice::new("call", "Phone call")]))
            (form::checkbox(&Field::new(&agree, "I have checked the client's identity", "").error(Some("Confirm that you have checked it")), false))
        }))
    }
}

fn files(variant: &str) -> Markup {
    let names = Names(variant);
    let (upload, plain) = (names.of("upload"), names.of("plain-file"));
    html! {
        (file_drop(&Field::new(&upload, "FHIR bundles", ""), ".json,application/json", "JSON, up to 10 MB each", true))
        (form::file(&Field::new(&plain, "Insurance card", "").optional(), "image/*"))
    }
}

fn signatures(variant: &str) -> Markup {
    let names = Names(variant);
    let (drawn, typed) = (names.of("drawn"), names.of("typed"));
    signature(&drawn, &Field::new(&typed, "Type your full name", ""))
}
