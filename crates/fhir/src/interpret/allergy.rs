//! AllergyIntolerance → allergy.

use serde_json::Value;

use super::Read;
use super::reader::Reader;
use crate::draft::{AllergyDraft, Draft, ReactionDraft};
use crate::json;
use crate::types::Concept;

const MAPPED: [&str; 13] = [
    "clinicalStatus",
    "verificationStatus",
    "type",
    "category",
    "criticality",
    "code",
    "patient",
    "onsetDateTime",
    "recordedDate",
    "lastOccurrence",
    "reaction",
    "note",
    "onsetPeriod",
];

pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let allergy = reader.resource();
    // Where only the reactions name the substance, the first of them is what the allergy is to.
    let substance = || {
        json::list(allergy, "reaction")
            .iter()
            .find_map(|reaction| Concept::field(reaction, "substance"))
    };
    let code = Concept::field(allergy, "code").or_else(substance);
    let Some((code, title)) = code.and_then(|code| code.label().map(str::to_owned).map(|title| (code, title))) else {
        reader.lacks("code");
        return None;
    };
    let draft = AllergyDraft {
        code,
        title,
        clinical_status: reader.status("clinicalStatus"),
        verification_status: reader.status("verificationStatus"),
        kind: reader.status("type"),
        categories: json::texts(allergy, "category"),
        criticality: json::text(allergy, "criticality"),
        onset: reader
            .when("onsetDateTime")
            .or_else(|| reader.when("onsetPeriod.start")),
        recorded: reader.when("recordedDate"),
        last_occurrence: reader.when("lastOccurrence"),
        reactions: json::list(allergy, "reaction")
            .iter()
            .map(reaction)
            .filter(|reaction| *reaction != ReactionDraft::default())
            .collect(),
        notes: reader.notes(),
    };
    Some((Draft::Allergy(Box::new(draft)), &MAPPED))
}

fn reaction(value: &Value) -> ReactionDraft {
    ReactionDraft {
        manifestations: Concept::fields(value, "manifestation"),
        severity: json::text(value, "severity"),
        description: json::text(value, "description"),
    }
}
