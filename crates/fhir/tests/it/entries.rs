//! What single entries become.

use fhir::draft::{Category, ClientDraft, Draft, Kept, ObservationValue};
use fhir::{Code, Interpreted, Outcome, Target, count, read};
use jiff::civil::date;
use serde_json::{Value, json};

use super::{TODAY, interpret, patient};

fn client(patient: Value) -> ClientDraft {
    match interpret(&[patient]).remove(0).outcome {
        Outcome::Native(Draft::Client(draft)) => *draft,
        other => panic!("no client: {other:?}"),
    }
}

fn refusal(entry: &Interpreted) -> (Code, &str) {
    match &entry.outcome {
        Outcome::Refused(refusal) => (refusal.code, refusal.path.as_str()),
        other => panic!("not refused: {other:?}"),
    }
}

fn kept(entry: &Interpreted) -> &Kept {
    match &entry.outcome {
        Outcome::Kept(kept) => kept,
        other => panic!("not kept: {other:?}"),
    }
}

fn codes(entry: &Interpreted) -> Vec<Code> {
    entry.warnings.iter().map(|warning| warning.code).collect()
}

fn born(birth_date: Value) -> Value {
    let mut patient = patient();
    patient["birthDate"] = birth_date;
    patient
}

/// INT-26: impossible birth dates refuse the patient, and everything of theirs with them.
#[test]
fn int_26_an_impossible_birth_date_refuses_the_whole_chart() {
    for impossible in [
        json!("1990-02-31"),
        json!("1990-13"),
        json!("02/24/1990"),
        json!("2026-11-24"),
        json!("2027"),
        json!("1906-11-22"),
        json!("1905"),
        json!("0000-01-01"),
        json!("yesterday"),
        json!(""),
        json!(1990),
        json!({}),
    ] {
        let condition =
            json!({"resourceType": "Condition", "code": {"text": "Low mood"}, "subject": {"reference": "urn:uuid:0"}});
        let provenance =
            json!({"resourceType": "Provenance", "target": [{"reference": "urn:uuid:0"}, {"reference": "urn:uuid:1"}]});
        let organization = json!({"resourceType": "Organization", "name": "Clinic"});
        let entries = interpret(&[born(impossible.clone()), condition, provenance, organization]);
        assert_eq!(
            refusal(&entries[0]),
            (Code::BirthDateImpossible, "entry[0].resource.birthDate"),
            "{impossible}"
        );
        assert_eq!(refusal(&entries[1]), (Code::PatientRefused, "entry[1].resource"));
        assert_eq!(refusal(&entries[2]).0, Code::PatientRefused);
        assert_eq!(kept(&entries[3]).title, "Clinic");
    }
}

#[test]
fn birth_dates_at_the_edge_are_taken() {
    for possible in ["2026-11-23", "2026", "2026-11", "1906-11-24", "2000-02-29"] {
        client(born(json!(possible)));
    }
    let mut long_dead = born(json!("1850-01-01"));
    long_dead["deceasedDateTime"] = json!("1930-05-01T10:00:00Z");
    assert!(client(long_dead).deceased);
    let mut dead_before_birth = born(json!("1980-01-01"));
    dead_before_birth["deceasedDateTime"] = json!("1930");
    assert_eq!(
        refusal(&interpret(&[dead_before_birth])[0]).0,
        Code::BirthDateImpossible
    );
}

#[test]
fn a_partial_birth_date_is_marked_as_estimated() {
    let entries = interpret(&[born(json!("1990-02"))]);
    assert_eq!(codes(&entries[0]), [Code::BirthDateEstimated]);
    let draft = client(born(json!("1990-02")));
    assert_eq!(
        (draft.birth_date, draft.birth_date_estimated),
        (Some(date(1990, 2, 1)), true)
    );
    let exact = client(born(json!("1990-02-24T00:00:00Z")));
    assert_eq!(
        (exact.birth_date, exact.birth_date_estimated),
        (Some(date(1990, 2, 24)), false)
    );
    assert_eq!(codes(&interpret(&[born(Value::Null)])[0]), [Code::BirthDateMissing]);
}

