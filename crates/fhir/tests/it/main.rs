//! Tests of the crate through its public functions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bundles;
mod entries;
mod mangled;
mod searches;
mod written;

use fhir::{Interpreted, read};
use jiff::civil::{Date, date};
use serde_json::{Value, json};

/// The day of every test.
pub const TODAY: Date = date(2026, 11, 23);

/// A collection of the given resources, the first ones addressed as `urn:uuid:0`, `urn:uuid:1` …
pub fn bundle(resources: &[Value]) -> Vec<u8> {
    let entry = |(at, resource): (usize, &Value)| json!({"fullUrl": format!("urn:uuid:{at}"), "resource": resource});
    let entries: Vec<Value> = resources.iter().enumerate().map(entry).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
        .to_string()
        .into_bytes()
}

/// What becomes of the given resources.
pub fn interpret(resources: &[Value]) -> Vec<Interpreted> {
    let bundle = read(&bundle(resources), TODAY).unwrap();
    fhir::interpret(&bundle, &|_| false)
}

/// A patient whom nothing is wrong with.
pub fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Vale", "given": ["Ada"]}], "birthDate": "1990-02-24"})
}
