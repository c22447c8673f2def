//! Coverage.

use serde_json::Value;

use super::{To, Version, at_least_one, begin, concept, or_unknown, reference, references, terminology};
use crate::draft::CoverageClass;
use crate::json::Object;
use crate::types::{Concept, Identifier, Period};

/// An insurance, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Id and version.
    pub version: Version,
    /// The member's number.
    pub member_id: Option<String>,
    /// `active`, `cancelled`, `draft`, `entered-in-error`.
    pub status: String,
    /// Kind of insurance.
    pub kind: Option<Concept>,
    /// The subscriber's number.
    pub subscriber_id: Option<String>,
    /// Who holds the policy.
    pub subscriber: Option<To>,
    /// Whom it covers.
    pub beneficiary: To,
    /// `self`, `spouse`, `child`, `other` …
    pub relationship: String,
    /// From when to when.
    pub period: Period,
    /// Who pays.
    pub payors: Vec<To>,
    /// Groups and plans.
    pub classes: Vec<CoverageClass>,
    /// 1 is primary.
    pub order: Option<u32>,
}

/// Writes a Coverage.
#[must_use]
pub fn coverage(coverage: &Coverage) -> Value {
    let member = coverage.member_id.as_deref().filter(|number| !number.is_empty());
    let member = member.map(|number| Identifier {
        value: number.to_owned(),
        kind: Some("MB".to_owned()),
        ..Identifier::default()
    });
    let class = |class: &CoverageClass| {
        Object::default()
            .put("type", terminology("coverage-class", &class.kind))
            .put("value", class.value.as_str())
            .put("name", class.name.as_deref())
            .done()
    };
    let relationship = or_unknown(terminology("subscriber-relationship", &coverage.relationship));
    begin("Coverage", &coverage.version, &["coverage"])
        .list("identifier", member.iter().map(Identifier::write))
        .put(
            "status",
            if coverage.status.is_empty() {
                "active"
            } else {
                &coverage.status
            },
        )
        .put("type", concept(coverage.kind.as_ref()))
        .put("subscriber", reference(coverage.subscriber.as_ref()))
        .put("subscriberId", coverage.subscriber_id.as_deref())
        .put("beneficiary", or_unknown(coverage.beneficiary.write()))
        .put("relationship", relationship)
        .put("period", coverage.period.write())
        .put("payor", at_least_one(references(&coverage.payors)))
        .list("class", coverage.classes.iter().map(class))
        .put("order", coverage.order)
        .done()
}
