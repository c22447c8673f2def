//! Mangled input: whatever is done to a bundle, it is read or refused, never a crash, and every entry stays accounted for.

use fhir::{count, interpret, read};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{TODAY, bundle, patient};

/// One resource of each kind that has rules of its own.
fn resources() -> Vec<Value> {
    let subject = json!({"reference": "urn:uuid:0"});
    vec![
        patient(),
        json!({"resourceType": "Practitioner", "id": "d", "name": [{"family": "Ames"}], "identifier": [{"system": "s", "value": "1"}]}),
        json!({"resourceType": "Condition", "subject": subject, "code": {"coding": [{"system": "s", "code": "c"}]}, "onsetAge": {"value": 3}}),
        json!({"resourceType": "Encounter", "subject": subject, "class": {"code": "AMB"}, "period": {"start": "2026-01-05T10:00:00Z"}}),
        json!({"resourceType": "Observation", "subject": subject, "category": [{"coding": [{"code": "survey"}]}], "code": {"text": "t"},
               "component": [{"code": {"text": "u"}, "valueQuantity": {"value": 1.5, "unit": "cm"}}]}),
        json!({"resourceType": "AllergyIntolerance", "patient": subject, "code": {"text": "t"}, "reaction": [{"manifestation": []}]}),
        json!({"resourceType": "Coverage", "beneficiary": subject, "payor": [{"display": "p"}], "class": [{"value": "v"}]}),
        json!({"resourceType": "MedicationRequest", "subject": subject, "dosageInstruction": [{"timing": {"repeat": {"period": 1}}}]}),
        json!({"resourceType": "Claim", "patient": subject, "item": [{"productOrService": {"text": "t"}}], "total": {"value": 1}}),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("urn:uuid:0"),
            Just("#"),
            Just("Patient?identifier=|"),
            Just("9999-12-31"),
            Just("2026-01-05T24:00:00+99:00"),
            Just("\u{0}")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("reference"),
            Just("coding"),
            Just("value"),
            Just("start"),
            Just("extension")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// Every place in a value, so that any of them can be replaced.
fn places(value: &Value, here: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| places(value, format!("{here}/{key}"), found)),
        Value::Array(members) => members
            .iter()
            .enumerate()
            .for_each(|(at, value)| places(value, format!("{here}/{at}"), found)),
        _ => {}
    }
    found.push(here);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// INT-26: any part of any entry may be anything at all; the three outcomes still sum to the entries.
    #[test]
    fn int_26_every_entry_has_one_outcome(changes in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..6)) {
        let mut whole: Value = serde_json::from_slice(&bundle(&resources())).unwrap();
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&whole["entry"], "/entry".to_owned(), &mut all);
            let place = place.get(&all).clone();
            if place != "/entry" {
                *whole.pointer_mut(&place).unwrap() = value;
            }
        }
        let bundle = read(whole.to_string().as_bytes(), TODAY).unwrap();
        for known in [false, true] {
            let interpreted = interpret(&bundle, &|_| known);
            let sum = count(&interpreted);
            prop_assert_eq!(sum.native + sum.kept + sum.refused, whole["entry"].as_array().unwrap().len());
            prop_assert!(interpreted.iter().enumerate().all(|(at, entry)| entry.index == at));
        }
    }

    /// Any bytes are read or refused.
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, TODAY);
    }

    /// A bundle with bytes overwritten is read or refused.
    #[test]
    fn overwritten_bytes_are_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = bundle(&resources());
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(bundle) = read(&bytes, TODAY) {
            prop_assert_eq!(interpret(&bundle, &|_| true).len(), bundle.entries.len());
        }
    }

    /// A date that is read is written as it was, and any text is read or refused.
    #[test]
    fn dates_keep_their_precision(text in "[0-9]{4}(-[0-1][0-9](-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](Z|[+-]0[0-9]:30))?)?)?", noise in "\\PC{0,20}") {
        if let Ok(when) = text.parse::<fhir::When>() {
            prop_assert_eq!(when.to_string(), text);
            prop_assert!(when.first_day() <= when.day_after());
        }
        let _ = noise.parse::<fhir::When>();
    }
}
