//! One entry under the reader's eye: takes fields out, resolves references, and collects what a person should know.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::bundle::Entry;
use crate::date::{DateError, When};
use crate::json;
use crate::reference::{Index, Reference};
use crate::types::{Concept, Period};

/// Why an entry was refused, or what is noteworthy about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The entry is no object.
    EntryNotAnObject,
    /// The entry has no resource.
    ResourceMissing,
    /// The resource has no type.
    ResourceTypeMissing,
    /// The resource's type is no name.
    ResourceTypeInvalid,
    /// A birth date that cannot be true.
    BirthDateImpossible,
    /// A patient without a name.
    NameMissing,
    /// The patient it belongs to was refused.
    PatientRefused,
    /// Only the year or month of birth is known.
    BirthDateEstimated,
    /// No birth date.
    BirthDateMissing,
    /// A name that lacks its family or its given part.
    NameIncomplete,
    /// A date that cannot be read.
    DateInvalid,
    /// An end before its start.
    PeriodReversed,
    /// An NPI with a wrong check digit or length.
    NpiInvalid,
    /// A reference to something outside the file.
    ReferenceUnresolved,
    /// It names no patient of the file.
    PatientMissing,
    /// It names, among others, a refused patient.
    RefusedPatientMentioned,
    /// Its author withdrew it.
    EnteredInError,
    /// It lacks what a native record cannot do without.
    ElementMissing,
}

impl Code {
    /// The code as reports write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EntryNotAnObject => "entry_not_an_object",
            Self::ResourceMissing => "resource_missing",
            Self::ResourceTypeMissing => "resource_type_missing",
            Self::ResourceTypeInvalid => "resource_type_invalid",
            Self::BirthDateImpossible => "birth_date_impossible",
            Self::NameMissing => "name_missing",
            Self::PatientRefused => "patient_refused",
            Self::BirthDateEstimated => "birth_date_estimated",
            Self::BirthDateMissing => "birth_date_missing",
            Self::NameIncomplete => "name_incomplete",
            Self::DateInvalid => "date_invalid",
            Self::PeriodReversed => "period_reversed",
            Self::NpiInvalid => "npi_invalid",
            Self::ReferenceUnresolved => "reference_unresolved",
            Self::PatientMissing => "patient_missing",
            Self::RefusedPatientMentioned => "refused_patient_mentioned",
            Self::EnteredInError => "entered_in_error",
            Self::ElementMissing => "element_missing",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an entry cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The reason.
    pub code: Code,
    /// Where in the file: `entry[3].resource.birthDate`.
    pub path: String,
    /// The reason as a sentence; it may repeat what stands in the file.
    pub message: String,
}

/// What a person should know about an entry that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub code: Code,
    /// Where in the file.
    pub path: String,
    /// A sentence.
    pub message: String,
}

/// Reads one entry.
pub(super) struct Reader<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) entry: &'a Entry,
    pub(super) warnings: Vec<Warning>,
}

/// Elements of every resource that say nothing about the chart, or that the caller stores anyway.
const ENVELOPE: [&str; 4] = ["resourceType", "id", "meta", "text"];

impl<'a> Reader<'a> {
    pub(super) fn new(index: &'a Index<'a>, entry: &'a Entry) -> Self {
        Self {
            index,
            entry,
            warnings: Vec::new(),
        }
    }

