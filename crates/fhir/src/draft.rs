//! What a foreign resource says, as plain values for the module that will own the record.
//!
//! A draft carries what the chart needs; [`Interpreted::unmapped`](crate::Interpreted::unmapped) names what it leaves out, and the
//! whole resource stays beside it. A draft isn't checked against the rules of the module that receives it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::date::When;
use crate::reference::Reference;
use crate::types::{Address, Concept, Identifier, Name, Period, Telecom};

/// A record that has a home in our charts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Draft {
    /// Patient.
    Client(Box<ClientDraft>),
    /// Practitioner.
    Provider(Box<ProviderDraft>),
    /// Condition.
    Condition(Box<ConditionDraft>),
    /// Encounter.
    Encounter(Box<EncounterDraft>),
    /// Observation of a survey, of social history or of vital signs.
    Observation(Box<ObservationDraft>),
    /// AllergyIntolerance.
    Allergy(Box<AllergyDraft>),
    /// Coverage.
    Coverage(Box<CoverageDraft>),
}

/// A person served (Patient).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientDraft {
    /// Family name, as given; empty where only a given name is known.
    pub family: String,
    /// First given name, as given; empty where only a family name is known.
    pub given: String,
    /// The other given names.
    pub middle: Option<String>,
    /// `Ms.` …
    pub prefix: Option<String>,
    /// `Jr.` …
    pub suffix: Option<String>,
    /// The name the person goes by (use `nickname`, or `usual` beside an official one).
    pub preferred: Option<String>,
    /// Maiden, old and other names.
    pub other_names: Vec<Name>,
    /// Date of birth; the first day of the known year or month where it is estimated.
    pub birth_date: Option<Date>,
    /// Only the year or month of birth is known.
    pub birth_date_estimated: bool,
    /// The person has died.
    pub deceased: bool,
    /// When, where told.
    pub deceased_at: Option<When>,
    /// Administrative gender: `male`, `female`, `other`, `unknown`.
    pub gender: Option<String>,
    /// US Core birth sex: `M`, `F`, `UNK`.
    pub birth_sex: Option<String>,
    /// US Core race: codes of the census bureau and words.
    pub race: Option<Concept>,
    /// US Core ethnicity.
    pub ethnicity: Option<Concept>,
    /// US Core gender identity.
    pub gender_identity: Option<Concept>,
    /// Marital status.
    pub marital_status: Option<Concept>,
    /// Languages, the preferred one first.
    pub languages: Vec<Concept>,
    /// Needs an interpreter.
    pub interpreter_required: Option<bool>,
    /// Mother's maiden name.
    pub mothers_maiden_name: Option<String>,
    /// Whether the sender counts the record as in use.
    pub active: Option<bool>,
    /// Postal addresses, current ones first.
    pub addresses: Vec<Address>,
    /// Phone numbers, preferred ones first.
    pub phones: Vec<Telecom>,
    /// Email addresses.
    pub emails: Vec<Telecom>,
    /// Every number the person is known by.
    pub identifiers: Vec<Identifier>,
    /// Medical record number at the sender.
    pub medical_record_number: Option<Identifier>,
    /// Social security number, as given.
    pub social_security_number: Option<String>,
    /// Driver's licence number.
    pub drivers_license: Option<Identifier>,
    /// Passport number.
    pub passport: Option<Identifier>,
    /// People to reach (emergency contacts, guardians).
    pub contacts: Vec<ContactDraft>,
}

/// A person to reach about a client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContactDraft {
    /// Their name.
    pub name: Option<Name>,
    /// How they are related: `C` is an emergency contact, `N` next of kin …
    pub relationships: Vec<Concept>,
    /// Phones, emails.
    pub telecoms: Vec<Telecom>,
    /// Their address.
    pub address: Option<Address>,
}

/// A provider outside the practice (Practitioner).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProviderDraft {
    /// Family name; empty where only a whole name is known.
    pub family: String,
    /// First given name.
    pub given: String,
    /// The other given names.
    pub middle: Option<String>,
    /// `Dr.` …
    pub prefix: Option<String>,
    /// `MD` …
    pub suffix: Option<String>,
    /// National Provider Identifier, only where its check digit is right.
    pub npi: Option<String>,
    /// Every number, a malformed NPI included.
    pub identifiers: Vec<Identifier>,
    /// Administrative gender.
    pub gender: Option<String>,
    /// Phones and faxes.
    pub phones: Vec<Telecom>,
    /// Email addresses.
    pub emails: Vec<Telecom>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// Whether the sender counts the provider as practising; `true` unless told otherwise.
    pub active: bool,
}

