//! Every field's message is tied to its control, and the summary leads to it.

use maud::Markup;
use ui::form::{self, Choice, Field};

const CHOICES: [Choice; 2] = [
    Choice {
        value: "a",
        label: "A",
        help: None,
        disabled: false,
    },
    Choice {
        value: "b",
        label: "B",
        help: None,
        disabled: false,
    },
];

type Draw = fn(&Field) -> Markup;

const KINDS: [(&str, Draw); 18] = [
    ("text", |field| form::text(field)),
    ("email", |field| form::email(field)),
    ("phone", |field| form::phone(field)),
    ("password", |field| form::password(field)),
    ("number", |field| form::number(field)),
    ("money", |field| form::money(field, "$")),
    ("date", |field| form::date(field)),
    ("time", |field| form::time(field)),
    ("textarea", |field| form::textarea(field)),
    ("file", |field| form::file(field, "image/*")),
    ("file_drop", |field| ui::file_drop(field, "image/*", "JPEG", false)),
    ("select", |field| form::select(field, &CHOICES)),
    ("combobox", |field| form::combobox(field, &CHOICES)),
    ("radios", |field| form::radios(field, &CHOICES)),
    ("checkboxes", |field| form::checkboxes(field, &CHOICES, &[])),
    ("segmented", |field| form::segmented(field, &CHOICES)),
    ("checkbox", |field| form::checkbox(field, false)),
    ("switch", |field| form::switch(field, false)),
];

#[test]
fn a_message_is_tied_to_the_control_of_every_kind_of_field() {
    for (kind, draw) in KINDS {
        let html = draw(
            &Field::new("client[name]", "Name", "")
                .help("As on the card.")
                .error(Some("Enter a name")),
        )
        .into_string();
        assert!(
            html.contains(r#"aria-describedby="field-client-name--error field-client-name--help""#),
            "{kind}: {html}"
        );
        assert!(html.contains(r#"id="field-client-name--error""#), "{kind}: {html}");
        assert!(html.contains(r#"id="field-client-name--help""#), "{kind}: {html}");
        assert!(
            html.contains(r#"id="field-client-name-""#),
            "{kind}: the summary's link needs its target: {html}"
        );
        assert!(html.contains("Enter a name"), "{kind}: {html}");
    }
}

#[test]
fn a_sound_field_claims_nothing_wrong() {
    for (kind, draw) in KINDS {
        let html = draw(&Field::new("name", "Name", "")).into_string();
        assert!(
            !html.contains("aria-invalid") && !html.contains("aria-describedby") && !html.contains("field__error"),
            "{kind}: {html}"
        );
    }
}

#[test]
fn what_was_typed_is_escaped_and_a_password_is_not_sent_back() {
    let hostile = r#""><script>alert(1)</script>"#;
    for (kind, draw) in KINDS {
        let html = draw(&Field::new("name", hostile, hostile).error(Some(hostile)).help(hostile)).into_string();
        assert!(!html.contains("<script"), "{kind}: {html}");
    }
    assert!(
        !form::password(&Field::new("password", "Password", "secret"))
            .into_string()
            .contains("secret")
    );
}

#[test]
fn only_what_is_not_required_says_optional() {
    assert!(!form::text(&Field::new("a", "A", "")).into_string().contains("optional"));
    assert!(
        form::text(&Field::new("a", "A", "").optional())
            .into_string()
            .contains("optional")
    );
}

#[test]
fn the_first_line_break_of_a_text_survives() {
    let html = form::textarea(&Field::new("note", "Note", "\nSecond line")).into_string();
    assert!(html.contains(">\n\nSecond line</textarea>"), "{html}");
}

#[test]
fn the_summary_leads_to_each_field() {
    let html = form::error_summary(&[
        ("client[name]", "Enter a name".into()),
        ("", "The hour was taken".into()),
    ])
    .into_string();
    assert!(
        html.contains(r##"href="#field-client-name-""##)
            && html.contains(r#"role="alert""#)
            && html.contains("<li>The hour was taken</li>"),
        "{html}"
    );
    assert!(form::error_summary(&[]).into_string().is_empty());
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    for html in [
        form::form("/a", "t0ken", Markup::default()),
        form::upload_form("/a", "t0ken", Markup::default()),
        form::autosaved_form("/a", "/b", "t0ken", Markup::default()),
        ui::post_button("/a", "t0ken", "Go", ui::Kind::Primary),
    ] {
        assert!(html.into_string().contains(r#"name="_token" value="t0ken""#));
    }
}
