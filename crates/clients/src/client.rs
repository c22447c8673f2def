//! The client: who this is, and the rules of what a registration or edit may say. Pure; no SQL, no HTML.

pub mod api;
pub mod directory;
pub mod form;
pub mod ops;
pub mod pages;
pub(crate) mod store;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::UserId;

use crate::contact::NewContact;
pub use form::ClientForm;

kernel::words! {
    /// Where a client stands between first call and discharge.
    Status {
        /// Asked for care.
        Inquiry = "inquiry",
        /// Waits for a place.
        Waitlisted = "waitlisted",
        /// Being admitted.
        Intake = "intake",
        /// In care.
        Active = "active",
        /// In care, but not seen for a while.
        Inactive = "inactive",
        /// Care has ended.
        Discharged = "discharged",
        /// Care was not begun.
        Declined = "declined",
        /// Has died.
        Deceased = "deceased",
        /// Should never have been registered.
        EnteredInError = "entered_in_error",
        /// Lives on in another record.
        Merged = "merged",
    }
}

impl Status {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inquiry => "Inquiry",
            Self::Waitlisted => "Waitlisted",
            Self::Intake => "Intake",
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Discharged => "Discharged",
            Self::Declined => "Declined",
            Self::Deceased => "Deceased",
            Self::EnteredInError => "Entered in error",
            Self::Merged => "Merged",
        }
    }

    /// What it means to the reader.
    #[must_use]
    pub const fn tone(self) -> ui::Tone {
        match self {
            Self::Active => ui::Tone::Success,
            Self::Intake | Self::Inquiry | Self::Waitlisted => ui::Tone::Info,
            Self::EnteredInError | Self::Merged => ui::Tone::Attention,
            Self::Inactive | Self::Discharged | Self::Declined | Self::Deceased => ui::Tone::Neutral,
        }
    }
}

kernel::words! {
    /// Administrative sex, as claims send it (FHIR administrative-gender).
    Sex {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Another.
        Other = "other",
        /// Not known.
        Unknown = "unknown",
    }
}

impl Sex {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Female => "Female",
            Self::Male => "Male",
            Self::Other => "Other",
            Self::Unknown => "Not known",
        }
    }
}

kernel::words! {
    /// Who is expected to pay.
    PaymentMode {
        /// The client.
        SelfPay = "self_pay",
        /// A health plan.
        Insurance = "insurance",
        /// An employee assistance programme.
        Eap = "eap",
        /// Another programme.
        OtherProgram = "other_program",
    }
}

impl PaymentMode {
    /// The words on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SelfPay => "Self-pay",
            Self::Insurance => "Insurance",
            Self::Eap => "Employee assistance",
            Self::OtherProgram => "Other program",
        }
    }
}

/// HL7 v3 MaritalStatus codes with their words.
pub const MARITAL_STATUSES: &[(&str, &str)] = &[
    ("S", "Never married"),
    ("M", "Married"),
    ("T", "Domestic partner"),
    ("L", "Legally separated"),
    ("D", "Divorced"),
    ("W", "Widowed"),
    ("U", "Unmarried"),
    ("A", "Annulled"),
    ("C", "Common law"),
    ("I", "Interlocutory"),
    ("P", "Polygamous"),
    ("UNK", "Unknown"),
];

/// Who a person is, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demographics {
    /// Legal family name; may be empty where only a given name exists.
    pub family: String,
    /// Legal given name; may be empty where only a family name exists.
    pub given: String,
    /// Other given names.
    pub middle: Option<String>,
    /// `Jr.` …
    pub suffix: Option<String>,
    /// The name the person goes by.
    pub preferred_name: Option<String>,
    /// Maiden and other earlier names.
    pub previous_names: Vec<String>,
    /// `she/her` …
    pub pronouns: Option<String>,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Only the year or month is known.
    pub birth_date_estimated: bool,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// HL7 v3 MaritalStatus code.
    pub marital_status: Option<String>,
    /// BCP 47, preferred first.
    pub languages: Vec<String>,
    /// CDC Race & Ethnicity codes.
    pub race: Vec<String>,
    /// CDC Race & Ethnicity codes.
    pub ethnicity: Vec<String>,
    /// Why the person comes.
    pub presenting_concern: Option<String>,
    /// Who is expected to pay.
    pub payment_mode: Option<PaymentMode>,
}

/// A registration, checked.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    /// Who it is.
    pub who: Demographics,
    /// How to reach the person.
    pub contacts: Vec<NewContact>,
    /// Who will treat; `None` leaves it open.
    pub clinician: Option<UserId>,
    /// The registrar has seen the likely duplicates and says that this is another person.
    pub is_different_person: bool,
}

platform::row! {
    /// A client as stored, with what the chart's head needs.
    pub(crate) struct ClientRow {
        pub id: kernel::ClientId,
        pub mrn: String,
        pub family: String,
        pub given: String,
        pub middle: Option<String>,
        pub suffix: Option<String>,
        pub preferred_name: Option<String>,
        pub previous_names: Vec<String>,
        pub pronouns: Option<String>,
        pub birth_date: Option<Date>,
        pub birth_date_estimated: bool,
        pub deceased_at: Option<Timestamp>,
        pub sex_administrative: Sex,
        pub marital_status: Option<String>,
        pub languages: Vec<String>,
        pub race: Vec<String>,
        pub ethnicity: Vec<String>,
        pub status: Status,
        pub presenting_concern: Option<String>,
        pub payment_mode: Option<PaymentMode>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        pub is_assigned: bool,
        pub clinician: Option<String>,
        pub active_allergies: i64,
    }
}

impl ClientRow {
    /// What an edit starts from.
    pub(crate) fn demographics(&self) -> Demographics {
        Demographics {
            family: self.family.clone(),
            given: self.given.clone(),
            middle: self.middle.clone(),
            suffix: self.suffix.clone(),
            preferred_name: self.preferred_name.clone(),
            previous_names: self.previous_names.clone(),
            pronouns: self.pronouns.clone(),
            birth_date: self.birth_date,
            birth_date_estimated: self.birth_date_estimated,
            sex: Some(self.sex_administrative),
            marital_status: self.marital_status.clone(),
            languages: self.languages.clone(),
            race: self.race.clone(),
            ethnicity: self.ethnicity.clone(),
            presenting_concern: self.presenting_concern.clone(),
            payment_mode: self.payment_mode,
        }
    }
}

/// The name a person is spoken to by: the preferred name before the family name, else the given one.
#[must_use]
pub fn spoken_name(preferred: Option<&str>, given: &str, family: &str) -> String {
    // A preferred name of several words is the whole name already.
    match preferred {
        Some(whole) if whole.contains(' ') => whole.to_owned(),
        Some(first) => format!("{first} {family}").trim().to_owned(),
        None => format!("{given} {family}").trim().to_owned(),
    }
}

/// The record number's text.
#[must_use]
pub fn record_number(number: i64) -> String {
    format!("{number:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CLI-3.
    #[test]
    fn cli_3_record_numbers_have_six_digits_at_least() {
        assert_eq!(record_number(1), "000001");
        assert_eq!(record_number(1_234_567), "1234567");
    }

    #[test]
    fn people_are_called_by_the_name_they_prefer() {
        assert_eq!(spoken_name(None, "Jonathan", "Smith"), "Jonathan Smith");
        assert_eq!(spoken_name(Some("Jon"), "Jonathan", "Smith"), "Jon Smith");
        assert_eq!(spoken_name(Some("Jo Smythe"), "Jonathan", "Smith"), "Jo Smythe");
        assert_eq!(spoken_name(None, "Madonna", ""), "Madonna");
    }
}