#[test]
fn names_are_kept_as_given() {
    let mut patient = patient();
    patient["name"] = json!([
        {"use": "maiden", "family": "Abel", "given": ["Ada"]},
        {"use": "official", "family": "Harris789", "given": ["Abdul218", "Lee", "Jo"], "prefix": ["Mr."], "suffix": ["PhD"]},
        {"use": "nickname", "given": ["Abe"]},
    ]);
    let draft = client(patient.clone());
    assert_eq!(
        (draft.family.as_str(), draft.given.as_str(), draft.middle.as_deref()),
        ("Harris789", "Abdul218", Some("Lee Jo"))
    );
    assert_eq!(
        (
            draft.preferred.as_deref(),
            draft.prefix.as_deref(),
            draft.suffix.as_deref()
        ),
        (Some("Abe"), Some("Mr."), Some("PhD"))
    );
    assert_eq!(draft.other_names.len(), 1);
    patient["name"] = json!([{"text": "Ada Vale"}]);
    let draft = client(patient.clone());
    assert_eq!((draft.family.as_str(), draft.given.as_str()), ("Vale", "Ada"));
    for missing in [
        json!([]),
        json!([{"family": "  "}]),
        json!([{"use": "official"}]),
        json!("Ada"),
        Value::Null,
    ] {
        patient["name"] = missing;
        assert_eq!(
            refusal(&interpret(&[patient.clone()])[0]),
            (Code::NameMissing, "entry[0].resource.name")
        );
    }
}

#[test]
fn what_a_draft_leaves_out_is_listed() {
    let mut patient = patient();
    patient["photo"] = json!([]);
    patient["extension"] = json!([
        {"url": "http://example.org/shoe-size", "valueInteger": 9},
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Abel"},
    ]);
    let entry = &interpret(&[patient])[0];
    assert_eq!(entry.unmapped, ["photo", "extension(http://example.org/shoe-size)"]);
}

/// INT-26: every kind of reference resolves; what doesn't is listed and nothing is lost.
#[test]
fn int_26_references_resolve() {
    let npi = "http://hl7.org/fhir/sid/us-npi";
    let practitioner = json!({
        "resourceType": "Practitioner", "id": "d", "identifier": [{"system": npi, "value": "1234567893"}],
        "name": [{"family": "Ames", "given": ["Jo"]}],
    });
    let individual = |reference: &str| json!({"individual": {"reference": reference}});
    let encounter = json!({
        "resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
        "period": {"start": "2026-01-05T10:00:00-05:00", "end": "2026-01-05T09:00:00-05:00"},
        "participant": [
            individual("URN:UUID:1"), individual(&format!("Practitioner?identifier={npi}|1234567893")), individual("Practitioner/d/_history/2"),
            individual("#inner"), individual("Practitioner/unknown"),
            {"individual": {"type": "Practitioner", "identifier": {"system": npi, "value": "1234567893"}}},
        ],
        "contained": [{"resourceType": "Practitioner", "id": "inner"}],
    });
    let entries = interpret(&[patient(), practitioner, encounter]);
    let Outcome::Native(Draft::Encounter(draft)) = &entries[2].outcome else {
        panic!()
    };
    let targets: Vec<_> = draft
        .practitioners
        .iter()
        .map(|reference| reference.target.clone())
        .collect();
    let provider = Some(Target::Entry(1));
    let inner = Some(Target::Contained("inner".to_owned()));
    assert_eq!(
        targets,
        [
            provider.clone(),
            provider.clone(),
            provider.clone(),
            inner,
            None,
            provider
        ]
    );
    assert_eq!(entries[2].patient.as_ref().unwrap().entry(), Some(0));
    assert_eq!(draft.title, "Outpatient visit");
    assert_eq!(draft.period.end, None);
    let unresolved = entries[2]
        .warnings
        .iter()
        .find(|warning| warning.code == Code::ReferenceUnresolved)
        .unwrap();
    assert_eq!(unresolved.path, "entry[2].resource.participant[4].individual");
    assert!(codes(&entries[2]).contains(&Code::PeriodReversed));
    let Outcome::Native(Draft::Provider(provider)) = &entries[1].outcome else {
        panic!()
    };
    assert_eq!(provider.npi.as_deref(), Some("1234567893"));
}

