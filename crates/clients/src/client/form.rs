//! What people type about a client, and what it means. All problems are found at once; nothing typed is lost.

use jiff::civil::Date;
use kernel::{Problems, text};
use serde::{Deserialize, Serialize};

use super::{Demographics, MARITAL_STATUSES, NewClient};
use crate::contact::{ContactKind, ContactUse, NewContact};

/// A registration or an edit as typed. Absent fields are empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientForm {
    pub(crate) given: String,
    pub(crate) middle: String,
    pub(crate) family: String,
    pub(crate) suffix: String,
    pub(crate) preferred_name: String,
    pub(crate) previous_names: String,
    pub(crate) pronouns: String,
    pub(crate) birth_date: String,
    pub(crate) birth_date_estimated: String,
    pub(crate) sex_administrative: String,
    pub(crate) marital_status: String,
    pub(crate) languages: String,
    pub(crate) presenting_concern: String,
    pub(crate) payment_mode: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) address_line: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) postal_code: String,
    pub(crate) clinician: String,
    pub(crate) different_person: String,
    pub(crate) version: String,
    #[serde(rename = "_once")]
    pub(crate) once: String,
}

/// A wide limit against slips of the keyboard, not a claim about life (CLI, Records: not over 120 years ago).
const AGE_MAX: i16 = 120;

