//! How a drug is to be taken, in one line: the sender's words where there are any, else put together from the parts.

use serde_json::Value;

use super::observation::{quantity, range};
use crate::json;
use crate::types::Concept;

/// All dosage instructions of a prescription.
pub(super) fn text(prescription: &Value) -> Option<String> {
    let instructions = match json::list(prescription, "dosageInstruction") {
        [] => json::list(prescription, "dosage"),
        some => some,
    };
    let lines: Vec<String> = instructions.iter().filter_map(instruction).collect();
    (!lines.is_empty()).then(|| lines.join("; then "))
}

fn instruction(dosage: &Value) -> Option<String> {
    if let Some(words) = json::text(dosage, "text").or_else(|| json::text(dosage, "patientInstruction")) {
        return Some(words);
    }
    let label = |key: &str| Concept::field(dosage, key).and_then(|concept| concept.label().map(str::to_owned));
    let as_needed = match dosage.get("asNeededBoolean").and_then(Value::as_bool) {
        Some(true) => Some("as needed".to_owned()),
        _ => label("asNeededCodeableConcept").map(|reason| format!("as needed for {reason}")),
    };
    let parts = [
        amount(dosage),
        label("route"),
        dosage.get("timing").and_then(timing),
        as_needed,
    ];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    (!line.is_empty()).then_some(line)
}

fn amount(dosage: &Value) -> Option<String> {
    let dose = json::list(dosage, "doseAndRate").first().unwrap_or(dosage);
    let amount = dose
        .get("doseQuantity")
        .and_then(quantity)
        .map(|quantity| match (&quantity.unit, &quantity.code) {
            (None, None) => format!("dose {quantity}"),
            _ => quantity.to_string(),
        });
    amount.or_else(|| range(dose.get("doseRange")?))
}

fn timing(timing: &Value) -> Option<String> {
    let named = || Concept::field(timing, "code").and_then(|code| code.label().map(str::to_owned));
    timing.get("repeat").and_then(repeat).or_else(named)
}

fn repeat(repeat: &Value) -> Option<String> {
    let period = json::decimal(repeat, "period")?;
    let (unit, units) = match repeat.get("periodUnit")?.as_str()? {
        "s" => ("second", "seconds"),
        "min" => ("minute", "minutes"),
        "h" => ("hour", "hours"),
        "d" => ("day", "days"),
        "wk" => ("week", "weeks"),
        "mo" => ("month", "months"),
        "a" => ("year", "years"),
        _ => return None,
    };
    let frequency = json::decimal(repeat, "frequency").unwrap_or_else(|| "1".to_owned());
    let is_one = |number: &str| matches!(number, "1" | "1.0");
    Some(match (is_one(&frequency), is_one(&period)) {
        (true, true) => format!("once every {unit}"),
        (true, false) => format!("every {period} {units}"),
        (false, true) => format!("{frequency} times every {unit}"),
        (false, false) => format!("{frequency} times every {period} {units}"),
    })
}