/// INT-26: an absolute address on one server never meets the same id of another.
#[test]
fn int_26_absolute_references_stay_on_their_server() {
    let entry = |url: &str, resource: Value| json!({"fullUrl": url, "resource": resource});
    let condition = |reference: &str| json!({"resourceType": "Condition", "id": "c", "code": {"text": "Low mood"}, "subject": {"reference": reference}});
    let bytes = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        entry("https://a.example/fhir/Patient/p", patient()),
        entry("https://b.example/fhir/Patient/p", patient()),
        entry("https://b.example/fhir/Condition/c", condition("Patient/p")),
        entry("https://b.example/fhir/Condition/d", condition("https://a.example/fhir/Patient/p")),
        entry("https://b.example/fhir/Condition/e", condition("https://c.example/fhir/Patient/p")),
    ]});
    let bundle = read(bytes.to_string().as_bytes(), TODAY).unwrap();
    let entries = fhir::interpret(&bundle, &|_| false);
    let patients: Vec<_> = entries
        .iter()
        .skip(2)
        .map(|entry| entry.patient.as_ref().and_then(fhir::Reference::entry))
        .collect();
    assert_eq!(patients, [Some(1), Some(0), None]);
    assert_eq!(kept(&entries[4]).title, "Low mood");
    assert_eq!(codes(&entries[4]), [Code::ReferenceUnresolved, Code::PatientMissing]);
    let known = fhir::interpret(&bundle, &|reference| reference.kind.as_deref() == Some("Patient"));
    assert!(matches!(known[4].outcome, Outcome::Native(Draft::Condition(_))));
}

#[test]
fn conditions_keep_all_codes() {
    let condition = json!({
        "resourceType": "Condition", "subject": {"reference": "urn:uuid:0"}, "onsetString": "in her twenties",
        "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "recordedDate": "2026-02-30",
        "code": {"coding": [
            {"system": "http://snomed.info/sct", "code": "370143000", "display": "Major depressive disorder"},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.1"},
        ]},
    });
    let mut withdrawn = condition.clone();
    withdrawn["verificationStatus"]["coding"][0]["code"] = json!("entered-in-error");
    let nameless = json!({"resourceType": "Condition", "subject": {"reference": "urn:uuid:0"}});
    let entries = interpret(&[patient(), condition, withdrawn, nameless]);
    let Outcome::Native(Draft::Condition(draft)) = &entries[1].outcome else {
        panic!()
    };
    assert_eq!(
        (draft.snomed.as_deref(), draft.icd_10_cm.as_deref()),
        (Some("370143000"), Some("F33.1"))
    );
    assert_eq!(
        (draft.title.as_str(), draft.onset_text.as_deref()),
        ("Major depressive disorder", Some("in her twenties"))
    );
    assert_eq!(
        (draft.clinical_status.as_deref(), draft.recorded),
        (Some("active"), None)
    );
    assert_eq!(codes(&entries[1]), [Code::DateInvalid]);
    assert_eq!(
        (kept(&entries[2]).category, codes(&entries[2])),
        (Category::History, vec![Code::EnteredInError])
    );
    assert_eq!(
        (kept(&entries[3]).title.as_str(), codes(&entries[3])),
        ("Condition", vec![Code::ElementMissing])
    );
}

#[test]
fn only_three_categories_of_observation_are_native() {
    let observation = |category: &str| {
        json!({
            "resourceType": "Observation", "status": "final", "category": [{"coding": [{"code": category}]}],
            "code": {"text": "PHQ-9 total"}, "subject": {"reference": "urn:uuid:0"}, "effectiveDateTime": "2026-01-05",
            "valueQuantity": {"value": 12.50, "unit": "{score}"},
        })
    };
    let mut all = vec![patient()];
    all.extend(["survey", "social-history", "vital-signs", "laboratory", "vital-sign"].map(observation));
    let entries = interpret(&all);
    let is_native = |entry: &&Interpreted| matches!(entry.outcome, Outcome::Native(Draft::Observation(_)));
    assert_eq!(entries.iter().filter(is_native).count(), 3);
    let laboratory = kept(&entries[4]);
    assert_eq!(
        (laboratory.category, laboratory.detail.as_deref()),
        (Category::Result, Some("12.5"))
    );
    let Outcome::Native(Draft::Observation(draft)) = &entries[1].outcome else {
        panic!()
    };
    assert!(matches!(&draft.value, Some(ObservationValue::Quantity(quantity)) if quantity.value == "12.5"));
}