/// A problem or diagnosis (Condition).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConditionDraft {
    /// All codes and words, as given.
    pub code: Concept,
    /// What to show.
    pub title: String,
    /// ICD-10-CM code, where the sender gave one.
    pub icd_10_cm: Option<String>,
    /// SNOMED CT code, where the sender gave one.
    pub snomed: Option<String>,
    /// `problem-list-item`, `encounter-diagnosis`, `health-concern`.
    pub categories: Vec<Concept>,
    /// `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`.
    pub clinical_status: Option<String>,
    /// `unconfirmed`, `provisional`, `differential`, `confirmed`, `refuted`.
    pub verification_status: Option<String>,
    /// How severe.
    pub severity: Option<Concept>,
    /// When it began.
    pub onset: Option<When>,
    /// When it began, in words.
    pub onset_text: Option<String>,
    /// When it ended.
    pub abatement: Option<When>,
    /// When it ended, in words.
    pub abatement_text: Option<String>,
    /// When it was written down.
    pub recorded: Option<When>,
    /// The visit at which it was found.
    pub encounter: Option<Reference>,
    /// Who asserts it, else who wrote it down.
    pub asserter: Option<Reference>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// A visit in the past (Encounter).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EncounterDraft {
    /// `finished`, `in-progress`, `planned` …
    pub status: String,
    /// Class code: `AMB`, `EMER`, `IMP`, `VR` …
    pub class: Option<String>,
    /// Kinds of visit.
    pub types: Vec<Concept>,
    /// What to show.
    pub title: String,
    /// From when to when; the start is always known.
    pub period: Period,
    /// Who took part on the provider's side.
    pub practitioners: Vec<Reference>,
    /// Where it took place, as an organization.
    pub organization: Option<Reference>,
    /// That organization's name, from the bundle where it is there.
    pub organization_text: Option<String>,
    /// Where it took place, in words.
    pub location_text: Option<String>,
    /// Why.
    pub reasons: Vec<Concept>,
}

/// Something measured, asked or told (Observation).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObservationDraft {
    /// `final`, `amended`, `preliminary` …
    pub status: String,
    /// `survey`, `social-history` or `vital-signs`.
    pub category: String,
    /// What was observed.
    pub code: Concept,
    /// What to show.
    pub title: String,
    /// When it held.
    pub effective: Option<When>,
    /// When it was made known.
    pub issued: Option<When>,
    /// What was found.
    pub value: Option<ObservationValue>,
    /// Why nothing was found.
    pub absent_reason: Option<Concept>,
    /// The parts of a finding such as a blood pressure.
    pub components: Vec<ComponentDraft>,
    /// What the value means.
    pub interpretations: Vec<Concept>,
    /// The observations that a panel holds together.
    pub members: Vec<Reference>,
    /// The visit at which it was made.
    pub encounter: Option<Reference>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// A part of an observation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComponentDraft {
    /// What was observed.
    pub code: Concept,
    /// What was found.
    pub value: Option<ObservationValue>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ObservationValue {
    /// An amount.
    Quantity(Quantity),
    /// A code.
    Concept(Concept),
    /// Words.
    Text(String),
    /// Yes or no.
    Boolean(bool),
    /// A whole number, as written.
    Integer(String),
    /// A date or time.
    When(When),
}

/// An amount. Closing zeros of the sender are not kept; the resource's own text has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// The number as decimal text.
    pub value: String,
    /// `<`, `<=`, `>=`, `>` where the true value lies beyond the given one.
    pub comparator: Option<String>,
    /// The unit in words.
    pub unit: Option<String>,
    /// The unit's code.
    pub code: Option<String>,
}

impl Quantity {
    /// The number as a person reads it: comparator first, at most two places where the sender wrote more than four.
    #[must_use]
    pub fn number(&self) -> String {
        let comparator = self.comparator.as_deref().unwrap_or_default();
        let places = self.value.split_once('.').map_or(0, |(_, places)| places.len());
        let rounded = (places > 4).then(|| self.value.parse::<f64>().ok()).flatten();
        match rounded {
            Some(number) if number.abs() >= 0.1 => {
                let text = format!("{number:.2}");
                format!("{comparator}{}", text.trim_end_matches('0').trim_end_matches('.'))
            }
            _ => format!("{comparator}{}", self.value),
        }
    }
}

