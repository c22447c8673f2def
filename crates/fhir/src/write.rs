//! Our records as FHIR R4 JSON, after the profiles of US Core 6.1.0.
//!
//! Takes plain structs and gives plain JSON; what may be shown to whom is decided before. Invariants: an empty field is left out and
//! `null` is never written; where a profile demands what the practice doesn't know, that is said and nothing is made up.

mod capability;
mod clinical;
mod coverage;
mod person;
mod result;
mod visit;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::json::Object;
use crate::types::Concept;

pub use capability::{Capability, ResourceCapability, Security, capability_statement};
pub use clinical::{Allergy, Condition, Observation, Reaction, allergy, condition, observation};
pub use coverage::{Coverage, coverage};
pub use person::{Contact, Organization, Patient, Practitioner, organization, patient, practitioner};
pub use result::{Issue, IssueCode, Link, Page, Severity, operation_outcome, page_link, searchset};
pub use visit::{Appointment, Encounter, Participant, appointment, encounter};

const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-";
const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";

/// Which version of a record is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The logical id: our own, as text.
    pub id: String,
    /// The record's version, which is also its ETag.
    pub version: i64,
    /// When it last changed.
    pub updated: Timestamp,
    /// Security labels as (system, code).
    pub labels: Vec<(String, String)>,
}

impl Default for Version {
    fn default() -> Self {
        Self {
            id: String::new(),
            version: 1,
            updated: Timestamp::UNIX_EPOCH,
            labels: Vec::new(),
        }
    }
}

/// A pointer to another of our resources, or to somebody in words alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct To {
    /// `Patient`, `Practitioner` …; empty where only words are known.
    pub kind: String,
    /// The id; empty where only words are known.
    pub id: String,
    /// Words for a reader.
    pub display: Option<String>,
}

impl To {
    /// To a resource of ours.
    #[must_use]
    pub fn new(kind: &str, id: impl ToString) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_string(),
            display: None,
        }
    }

    /// The same with words.
    #[must_use]
    pub fn called(self, display: &str) -> Self {
        Self {
            display: Some(display.to_owned()),
            ..self
        }
    }

    /// To somebody who is known in words alone.
    #[must_use]
    pub fn words(display: &str) -> Self {
        Self {
            display: Some(display.to_owned()),
            ..Self::default()
        }
    }

    fn write(&self) -> Value {
        let literal = if self.kind.is_empty() || self.id.is_empty() {
            String::new()
        } else {
            format!("{}/{}", self.kind, self.id)
        };
        Object::default()
            .put("reference", literal)
            .put("display", self.display.as_deref())
            .done()
    }
}

/// Begins a resource: type, id, meta.
fn begin(kind: &str, version: &Version, profiles: &[&str]) -> Object {
    let profiles = profiles
        .iter()
        .map(|profile| Value::from(format!("{US_CORE}{profile}")));
    let label = |(system, code): &(String, String)| {
        Object::default()
            .put("system", system.as_str())
            .put("code", code.as_str())
            .done()
    };
    let meta = Object::default()
        .put("versionId", version.version.to_string())
        .put("lastUpdated", version.updated.to_string())
        .list("profile", profiles)
        .list("security", version.labels.iter().map(label));
    Object::resource(kind)
        .put("id", version.id.as_str())
        .put("meta", meta.done())
}

fn concepts(all: &[Concept]) -> impl Iterator<Item = Value> + '_ {
    all.iter().map(Concept::write)
}

fn concept(one: Option<&Concept>) -> Value {
    one.map(Concept::write).unwrap_or_default()
}

fn reference(one: Option<&To>) -> Value {
    one.map(To::write).unwrap_or_default()
}

fn references(all: &[To]) -> impl Iterator<Item = Value> + '_ {
    all.iter().map(To::write)
}

/// A concept from one of the standard's own small code systems.
fn terminology(system: &str, code: &str) -> Value {
    if code.is_empty() {
        Value::Null
    } else {
        json!({"coding": [{"system": format!("{TERMINOLOGY}{system}"), "code": code}]})
    }
}

/// Stands where a profile demands what isn't known.
fn unknown() -> Value {
    json!({"extension": [{
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        "valueCode": "unknown",
    }]})
}

/// The value, or the mark that it is unknown.
fn or_unknown(value: Value) -> Value {
    let empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
    if empty { unknown() } else { value }
}

/// A list of at least one member, if need be the mark that it is unknown.
fn at_least_one(members: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let members: Vec<Value> = members
        .into_iter()
        .filter(|member| member.as_object().is_none_or(|fields| !fields.is_empty()))
        .collect();
    if members.is_empty() { vec![unknown()] } else { members }
}

fn notes(all: &[String]) -> impl Iterator<Item = Value> + '_ {
    all.iter()
        .map(|note| Object::default().put("text", note.as_str()).done())
}

/// A code, or `unknown` where the value set has that.
fn code_or_unknown(code: &str) -> &str {
    if code.is_empty() { "unknown" } else { code }
}
