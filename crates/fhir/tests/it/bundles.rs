//! Whole bundles: real ones, and files that are none.

use std::path::{Path, PathBuf};

use fhir::draft::Draft;
use fhir::{Bundle, BundleError, Count, Outcome, count, interpret, read};
use serde_json::Value;

use super::{TODAY, bundle, patient};

fn data(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// The copies beside this test, and any number more where `FHIR_BUNDLES` names a folder.
fn bundles() -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = data(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"));
    assert_eq!(all.len(), 3);
    if let Some(folder) = std::env::var_os("FHIR_BUNDLES") {
        all.extend(data(Path::new(&folder)));
    }
    all
}

fn becomes(bundle: &Bundle) -> Count {
    count(&interpret(bundle, &|_| false))
}

/// INT-27: a Synthea patient arrives whole; every entry is native or kept, none refused, no reference unresolved.
#[test]
fn int_27_synthea_bundles_are_accounted_for() {
    for (path, bytes) in bundles() {
        let bundle = read(&bytes, TODAY).unwrap();
        let interpreted = interpret(&bundle, &|_| false);
        let Count { native, kept, refused } = count(&interpreted);
        assert_eq!(native + kept + refused, bundle.entries.len());
        assert_eq!(refused, 0, "{}", path.display());
        let clients = interpreted
            .iter()
            .filter(|entry| matches!(entry.outcome, Outcome::Native(Draft::Client(_))))
            .count();
        assert_eq!(clients, 1, "{}", path.display());
        for entry in &interpreted {
            let unresolved = entry
                .warnings
                .iter()
                .find(|warning| warning.code == fhir::Code::ReferenceUnresolved);
            assert_eq!(unresolved, None, "{}", path.display());
            let expects_native = matches!(
                entry.kind.as_str(),
                "Patient" | "Practitioner" | "Condition" | "Encounter" | "AllergyIntolerance" | "Coverage"
            );
            assert!(
                !expects_native || matches!(entry.outcome, Outcome::Native(_)),
                "{} {}",
                path.display(),
                entry.index
            );
            let belongs_to_nobody = matches!(entry.kind.as_str(), "Patient" | "Practitioner" | "Organization");
            assert_eq!(
                entry.patient.is_none(),
                belongs_to_nobody,
                "{} {}",
                entry.kind,
                entry.index
            );
            if let Outcome::Kept(kept) = &entry.outcome {
                assert!(!kept.title.is_empty());
                assert!(
                    kept.when.is_some() || matches!(entry.kind.as_str(), "Organization" | "Goal"),
                    "{}",
                    entry.kind
                );
            }
        }
    }
}

/// INT-27: what is kept leaves as it came, field by field and digit by digit.
#[test]
fn int_27_a_kept_resource_is_untouched() {
    let digits = r#"{"resourceType":"Observation","z":1.10,"a":1e3,"n":123456789012345678901234567890.5,"id":"x"}"#;
    let bytes = format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"resource":{digits}}}]}}"#);
    let bundle = read(bytes.as_bytes(), TODAY).unwrap();
    assert_eq!(bundle.entries[0].text(), digits);
    for (_, bytes) in bundles() {
        let original: Value = serde_json::from_slice(&bytes).unwrap();
        let whole = std::str::from_utf8(&bytes).unwrap();
        let bundle = read(&bytes, TODAY).unwrap();
        for entry in &bundle.entries {
            assert!(
                whole.contains(entry.text()),
                "entry {} is not as it stands in the file",
                entry.index
            );
            let kept: Value = serde_json::from_str(entry.text()).unwrap();
            assert_eq!(kept, original["entry"][entry.index]["resource"]);
        }
    }
}

#[test]
fn a_truncated_file_says_where_it_ends() {
    let whole = bundle(&[patient()]);
    let cut = &whole[..whole.len() - 3];
    assert_eq!(
        read(cut, TODAY),
        Err(BundleError::Truncated {
            line: 1,
            column: cut.len()
        })
    );
    for (_, bytes) in bundles() {
        assert!(matches!(
            read(&bytes[..bytes.len() / 2], TODAY),
            Err(BundleError::Truncated { .. })
        ));
    }
}

#[test]
fn a_file_that_is_no_bundle_says_why() {
    let fault = |text: &str| read(text.as_bytes(), TODAY).unwrap_err();
    assert_eq!(fault(" \n"), BundleError::EmptyFile);
    assert!(matches!(fault("{\n  \"a\": no}"), BundleError::NotJson { line: 2, .. }));
    assert!(matches!(
        fault("<Bundle/>"),
        BundleError::NotJson { line: 1, column: 1, .. }
    ));
    assert_eq!(fault("[]"), BundleError::NotABundle { found: None });
    let found = BundleError::NotABundle {
        found: Some("Patient".to_owned()),
    };
    assert_eq!(fault(r#"{"resourceType": "Patient"}"#), found);
    assert_eq!(found.to_string(), "not a FHIR bundle: it is a Patient");
    assert_eq!(fault(r#"{"resourceType": "Bundle"}"#), BundleError::NoEntries);
    assert_eq!(
        fault(r#"{"resourceType": "Bundle", "entry": []}"#),
        BundleError::NoEntries
    );
    assert_eq!(
        fault(r#"{"resourceType": "Bundle", "entry": {}}"#),
        BundleError::EntriesNotAList
    );
    assert!(read(b"\xff\xfe{}", TODAY).is_err());
}

#[test]
fn depth_is_limited_before_anything_is_parsed() {
    let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
    assert_eq!(
        read(deep.as_bytes(), TODAY),
        Err(BundleError::TooDeep { line: 1, column: 69 })
    );
    let brackets_in_text =
        serde_json::json!({"resourceType": "Patient", "name": [{"family": "[".repeat(100) + "\\\"{"}]});
    assert!(read(&bundle(&[brackets_in_text]), TODAY).is_ok());
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let marked = [b"\xef\xbb\xbf".as_slice(), &bundle(&[patient()])].concat();
    assert_eq!(
        becomes(&read(&marked, TODAY).unwrap()),
        Count {
            native: 1,
            kept: 0,
            refused: 0
        }
    );
}
