//! Condition, Observation, AllergyIntolerance.

use serde_json::Value;

use super::{
    To, Version, begin, code_or_unknown, concept, concepts, notes, or_unknown, reference, references, terminology,
};
use crate::date::When;
use crate::draft::{ComponentDraft, ObservationValue, Quantity};
use crate::json::Object;
use crate::types::{Concept, system};

/// A problem or diagnosis, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// Id and version.
    pub version: Version,
    /// Whose.
    pub patient: To,
    /// `problem-list-item`, `health-concern` or `encounter-diagnosis`; empty means the first.
    pub category: String,
    /// Codes and words.
    pub code: Concept,
    /// `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`.
    pub clinical_status: String,
    /// `unconfirmed`, `provisional`, `differential`, `confirmed`, `refuted`, `entered-in-error`.
    pub verification_status: String,
    /// How severe.
    pub severity: Option<Concept>,
    /// When it began.
    pub onset: Option<When>,
    /// When it began, in words; written only where no date is known.
    pub onset_text: Option<String>,
    /// When it ended.
    pub abatement: Option<When>,
    /// When it was written down.
    pub recorded: Option<When>,
    /// Who wrote it down.
    pub recorder: Option<To>,
    /// At which visit.
    pub encounter: Option<To>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// Writes a Condition.
#[must_use]
pub fn condition(condition: &Condition) -> Value {
    let is_diagnosis = condition.category == "encounter-diagnosis";
    let profile = if is_diagnosis {
        "condition-encounter-diagnosis"
    } else {
        "condition-problems-health-concerns"
    };
    let category = if condition.category.is_empty() {
        "problem-list-item"
    } else {
        &condition.category
    };
    // The standard forbids a clinical status beside "entered in error".
    let withdrawn = condition.verification_status == "entered-in-error";
    let clinical = if withdrawn {
        ""
    } else {
        condition.clinical_status.as_str()
    };
    let onset_text = condition.onset_text.as_deref().filter(|_| condition.onset.is_none());
    begin("Condition", &condition.version, &[profile])
        .put("clinicalStatus", terminology("condition-clinical", clinical))
        .put(
            "verificationStatus",
            terminology("condition-ver-status", &condition.verification_status),
        )
        .list("category", [terminology("condition-category", category)])
        .put("severity", concept(condition.severity.as_ref()))
        .put("code", or_unknown(condition.code.write()))
        .put("subject", or_unknown(condition.patient.write()))
        .put("encounter", reference(condition.encounter.as_ref()))
        .put("onsetDateTime", written(condition.onset))
        .put("onsetString", onset_text)
        .put("abatementDateTime", written(condition.abatement))
        .put("recordedDate", written(condition.recorded))
        .put("recorder", reference(condition.recorder.as_ref()))
        .list("note", notes(&condition.notes))
        .done()
}

fn written(when: Option<When>) -> Option<String> {
    when.map(|when| when.to_string())
}

/// A finding, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Id and version.
    pub version: Version,
    /// Whose.
    pub patient: To,
    /// `final`, `amended` …
    pub status: String,
    /// `survey`, `social-history`, `vital-signs` …
    pub category: String,
    /// What was observed.
    pub code: Concept,
    /// When it held.
    pub effective: Option<When>,
    /// When it was made known.
    pub issued: Option<When>,
    /// Who made it.
    pub performers: Vec<To>,
    /// What was found.
    pub value: Option<ObservationValue>,
    /// Its parts.
    pub components: Vec<ComponentDraft>,
    /// What the value means.
    pub interpretations: Vec<Concept>,
    /// From which answers it was made.
    pub derived_from: Vec<To>,
    /// At which visit.
    pub encounter: Option<To>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// Writes an Observation.
