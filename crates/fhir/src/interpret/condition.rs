//! Condition → problem or diagnosis. All its codes stay, whatever their system.

use serde_json::Value;

use super::Read;
use super::reader::Reader;
use crate::date::When;
use crate::draft::{ConditionDraft, Draft};
use crate::json;
use crate::types::{Concept, system};

const MAPPED: [&str; 19] = [
    "clinicalStatus",
    "verificationStatus",
    "category",
    "severity",
    "code",
    "subject",
    "encounter",
    "onsetDateTime",
    "onsetPeriod",
    "onsetAge",
    "onsetString",
    "abatementDateTime",
    "abatementPeriod",
    "abatementAge",
    "abatementString",
    "recordedDate",
    "recorder",
    "asserter",
    "note",
];

pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let condition = reader.resource();
    let Some((code, title)) =
        Concept::field(condition, "code").and_then(|code| code.label().map(str::to_owned).map(|title| (code, title)))
    else {
        reader.lacks("code");
        return None;
    };
    let (onset, onset_text) = point(reader, "onset");
    let (abatement, abatement_text) = point(reader, "abatement");
    let draft = ConditionDraft {
        icd_10_cm: code.code(system::ICD_10_CM).map(str::to_owned),
        snomed: code.code(system::SNOMED).map(str::to_owned),
        code,
        title,
        categories: Concept::fields(condition, "category"),
        clinical_status: reader.status("clinicalStatus"),
        verification_status: reader.status("verificationStatus"),
        severity: Concept::field(condition, "severity"),
        onset,
        onset_text,
        abatement,
        abatement_text,
        recorded: reader.when("recordedDate"),
        encounter: reader.reference("encounter"),
        asserter: reader.reference("asserter").or_else(|| reader.reference("recorder")),
        notes: reader.notes(),
    };
    Some((Draft::Condition(Box::new(draft)), &MAPPED))
}

/// When something began or ended: as a date where it can be one, else in words.
fn point(reader: &mut Reader<'_>, name: &str) -> (Option<When>, Option<String>) {
    let condition = reader.resource();
    let at = reader
        .when(&format!("{name}DateTime"))
        .or_else(|| reader.when(&format!("{name}Period.start")));
    let words = json::text(condition, &format!("{name}String")).or_else(|| {
        let age: &Value = condition.get(format!("{name}Age"))?;
        let unit = json::text(age, "unit")
            .or_else(|| json::text(age, "code"))
            .unwrap_or_default();
        json::decimal(age, "value").map(|value| format!("at the age of {value} {unit}").trim_end().to_owned())
    });
    (at, words)
}
