//! Imports against a real database. `MENTALSPACE_TEST_BUNDLES` names a folder of bundles to use in place of the three small ones.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't be set up should stop with its reason"
)]

mod web;

use std::path::{Path, PathBuf};

use interop::{Report, import_bundle, import_files};
use kernel::Role;
use serde_json::{Value, json};
use testkit::TestDb;

fn bundles() -> Vec<PathBuf> {
    let given = std::env::var_os("MENTALSPACE_TEST_BUNDLES").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../fhir/tests/data"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn entries(files: &[PathBuf]) -> usize {
    let count = |path: &PathBuf| {
        serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["entry"]
            .as_array()
            .unwrap()
            .len()
    };
    files.iter().map(count).sum()
}

async fn count(test: &TestDb, sql: &str) -> i64 {
    test.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
}

async fn rows(test: &TestDb) -> Vec<i64> {
    let mut all = Vec::new();
    for table in [
        "client",
        "condition",
        "past_encounter",
        "observation",
        "allergy_intolerance",
        "coverage",
        "external_provider",
        "external_resource",
        "external_identifier",
    ] {
        all.push(count(test, &format!("select count(*) from {table}")).await);
    }
    all
}

fn sums(report: &Report) -> usize {
    report.native + report.kept + report.refused
}

/// INT-27, INT-34: everything is accounted for, and the second import changes nothing.
#[tokio::test]
async fn int_27_int_34_bundles_arrive_whole_and_once() {
    let test = TestDb::new().await;
    let owner = test.actor(Role::Owner).await;
    let files = bundles();
    let rehearsal = import_files(&test.app, test.practice, &owner, &files, true).await;
    assert_eq!(rows(&test).await.iter().sum::<i64>(), 0, "a dry run writes nothing");
    let began = std::time::Instant::now();
    let first = import_files(&test.app, test.practice, &owner, &files, false).await;
    let took = began.elapsed();
    let speed = entries(&files) as f64 / took.as_secs_f64();
    eprintln!(
        "{} entries of {} files in {took:?}: {speed:.0}/s",
        entries(&files),
        files.len()
    );
    assert!(first.is_whole(), "{:?}", first.refusals);
    assert_eq!((first.clients_created, sums(&first)), (files.len(), entries(&files)));
    assert_eq!(first.native, first.native_created + shared_providers(&files));
    assert!(speed > 100.0, "{speed:.0} entries a second");
    assert_eq!(
        (
            rehearsal.clients_created,
            rehearsal.native_created,
            rehearsal.kept_created
        ),
        (first.clients_created, first.native_created, first.kept_created)
    );
    let stored = rows(&test).await;
    let second = import_files(&test.app, test.practice, &owner, &files, false).await;
    assert_eq!(
        (second.clients_created, second.native_created, second.kept_created),
        (0, 0, 0)
    );
    assert_eq!(
        (second.native, second.kept, second.refused),
        (first.native, first.kept, first.refused)
    );
    assert_eq!(rows(&test).await, stored);
    assert_eq!(
        count(
            &test,
            "select count(*) from external_resource where client_id is null and category not in ('directory', 'source')"
        )
        .await,
        0
    );
    assert_eq!(
        count(
            &test,
            "select count(*) from external_resource where sha256 <> sha256(convert_to(content, 'UTF8'))"
        )
        .await,
        0
    );
    assert_eq!(
        count(
            &test,
            "select count(*) from audit_event where resource_type = 'client' and action = 'create'"
        )
        .await,
        i64::try_from(files.len()).unwrap()
    );
}

/// Professionals that stand in several files are native in each and made once.
fn shared_providers(files: &[PathBuf]) -> usize {
    let mut seen = std::collections::HashSet::new();
    let mut again = 0;
    for path in files {
        let bundle: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for entry in bundle["entry"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["resource"]["resourceType"] == "Practitioner")
        {
            again += usize::from(!seen.insert(entry["fullUrl"].as_str().unwrap().to_owned()));
        }
    }
    again
}

fn patient(id: &str, family: &str, born: &str) -> Value {
    json!({ "fullUrl": format!("urn:uuid:{id}"), "resource": { "resourceType": "Patient", "name": [{ "family": family, "given": ["Ann"] }], "birthDate": born,
        "identifier": [{ "type": { "coding": [{ "code": "MR" }] }, "system": "urn:clinic", "value": family }] } })
}

