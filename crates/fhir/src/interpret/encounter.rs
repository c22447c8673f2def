//! Encounter → visit in the past.

use serde_json::Value;

use super::Read;
use super::reader::Reader;
use crate::draft::{Draft, EncounterDraft};
use crate::json;
use crate::reference::Reference;
use crate::types::{Coding, Concept};

const MAPPED: [&str; 9] = [
    "status",
    "class",
    "type",
    "subject",
    "participant",
    "period",
    "serviceProvider",
    "location",
    "reasonCode",
];

pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let encounter = reader.resource();
    let period = reader.period("period");
    if period.start.is_none() {
        reader.lacks("period.start");
        return None;
    }
    let class = class(encounter);
    let types = Concept::fields(encounter, "type");
    let title = types.iter().find_map(Concept::label).map(str::to_owned);
    let title = title.unwrap_or_else(|| class_words(class.as_deref()).to_owned());
    let organization = reader.reference("serviceProvider");
    let draft = EncounterDraft {
        status: json::text(encounter, "status").unwrap_or_else(|| "unknown".to_owned()),
        class,
        types,
        title,
        period,
        practitioners: practitioners(reader),
        organization_text: organization
            .as_ref()
            .and_then(|organization| reader.words_of(organization)),
        organization,
        location_text: location(reader),
        reasons: Concept::fields(encounter, "reasonCode"),
    };
    Some((Draft::Encounter(Box::new(draft)), &MAPPED))
}

/// R4 writes the class as one coding; R5 as a list of concepts.
fn class(encounter: &Value) -> Option<String> {
    let value = encounter.get("class")?;
    if let Some(code) = value.as_str() {
        return json::clean(code);
    }
    let concept = || json::list(encounter, "class").iter().find_map(Concept::read);
    Coding::read(value)
        .and_then(|coding| coding.code)
        .or_else(|| concept()?.first_code().map(str::to_owned))
}

fn class_words(class: Option<&str>) -> &'static str {
    match class {
        Some("AMB") => "Outpatient visit",
        Some("VR") => "Video or telephone visit",
        Some("HH") => "Home visit",
        Some("EMER") => "Emergency visit",
        Some("IMP" | "ACUTE" | "NONAC") => "Inpatient stay",
        Some("OBSENC") => "Observation stay",
        Some("SS") => "Short stay",
        Some("FLD") => "Field visit",
        _ => "Visit",
    }
}

fn practitioners(reader: &Reader<'_>) -> Vec<Reference> {
    let of = |participant: &Value| {
        let person = participant.get("individual").or_else(|| participant.get("actor"))?;
        reader.index.reference(reader.entry, person)
    };
    let is_relative = |reference: &Reference| matches!(reference.kind.as_deref(), Some("RelatedPerson" | "Patient"));
    let all = json::list(reader.resource(), "participant").iter().filter_map(of);
    all.filter(|reference| !is_relative(reference)).collect()
}

fn location(reader: &Reader<'_>) -> Option<String> {
    json::list(reader.resource(), "location").iter().find_map(|place| {
        let reference = reader.index.reference(reader.entry, place.get("location")?)?;
        reader.words_of(&reference)
    })
}