/// `52.98 cm`: for the eye; [`Quantity::value`] holds the true digits.
impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.number())?;
        // A unit in braces is an annotation ("{score}"), which says nothing to a reader.
        match self
            .unit
            .as_deref()
            .or(self.code.as_deref())
            .filter(|unit| !unit.starts_with('{') && *unit != "1")
        {
            Some("%") => formatter.write_str("%"),
            Some(unit) => write!(formatter, " {unit}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ObservationValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(quantity) => quantity.fmt(formatter),
            Self::Concept(concept) => formatter.write_str(concept.label().unwrap_or_default()),
            Self::Text(words) | Self::Integer(words) => formatter.write_str(words),
            Self::Boolean(true) => formatter.write_str("Yes"),
            Self::Boolean(false) => formatter.write_str("No"),
            Self::When(when) => when.fmt(formatter),
        }
    }
}

/// An allergy or intolerance (AllergyIntolerance).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AllergyDraft {
    /// To what.
    pub code: Concept,
    /// What to show.
    pub title: String,
    /// `active`, `inactive`, `resolved`.
    pub clinical_status: Option<String>,
    /// `unconfirmed`, `confirmed`, `refuted`.
    pub verification_status: Option<String>,
    /// `allergy` or `intolerance`.
    pub kind: Option<String>,
    /// `food`, `medication`, `environment`, `biologic`.
    pub categories: Vec<String>,
    /// `low`, `high`, `unable-to-assess`.
    pub criticality: Option<String>,
    /// When it began.
    pub onset: Option<When>,
    /// When it was written down.
    pub recorded: Option<When>,
    /// When it last showed.
    pub last_occurrence: Option<When>,
    /// How it shows.
    pub reactions: Vec<ReactionDraft>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// How an allergy shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReactionDraft {
    /// Hives, wheezing …
    pub manifestations: Vec<Concept>,
    /// `mild`, `moderate`, `severe`.
    pub severity: Option<String>,
    /// Words.
    pub description: Option<String>,
}

/// An insurance (Coverage).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageDraft {
    /// `active`, `cancelled`, `draft`.
    pub status: String,
    /// Kind of insurance.
    pub kind: Option<Concept>,
    /// Who pays.
    pub payors: Vec<Reference>,
    /// The payer's name, from the bundle where it is there.
    pub payor_text: Option<String>,
    /// The subscriber's number.
    pub subscriber_id: Option<String>,
    /// Who holds the policy.
    pub subscriber: Option<Reference>,
    /// How the client is related to the subscriber: `self`, `spouse`, `child` …
    pub relationship: Option<Concept>,
    /// Dependent number.
    pub dependent: Option<String>,
    /// From when to when.
    pub period: Period,
    /// `group`, `plan`, `rxbin` … with their values.
    pub classes: Vec<CoverageClass>,
    /// 1 is primary.
    pub order: Option<u32>,
    /// Every number, the member number included.
    pub identifiers: Vec<Identifier>,
}

/// One grouping of an insurance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageClass {
    /// `group`, `plan` …
    pub kind: String,
    /// The group's or plan's number.
    pub value: String,
    /// Its name.
    pub name: Option<String>,
}

/// A resource kept as it came, with a line for the chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Under which heading of the chart it is shown.
    pub category: Category,
    /// What it is about; never empty.
    pub title: String,
    /// When it happened, as well as can be told.
    pub when: Option<When>,
    /// The sender's status.
    pub status: Option<String>,
    /// A line more: dose, result, amount …
    pub detail: Option<String>,
}

/// Headings of the chart for kept resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Problems and visits that could not become native.
    History,
    /// Prescriptions, dispensed and administered drugs.
    Medication,
    /// Laboratory and other findings.
    Result,
    /// Reports.
    Report,
    /// Images.
    Imaging,
    /// Vaccinations.
    Immunization,
    /// Procedures and orders.
    Procedure,
    /// Plans and goals of care.
    Plan,
    /// Who cares for the person.
    CareTeam,
    /// Documents.
    Document,
    /// Claims, explanations of benefit and insurance.
    Billing,
    /// Organizations, places and people outside.
    Directory,
    /// Implants, aids.
    Device,
    /// Anything else.
    Other,
}

impl Category {
    /// The heading.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::History => "History",
            Self::Medication => "Medications",
            Self::Result => "Results",
            Self::Report => "Reports",
            Self::Imaging => "Imaging",
            Self::Immunization => "Immunizations",
            Self::Procedure => "Procedures and orders",
            Self::Plan => "Plans and goals",
            Self::CareTeam => "Care team",
            Self::Document => "Documents",
            Self::Billing => "Billing",
            Self::Directory => "Directory",
            Self::Device => "Devices",
            Self::Other => "Other",
        }
    }
}