fn condition(id: &str, patient: &str) -> Value {
    json!({ "fullUrl": format!("urn:uuid:{id}"), "resource": { "resourceType": "Condition", "subject": { "reference": format!("urn:uuid:{patient}") },
        "clinicalStatus": { "coding": [{ "code": "active" }] }, "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "35489007" }], "text": "Depression" } } })
}

fn bundle(entries: &[Value]) -> Vec<u8> {
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
        .to_string()
        .into_bytes()
}

const ANN: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const PROBLEM: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const OTHER: &str = "aaaaaaaa-0000-4000-8000-000000000003";

/// INT-26, INT-32: what is wrong is named, and everything else still arrives.
#[tokio::test]
async fn int_32_bad_files_and_entries_are_reported_and_the_others_arrive() {
    let test = TestDb::new().await;
    let owner = test.actor(Role::Owner).await;
    let folder = std::env::temp_dir().join(format!("interop-{}", rand_name()));
    std::fs::create_dir_all(&folder).unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let good = bundle(&[patient(ANN, "Good", "1980-01-02"), condition(PROBLEM, ANN)]);
    let files = vec![
        put("1-cut.json", &good[..good.len() - 5]),
        put("2-other.json", br#"{"resourceType":"Patient"}"#),
        put(
            "3-born.json",
            &bundle(&[
                patient(OTHER, "Wrong", "1980-13-40"),
                condition(OTHER, OTHER),
                json!({ "resource": 7 }),
            ]),
        ),
        put("4-empty.json", b""),
        put("5-words.json", b"hello"),
        folder.join("6-absent.json"),
        put("7-good.json", &good),
    ];
    let report = import_files(&test.app, test.practice, &owner, &files, false).await;
    std::fs::remove_dir_all(&folder).unwrap();
    let reasons: Vec<(Option<usize>, &str)> = report
        .refusals
        .iter()
        .map(|refusal| (refusal.entry, refusal.reason.as_str()))
        .collect();
    let expected = [
        (None, "truncated"),
        (None, "not_a_bundle"),
        (Some(0), "birth_date_impossible"),
        (Some(1), "patient_refused"),
        (Some(2), "resource_missing"),
        (None, "empty_file"),
        (None, "not_json"),
        (None, "unreadable_file"),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(
        (report.clients_created, report.native, report.kept, report.refused),
        (1, 2, 0, 3)
    );
    assert_eq!(count(&test, "select count(*) from client").await, 1);
    assert!(!report.is_whole());
    let scripted = serde_json::to_value(&report).unwrap();
    for field in [
        "clients_created",
        "native",
        "native_created",
        "kept",
        "refused",
        "refusals",
    ] {
        assert!(!scripted[field].is_null(), "{field}");
    }
}

fn rand_name() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// INT-26: a later file may speak of a client of an earlier one, by address or by number.
#[tokio::test]
async fn int_26_references_reach_clients_of_earlier_files() {
    let test = TestDb::new().await;
    let owner = test.actor(Role::Owner).await;
    let bring = async |entries: &[Value]| {
        import_bundle(&test.app, test.practice, &owner, "one.json", bundle(entries), false).await
    };
    let before = bring(&[condition(PROBLEM, ANN)]).await;
    assert_eq!(
        (before.native, before.kept, before.warning_counts["patient_missing"]),
        (0, 1, 1)
    );
    assert_eq!(bring(&[patient(ANN, "Good", "1980-01-02")]).await.clients_created, 1);
    let after = bring(&[condition(PROBLEM, ANN)]).await;
    assert_eq!((after.native, after.native_created, after.kept), (1, 1, 0));
    assert_eq!(
        count(
            &test,
            "select count(*) from condition c join client k on k.id = c.client_id and k.family = 'Good'"
        )
        .await,
        1
    );
    // The same record number and birth date under another address: the same person. Another birth date: somebody else.
    let same = bring(&[patient(OTHER, "Good", "1980-01-02")]).await;
    assert_eq!((same.native, same.clients_created), (1, 0));
    let else_ = bring(&[patient(PROBLEM, "Good", "1990-01-02")]).await;
    assert_eq!(
        (else_.clients_created, else_.warning_counts["record_number_taken"]),
        (1, 1)
    );
}

/// Only those who may import do; and nothing of it reaches another practice.
#[tokio::test]
async fn int_25_importing_needs_its_right_and_stays_in_its_practice() {
    let test = TestDb::new().await;
    let (desk, owner) = (test.actor(Role::FrontDesk).await, test.actor(Role::Owner).await);
    let file = bundle(&[patient(ANN, "Good", "1980-01-02")]);
    let refused = import_bundle(&test.app, test.practice, &desk, "x.json", file.clone(), false).await;
    assert_eq!(refused.refusals[0].reason, "not_allowed");
    assert_eq!(count(&test, "select count(*) from client").await, 0);
    let other = test.other_practice().await;
    let foreigner = test.actor_in(other, &[Role::Owner]).await;
    for actor in [&owner, &foreigner] {
        assert_eq!(
            import_bundle(&test.app, actor.practice, actor, "x.json", file.clone(), false)
                .await
                .clients_created,
            1
        );
    }
}

/// Two imports of one file at once make each record once.
#[tokio::test]
async fn int_34_two_imports_at_once_take_turns() {
    let test = TestDb::new().await;
    let owner = test.actor(Role::Owner).await;
    let file = bundle(&[patient(ANN, "Good", "1980-01-02"), condition(PROBLEM, ANN)]);
    let once = || import_bundle(&test.app, test.practice, &owner, "x.json", file.clone(), false);
    let (a, b, c) = tokio::join!(once(), once(), once());
    assert_eq!(a.native_created + b.native_created + c.native_created, 2);
    assert_eq!(rows(&test).await[..2], [1, 1]);
}
