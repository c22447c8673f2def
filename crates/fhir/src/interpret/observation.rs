//! Observation of a survey, of social history or of vital signs → finding of the chart. Others are kept.

use serde_json::Value;

use super::Read;
use super::reader::Reader;
use crate::date::When;
use crate::draft::{ComponentDraft, Draft, ObservationDraft, ObservationValue, Quantity};
use crate::json;
use crate::types::Concept;

const NATIVE_CATEGORIES: [&str; 3] = ["survey", "social-history", "vital-signs"];

const MAPPED: [&str; 22] = [
    "status",
    "category",
    "code",
    "subject",
    "encounter",
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "issued",
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueBoolean",
    "valueInteger",
    "valueDateTime",
    "valueTime",
    "dataAbsentReason",
    "component",
    "interpretation",
    "hasMember",
    "note",
    "valueRange",
];

pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let observation = reader.resource();
    // An observation of another category is no fault, so nothing is said about it.
    let category = native_category(observation)?;
    let Some((code, title)) =
        Concept::field(observation, "code").and_then(|code| code.label().map(str::to_owned).map(|title| (code, title)))
    else {
        reader.lacks("code");
        return None;
    };
    let effective = ["effectiveDateTime", "effectiveInstant", "effectivePeriod.start"];
    let draft = ObservationDraft {
        status: json::text(observation, "status").unwrap_or_else(|| "unknown".to_owned()),
        category,
        code,
        title,
        effective: effective.iter().find_map(|field| reader.when(field)),
        issued: reader.when("issued"),
        value: value(observation),
        absent_reason: Concept::field(observation, "dataAbsentReason"),
        components: json::list(observation, "component")
            .iter()
            .filter_map(component)
            .collect(),
        interpretations: Concept::fields(observation, "interpretation"),
        members: reader.references("hasMember"),
        encounter: reader.reference("encounter"),
        notes: reader.notes(),
    };
    Some((Draft::Observation(Box::new(draft)), &MAPPED))
}

fn native_category(observation: &Value) -> Option<String> {
    let categories = Concept::fields(observation, "category");
    let mut codes = categories
        .iter()
        .flat_map(|category| &category.codings)
        .filter_map(|coding| coding.code.as_deref());
    codes.find(|code| NATIVE_CATEGORIES.contains(code)).map(str::to_owned)
}

fn component(value: &Value) -> Option<ComponentDraft> {
    Some(ComponentDraft {
        code: Concept::field(value, "code")?,
        value: self::value(value),
    })
}

/// What was found, in whichever of its forms.
pub(super) fn value(holder: &Value) -> Option<ObservationValue> {
    let when = |key: &str| {
        holder
            .get(key)?
            .as_str()?
            .trim()
            .parse::<When>()
            .ok()
            .map(ObservationValue::When)
    };
    let words = |key: &str| json::text(holder, key).map(ObservationValue::Text);
    let quantity = || {
        holder
            .get("valueQuantity")
            .and_then(quantity)
            .map(ObservationValue::Quantity)
    };
    let concept = || Concept::field(holder, "valueCodeableConcept").map(ObservationValue::Concept);
    let boolean = || holder.get("valueBoolean")?.as_bool().map(ObservationValue::Boolean);
    let integer = || json::decimal(holder, "valueInteger").map(ObservationValue::Integer);
    quantity()
        .or_else(concept)
        .or_else(|| words("valueString"))
        .or_else(boolean)
        .or_else(integer)
        .or_else(|| when("valueDateTime"))
        .or_else(|| words("valueDateTime"))
        .or_else(|| words("valueTime"))
        .or_else(|| range(holder.get("valueRange")?).map(ObservationValue::Text))
}

/// An amount.
pub(super) fn quantity(value: &Value) -> Option<Quantity> {
    Some(Quantity {
        value: json::decimal(value, "value")?,
        comparator: json::text(value, "comparator"),
        unit: json::text(value, "unit"),
        code: json::text(value, "code"),
    })
}

/// `2–4 mg`, or one end of it.
pub(super) fn range(value: &Value) -> Option<String> {
    let low = value.get("low").and_then(quantity);
    let high = value.get("high").and_then(quantity);
    match (low, high) {
        (Some(low), Some(high)) => Some(format!("{}–{high}", low.number())),
        (Some(low), None) => Some(format!("at least {low}")),
        (None, Some(high)) => Some(format!("at most {high}")),
        (None, None) => None,
    }
}