#[test]
fn a_prescription_is_summed_up() {
    let drug = json!({"resourceType": "Medication", "code": {"text": "Sertraline 50 mg tablet"}});
    let prescription = json!({
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2026-03-01",
        "subject": {"reference": "urn:uuid:0"}, "medicationReference": {"reference": "urn:uuid:1"},
        "dosageInstruction": [{
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}, "asNeededBoolean": true,
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
        }],
    });
    let entries = interpret(&[patient(), drug, prescription]);
    let kept = kept(&entries[2]);
    assert_eq!(
        (kept.category, kept.title.as_str()),
        (Category::Medication, "Sertraline 50 mg tablet")
    );
    assert_eq!(kept.detail.as_deref(), Some("1 tablet, 2 times every day, as needed"));
    assert_eq!(
        (kept.status.as_deref(), kept.when.unwrap().to_string().as_str()),
        (Some("active"), "2026-03-01")
    );
}

#[test]
fn allergies_and_coverage_are_native() {
    let allergy = json!({
        "resourceType": "AllergyIntolerance", "patient": {"reference": "urn:uuid:0"}, "type": "allergy", "category": ["food"],
        "code": {"text": "Peanut"}, "reaction": [{"manifestation": [{"text": "Hives"}], "severity": "mild"}],
    });
    let payer = json!({"resourceType": "Organization", "name": "Blue Plan"});
    let coverage = json!({
        "resourceType": "Coverage", "status": "active", "beneficiary": {"reference": "urn:uuid:0"}, "subscriberId": "W1", "order": 1,
        "payor": [{"reference": "urn:uuid:2"}], "class": [{"type": {"coding": [{"code": "group"}]}, "value": "G7"}],
    });
    let entries = interpret(&[patient(), allergy, payer, coverage]);
    let Outcome::Native(Draft::Allergy(allergy)) = &entries[1].outcome else {
        panic!()
    };
    assert_eq!((allergy.title.as_str(), allergy.reactions.len()), ("Peanut", 1));
    let Outcome::Native(Draft::Coverage(coverage)) = &entries[3].outcome else {
        panic!()
    };
    assert_eq!(
        (coverage.payor_text.as_deref(), coverage.classes[0].value.as_str()),
        (Some("Blue Plan"), "G7")
    );
    assert_eq!(
        (coverage.subscriber_id.as_deref(), coverage.order),
        (Some("W1"), Some(1))
    );
}

#[test]
fn entries_that_hold_nothing_are_refused_alone() {
    let bytes = json!({"resourceType": "Bundle", "entry": [
        {"request": {"method": "DELETE", "url": "Patient/9"}}, 7, {"resource": {"id": "x"}}, {"resource": {"resourceType": "../x"}},
        {"resource": null}, {"resource": patient()}, {"resource": {"resourceType": "NeverHeardOf"}},
    ]});
    let bundle = read(bytes.to_string().as_bytes(), TODAY).unwrap();
    let entries = fhir::interpret(&bundle, &|_| false);
    let refusals: Vec<Code> = entries.iter().take(5).map(|entry| refusal(entry).0).collect();
    let missing = Code::ResourceMissing;
    assert_eq!(
        refusals,
        [
            missing,
            Code::EntryNotAnObject,
            Code::ResourceTypeMissing,
            Code::ResourceTypeInvalid,
            missing
        ]
    );
    assert_eq!(kept(&entries[6]).title, "Never heard of");
    assert_eq!(
        count(&entries),
        fhir::Count {
            native: 1,
            kept: 1,
            refused: 5
        }
    );
}

/// INT-26: one refused patient of several takes only what is theirs.
#[test]
fn int_26_other_patients_of_the_file_still_arrive() {
    let condition = |whose: &str| json!({"resourceType": "Condition", "code": {"text": "Low mood"}, "subject": {"reference": whose}});
    let list = json!({"resourceType": "Group", "member": [{"entity": {"reference": "urn:uuid:0"}}, {"entity": {"reference": "urn:uuid:1"}}]});
    let mut well = patient();
    well["id"] = json!("q");
    let entries = interpret(&[
        born(json!("2099")),
        well,
        condition("urn:uuid:0"),
        condition("urn:uuid:1"),
        list,
    ]);
    assert_eq!(
        count(&entries),
        fhir::Count {
            native: 2,
            kept: 1,
            refused: 2
        }
    );
    assert_eq!(codes(&entries[4]), [Code::RefusedPatientMentioned]);
}
