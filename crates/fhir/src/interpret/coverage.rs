//! Coverage → insurance.

use serde_json::Value;

use super::Read;
use super::reader::Reader;
use crate::draft::{CoverageClass, CoverageDraft, Draft};
use crate::json;
use crate::reference::Reference;
use crate::types::{Concept, Identifier};

const MAPPED: [&str; 13] = [
    "identifier",
    "status",
    "type",
    "policyHolder",
    "subscriber",
    "subscriberId",
    "beneficiary",
    "dependent",
    "relationship",
    "period",
    "payor",
    "class",
    "order",
];

pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let coverage = reader.resource();
    let payors = reader.references("payor");
    let kind = Concept::field(coverage, "type");
    let payor_text = payors.iter().find_map(|payor| reader.words_of(payor));
    if payors.is_empty() && kind.is_none() {
        reader.lacks("payor");
        return None;
    }
    let order = json::decimal(coverage, "order").and_then(|order| order.parse().ok());
    let draft = CoverageDraft {
        status: json::text(coverage, "status").unwrap_or_else(|| "unknown".to_owned()),
        kind,
        payors,
        payor_text,
        subscriber_id: subscriber_id(coverage),
        subscriber: subscriber(reader),
        relationship: Concept::field(coverage, "relationship"),
        dependent: json::text(coverage, "dependent"),
        period: reader.period("period"),
        classes: json::list(coverage, "class").iter().filter_map(class).collect(),
        order,
        identifiers: Identifier::fields(coverage),
    };
    Some((Draft::Coverage(Box::new(draft)), &MAPPED))
}

fn subscriber(reader: &Reader<'_>) -> Option<Reference> {
    reader
        .reference("subscriber")
        .or_else(|| reader.reference("policyHolder"))
}

/// R4 writes it as text, R5 as an identifier.
fn subscriber_id(coverage: &Value) -> Option<String> {
    let numbered = || {
        json::list(coverage, "subscriberId")
            .iter()
            .find_map(Identifier::read)
            .map(|identifier| identifier.value)
    };
    json::text(coverage, "subscriberId").or_else(numbered)
}

fn class(value: &Value) -> Option<CoverageClass> {
    Some(CoverageClass {
        kind: Concept::field(value, "type")?.first_code()?.to_owned(),
        value: json::text(value, "value")?,
        name: json::text(value, "name"),
    })
}