#[must_use]
pub fn observation(observation: &Observation) -> Value {
    let profiles: &[&str] = match observation.category.as_str() {
        "survey" => &["observation-screening-assessment"],
        "vital-signs" => &["vital-signs"],
        _ => &[],
    };
    let found = observation.value.is_some() || !observation.components.is_empty();
    let absent = if found {
        Value::Null
    } else {
        terminology("data-absent-reason", "unknown")
    };
    let part = |part: &ComponentDraft| {
        value(
            Object::default().put("code", or_unknown(part.code.write())),
            part.value.as_ref(),
        )
        .done()
    };
    let issued = observation.issued.filter(|when| matches!(when, When::Instant { .. }));
    let start = begin("Observation", &observation.version, profiles)
        .put("status", code_or_unknown(&observation.status))
        .list("category", [terminology("observation-category", &observation.category)])
        .put("code", or_unknown(observation.code.write()))
        .put("subject", or_unknown(observation.patient.write()))
        .put("encounter", reference(observation.encounter.as_ref()))
        .put("effectiveDateTime", written(observation.effective))
        .put("issued", written(issued))
        .list("performer", references(&observation.performers));
    value(start, observation.value.as_ref())
        .put("dataAbsentReason", absent)
        .list("interpretation", concepts(&observation.interpretations))
        .list("note", notes(&observation.notes))
        .list("derivedFrom", references(&observation.derived_from))
        .list("component", observation.components.iter().map(part))
        .done()
}

fn value(object: Object, value: Option<&ObservationValue>) -> Object {
    match value {
        None => object,
        Some(ObservationValue::Quantity(amount)) => object.put("valueQuantity", quantity(amount)),
        Some(ObservationValue::Concept(concept)) => object.put("valueCodeableConcept", concept.write()),
        Some(ObservationValue::Text(text)) => object.put("valueString", text.as_str()),
        Some(ObservationValue::Boolean(answer)) => object.put("valueBoolean", *answer),
        Some(ObservationValue::Integer(digits)) => object.put("valueInteger", number(digits)),
        Some(ObservationValue::When(when)) => object.put("valueDateTime", when.to_string()),
    }
}

fn quantity(quantity: &Quantity) -> Value {
    let system = quantity.code.as_ref().map(|_| system::UCUM);
    Object::default()
        .put("value", number(&quantity.value))
        .put("comparator", quantity.comparator.as_deref())
        .put("unit", quantity.unit.as_deref())
        .put("system", system)
        .put("code", quantity.code.as_deref())
        .done()
}

/// Digits as a JSON number; what is no number is left out.
fn number(digits: &str) -> Value {
    serde_json::from_str::<serde_json::Number>(digits.trim())
        .map(Value::Number)
        .unwrap_or_default()
}

/// An allergy, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Allergy {
    /// Id and version.
    pub version: Version,
    /// Whose.
    pub patient: To,
    /// To what.
    pub code: Concept,
    /// `active`, `inactive`, `resolved`.
    pub clinical_status: String,
    /// `unconfirmed`, `confirmed`, `refuted`, `entered-in-error`.
    pub verification_status: String,
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
    /// Who wrote it down.
    pub recorder: Option<To>,
    /// How it shows.
    pub reactions: Vec<Reaction>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// How an allergy shows, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reaction {
    /// Hives, wheezing …
    pub manifestations: Vec<Concept>,
    /// `mild`, `moderate`, `severe`.
    pub severity: Option<String>,
    /// Words.
    pub description: Option<String>,
}

/// Writes an AllergyIntolerance.
#[must_use]
pub fn allergy(allergy: &Allergy) -> Value {
    let withdrawn = allergy.verification_status == "entered-in-error";
    let clinical = if withdrawn {
        ""
    } else {
        allergy.clinical_status.as_str()
    };
    let reaction = |reaction: &Reaction| {
        Object::default()
            .put("manifestation", super::at_least_one(concepts(&reaction.manifestations)))
            .put("description", reaction.description.as_deref())
            .put("severity", reaction.severity.as_deref())
            .done()
    };
    begin("AllergyIntolerance", &allergy.version, &["allergyintolerance"])
        .put("clinicalStatus", terminology("allergyintolerance-clinical", clinical))
        .put(
            "verificationStatus",
            terminology("allergyintolerance-verification", &allergy.verification_status),
        )
        .put("type", allergy.kind.as_deref())
        .put("category", allergy.categories.clone())
        .put("criticality", allergy.criticality.as_deref())
        .put("code", or_unknown(allergy.code.write()))
        .put("patient", or_unknown(allergy.patient.write()))
        .put("onsetDateTime", written(allergy.onset))
        .put("recordedDate", written(allergy.recorded))
        .put("recorder", reference(allergy.recorder.as_ref()))
        .list("note", notes(&allergy.notes))
        .list("reaction", allergy.reactions.iter().map(reaction))
        .done()
}
