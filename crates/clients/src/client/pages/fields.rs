//! Fields of a client's form, shared by registration and edit.

use kernel::Problems;
use maud::{Markup, html};
use ui::form::{self, Choice, Field, Width};

use crate::client::{ClientForm, MARITAL_STATUSES, PaymentMode, Sex};

/// Legal name, preferred name, birth date.
pub(super) fn names(typed: &ClientForm, problems: &Problems) -> Markup {
    let field =
        |name: &'static str, label: &'static str, value| Field::new(name, label, value).error(problems.of(name));
    html! {
        (form::row(html! {
            (form::text(&field("given", "Legal first name", &typed.given).max_length(100).autocomplete("off")))
            (form::text(&field("middle", "Middle name", &typed.middle).optional().max_length(100).autocomplete("off")))
        }))
        (form::row(html! {
            (form::text(&field("family", "Legal last name", &typed.family).max_length(100).autocomplete("off")))
            (form::text(&field("suffix", "Suffix", &typed.suffix).optional().max_length(20).width(Width::Short)))
        }))
        (form::row(html! {
            (form::text(&field("preferred_name", "Preferred name", &typed.preferred_name).optional().max_length(100).help("The name used on every page and when calling.")))
            (form::text(&field("pronouns", "Pronouns", &typed.pronouns).optional().max_length(40).width(Width::Medium)))
        }))
        (form::date(&field("birth_date", "Date of birth", &typed.birth_date)))
    }
}

/// What is asked of everybody but never stops a registration.
pub(super) fn details(typed: &ClientForm, problems: &Problems) -> Markup {
    let field = |name: &'static str, label: &'static str, value| {
        Field::new(name, label, value).optional().error(problems.of(name))
    };
    let sexes: Vec<Choice> = Sex::ALL
        .iter()
        .map(|sex| Choice::new(sex.word(), sex.label()))
        .collect();
    let payments: Vec<Choice> = PaymentMode::ALL
        .iter()
        .map(|mode| Choice::new(mode.word(), mode.label()))
        .collect();
    let marital: Vec<Choice> = MARITAL_STATUSES
        .iter()
        .map(|(code, label)| Choice::new(code, label))
        .collect();
    html! {
        (form::row(html! {
            (form::select(&field("sex_administrative", "Administrative sex", &typed.sex_administrative).help("As the health plan has it."), &sexes))
            (form::select(&field("marital_status", "Marital status", &typed.marital_status), &marital))
        }))
        (form::row(html! {
            (form::text(&field("languages", "Languages", &typed.languages).max_length(100).help("Codes, the preferred one first: en, es.")))
            (form::select(&field("payment_mode", "Payment", &typed.payment_mode), &payments))
        }))
        (form::textarea(&Field { max_length: Some(2000), rows: Some(3), ..field("presenting_concern", "Reason for coming", &typed.presenting_concern) }))
    }
}