    pub(super) fn resource(&self) -> &'a Value {
        &self.entry.resource
    }

    /// Where a field of this resource stands in the file; an empty field means the resource itself.
    pub(super) fn path(&self, field: &str) -> String {
        let dot = if field.is_empty() { "" } else { "." };
        format!("entry[{}].resource{dot}{field}", self.entry.index)
    }

    pub(super) fn warn(&mut self, code: Code, field: &str, message: impl Into<String>) {
        let path = self.path(field);
        self.warnings.push(Warning {
            code,
            path,
            message: message.into(),
        });
    }

    pub(super) fn refusal(&self, code: Code, field: &str, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            path: self.path(field),
            message: message.into(),
        }
    }

    /// Says that the resource lacks what a native record needs.
    pub(super) fn lacks(&mut self, field: &str) {
        let message = format!("Without {field} it cannot become part of the chart, so it is only kept.");
        self.warn(Code::ElementMissing, field, message);
    }

    /// A date or time of this resource; one that cannot be read is told and left out. `field` may be dotted.
    pub(super) fn when(&mut self, field: &str) -> Option<When> {
        let value = field
            .split('.')
            .try_fold(self.resource(), |value, part| value.get(part))?;
        let parsed = match value.as_str() {
            Some(text) => text.trim().parse(),
            None if value.is_null() => return None,
            None => Err(DateError::Shape),
        };
        match parsed {
            Ok(when) => Some(when),
            Err(error) => {
                self.warn(Code::DateInvalid, field, format!("The date is left out: {error}."));
                None
            }
        }
    }

    /// A period of this resource; an end before its start is told and left out.
    pub(super) fn period(&mut self, field: &str) -> Period {
        let start = self.when(&format!("{field}.start"));
        let mut end = self.when(&format!("{field}.end"));
        if let (Some(from), Some(until)) = (start, end)
            && ends_before(until, from)
        {
            self.warn(
                Code::PeriodReversed,
                &format!("{field}.end"),
                "It ends before it begins; the end is left out.",
            );
            end = None;
        }
        Period { start, end }
    }

    pub(super) fn reference(&self, field: &str) -> Option<Reference> {
        self.resource()
            .get(field)
            .and_then(|value| self.index.reference(self.entry, value))
    }

    pub(super) fn references(&self, field: &str) -> Vec<Reference> {
        let members = json::list(self.resource(), field);
        members
            .iter()
            .filter_map(|value| self.index.reference(self.entry, value))
            .collect()
    }

    /// Words for what a reference points to: its own, else the name of the resource it points to.
    pub(super) fn words_of(&self, reference: &Reference) -> Option<String> {
        let named = |value: &Value| {
            json::text(value, "name").or_else(|| Concept::field(value, "code")?.label().map(str::to_owned))
        };
        let target = || match reference.target.as_ref()? {
            crate::reference::Target::Entry(index) => named(&self.index.entry(*index)?.resource),
            crate::reference::Target::Contained(id) => {
                let contained = json::list(self.resource(), "contained");
                contained
                    .iter()
                    .find(|value| json::text(value, "id").as_deref() == Some(id))
                    .and_then(named)
            }
        };
        reference.display.clone().or_else(target)
    }

    /// The words of `note[].text`.
    pub(super) fn notes(&self) -> Vec<String> {
        json::list(self.resource(), "note")
            .iter()
            .filter_map(|note| json::text(note, "text"))
            .collect()
    }

    /// The code of a concept bound to one small value set, such as `clinicalStatus`.
    pub(super) fn status(&self, field: &str) -> Option<String> {
        let value = self.resource().get(field)?;
        // Older senders write such a status as a bare code.
        json::text(self.resource(), field).or_else(|| Concept::read(value)?.first_code().map(str::to_owned))
    }

    pub(super) fn is_entered_in_error(&self) -> bool {
        ["status", "verificationStatus"]
            .iter()
            .any(|field| self.status(field).as_deref() == Some("entered-in-error"))
    }

    /// The patient whom the resource itself names as its own.
    pub(super) fn own_patient(&self) -> Option<Reference> {
        ["subject", "patient", "beneficiary", "for", "individual"]
            .iter()
            .find_map(|field| {
                let members = match self.resource().get(*field)? {
                    Value::Array(members) => members.as_slice(),
                    lone => std::slice::from_ref(lone),
                };
                let [only] = members else { return None };
                let reference = self.index.reference(self.entry, only)?;
                let may_be_patient = match reference.kind.as_deref() {
                    Some(kind) => kind == "Patient",
                    None => reference.is_unresolved(),
                };
                may_be_patient.then_some(reference)
            })
    }

    /// Elements that are not among the mapped ones.
    pub(super) fn unmapped(&self, mapped: &[&str]) -> Vec<String> {
        let fields = self.resource().as_object().into_iter().flat_map(|fields| fields.keys());
        fields
            .filter(|field| !mapped.contains(&field.as_str()) && !ENVELOPE.contains(&field.as_str()))
            .cloned()
            .collect()
    }
}

fn ends_before(until: When, from: When) -> bool {
    match (from, until) {
        (When::Instant { at: from, .. }, When::Instant { at: until, .. }) => until < from,
        _ => until.day_after() <= from.first_day(),
    }
}