impl ClientForm {
    /// The stored facts as they would be typed.
    pub(crate) fn of(who: &Demographics, version: i64) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            given: who.given.clone(),
            middle: text(&who.middle),
            family: who.family.clone(),
            suffix: text(&who.suffix),
            preferred_name: text(&who.preferred_name),
            previous_names: who.previous_names.join(", "),
            pronouns: text(&who.pronouns),
            birth_date: who.birth_date.map(|date| date.to_string()).unwrap_or_default(),
            birth_date_estimated: if who.birth_date_estimated {
                "on".to_owned()
            } else {
                String::new()
            },
            sex_administrative: who.sex.map(|sex| sex.word().to_owned()).unwrap_or_default(),
            marital_status: text(&who.marital_status),
            languages: who.languages.join(", "),
            presenting_concern: text(&who.presenting_concern),
            payment_mode: who.payment_mode.map(|mode| mode.word().to_owned()).unwrap_or_default(),
            version: version.to_string(),
            ..Self::default()
        }
    }

    /// Checks who it is. Race and ethnicity have no field here yet and are carried over from `before`.
    pub(crate) fn demographics(&self, before: &Demographics, today: Date, problems: &mut Problems) -> Demographics {
        let mut optional = |field: &'static str, typed: &str, max: usize| {
            problems.keep(field, text::optional_line(typed, max)).flatten()
        };
        let middle = optional("middle", &self.middle, 100);
        let suffix = optional("suffix", &self.suffix, 20);
        let preferred_name = optional("preferred_name", &self.preferred_name, 100);
        let pronouns = optional("pronouns", &self.pronouns, 40);
        let previous = optional("previous_names", &self.previous_names, 400).unwrap_or_default();
        let languages = optional("languages", &self.languages, 100).unwrap_or_default();
        let given = optional("given", &self.given, 100).unwrap_or_default();
        let family = optional("family", &self.family, 100).unwrap_or_default();
        // People with one name exist; once stored with one, they may keep one.
        let may_lack =
            |field_before: &str| field_before.is_empty() && !(before.given.is_empty() && before.family.is_empty());
        if given.is_empty() && !may_lack(&before.given) && problems.of("given").is_none() {
            problems.add("given", "required", "Please enter the legal first name.");
        }
        if family.is_empty() && !may_lack(&before.family) && problems.of("family").is_none() {
            problems.add("family", "required", "Please enter the legal last name.");
        }
        let concern = problems
            .keep("presenting_concern", text::lines(self.presenting_concern.trim(), 2000))
            .unwrap_or_default();
        Demographics {
            family,
            given,
            middle,
            suffix,
            preferred_name,
            previous_names: listed(&previous),
            pronouns,
            birth_date: self.birth_date(before, today, problems),
            birth_date_estimated: !self.birth_date_estimated.is_empty(),
            sex: chosen("sex_administrative", &self.sex_administrative, problems),
            marital_status: self.marital_status(problems),
            languages: self.languages(&languages, problems),
            race: before.race.clone(),
            ethnicity: before.ethnicity.clone(),
            presenting_concern: (!concern.is_empty()).then_some(concern),
            payment_mode: chosen("payment_mode", &self.payment_mode, problems),
        }
    }

    /// Checks a whole registration.
    pub(crate) fn registration(&self, today: Date) -> Result<NewClient, Problems> {
        let mut problems = Problems::default();
        let who = self.demographics(&Demographics::default(), today, &mut problems);
        let mut contacts = Vec::new();
        for (field, typed, kind) in [
            ("phone", &self.phone, ContactKind::Phone),
            ("email", &self.email, ContactKind::Email),
        ] {
            if !typed.trim().is_empty() {
                let value = if kind == ContactKind::Phone {
                    text::phone(typed)
                } else {
                    text::email(typed)
                };
                contacts.extend(
                    problems
                        .keep(field, value)
                        .map(|value| NewContact::plain(kind, ContactUse::Home, value)),
                );
            }
        }
        contacts.extend(self.address(&mut problems));
        let clinician = match self.clinician.trim() {
            "" => None,
            typed => typed
                .parse()
                .map_err(|_| problems.add("clinician", "unknown", "Please choose a clinician from the list."))
                .ok(),
        };
        if problems.is_empty() {
            Ok(NewClient {
                who,
                contacts,
                clinician,
                is_different_person: !self.different_person.is_empty(),
            })
        } else {
            Err(problems)
        }
    }

    fn address(&self, problems: &mut Problems) -> Option<NewContact> {
        let before = problems.0.len();
        let mut part = |field: &'static str, typed: &str, max: usize| {
            problems.keep(field, text::optional_line(typed, max)).flatten()
        };
        let (line, city) = (
            part("address_line", &self.address_line, 200),
            part("city", &self.city, 100),
        );
        let (state, postal_code) = (
            part("state", &self.state, 40),
            part("postal_code", &self.postal_code, 20),
        );
        if problems.0.len() > before || [&line, &city, &state, &postal_code].iter().all(|part| part.is_none()) {
            return None;
        }
        Some(NewContact::postal(
            ContactUse::Home,
            line,
            city,
            state,
            postal_code,
            None,
        ))
    }

    fn birth_date(&self, before: &Demographics, today: Date, problems: &mut Problems) -> Option<Date> {
        if self.birth_date.trim().is_empty() {
            // Records that came without one stay editable; a registration by a person asks for it.
            let came_without = before.birth_date.is_none() && !(before.given.is_empty() && before.family.is_empty());
            if !came_without {
                problems.add("birth_date", "required", "Please enter the date of birth.");
            }
            return None;
        }
        let date = problems.keep("birth_date", text::date(&self.birth_date))?;
        if date > today {
            problems.add("birth_date", "future", "Birth date cannot be in the future.");
        } else if kernel::when::age(date, today) > AGE_MAX && before.birth_date != Some(date) {
            problems.add(
                "birth_date",
                "too_long_ago",
                "Please check the year: this is more than 120 years ago.",
            );
        }
        Some(date)
    }

    fn marital_status(&self, problems: &mut Problems) -> Option<String> {
        let typed = self.marital_status.trim();
        if typed.is_empty() || MARITAL_STATUSES.iter().any(|(code, _)| *code == typed) {
            return (!typed.is_empty()).then(|| typed.to_owned());
        }
        problems.add("marital_status", "unknown", "Please choose from the list.");
        None
    }

    fn languages(&self, typed: &str, problems: &mut Problems) -> Vec<String> {
        let languages = listed(typed);
        let is_tag = |tag: &String| {
            (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !languages.iter().all(is_tag) {
            problems.add("languages", "shape", "Please enter language codes, like en, es.");
        }
        languages
    }
}

fn listed(typed: &str) -> Vec<String> {
    typed
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn chosen<T: std::str::FromStr>(field: &'static str, typed: &str, problems: &mut Problems) -> Option<T> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    typed
        .parse()
        .map_err(|_| problems.add(field, "unknown", "Please choose from the list."))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 2);

    fn john() -> ClientForm {
        ClientForm {
            given: "John".into(),
            family: "Smith".into(),
            birth_date: "04/12/1986".into(),
            phone: "(312) 555-0142".into(),
            ..ClientForm::default()
        }
    }

    /// CLI, walk-through 1 and 2.
    #[test]
    fn cli_1_a_registration_is_checked_whole() {
        let new = john().registration(TODAY).unwrap();
        assert_eq!(
            (new.who.birth_date, new.contacts[0].value.as_str()),
            (Some(date(1986, 4, 12)), "+13125550142")
        );
        let bad = ClientForm {
            given: " ".into(),
            birth_date: "2099-01-01".into(),
            email: "nobody".into(),
            sex_administrative: "?".into(),
            ..john()
        };
        let problems = bad.registration(TODAY).unwrap_err();
        assert_eq!(problems.of("birth_date"), Some("Birth date cannot be in the future."));
        for field in ["given", "email", "sex_administrative"] {
            assert!(problems.of(field).is_some(), "{field}");
        }
        assert!(problems.of("family").is_none());
    }

    #[test]
    fn hostile_text_is_kept_or_refused_whole() {
        let kept = ClientForm {
            family: "<b>O'Brien</b>".into(),
            ..john()
        }
        .registration(TODAY)
        .unwrap();
        assert_eq!(kept.who.family, "<b>O'Brien</b>");
        for family in ["a\u{0}b".to_owned(), "x".repeat(101)] {
            assert!(ClientForm { family, ..john() }.registration(TODAY).is_err());
        }
    }

    #[test]
    fn an_edit_starts_from_what_is_stored_and_changes_nothing_by_itself() {
        let who = john().registration(TODAY).unwrap().who;
        let mut problems = Problems::default();
        assert_eq!(ClientForm::of(&who, 1).demographics(&who, TODAY, &mut problems), who);
        assert!(problems.is_empty());
    }
}
