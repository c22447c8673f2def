//! Our records as FHIR.

use fhir::draft::{CoverageClass, Draft, ObservationValue, Quantity};
use fhir::search::{Definition, Kind};
use fhir::write::{self, To, Version};
use fhir::{Address, Coding, Concept, Identifier, Name, Outcome, Period, Telecom, system};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::interpret;

fn version() -> Version {
    Version {
        id: "0199".to_owned(),
        version: 3,
        updated: "2026-11-23T10:00:00Z".parse().unwrap(),
        ..Version::default()
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn full_patient() -> write::Patient {
    write::Patient {
        version: version(),
        active: true,
        identifiers: vec![Identifier {
            kind: text("MR"),
            ..Identifier::new("urn:practice", "1001")
        }],
        names: vec![Name {
            usage: text("official"),
            family: text("Vale"),
            given: vec!["Ada".to_owned(), "Jo".to_owned()],
            ..Name::default()
        }],
        telecoms: vec![Telecom {
            system: text("phone"),
            value: "555-0100".to_owned(),
            usage: text("mobile"),
        }],
        gender: text("female"),
        birth_date: Some("1990-02".parse().unwrap()),
        addresses: vec![Address {
            lines: vec!["1 Elm".to_owned()],
            city: text("Adams"),
            state: text("MA"),
            ..Address::default()
        }],
        marital_status: Some(Concept::coded(system::MARITAL_STATUS, "M", "Married")),
        languages: vec![
            Concept::coded(system::LANGUAGE, "es", "Spanish"),
            Concept::coded(system::LANGUAGE, "en", "English"),
        ],
        race: Some(Concept {
            codings: vec![Coding::new(system::RACE_AND_ETHNICITY, "2106-3", "White")],
            text: text("White"),
        }),
        ethnicity: Some(Concept {
            codings: Vec::new(),
            text: text("Not told"),
        }),
        birth_sex: text("F"),
        mothers_maiden_name: text("Abel"),
        organization: Some(To::new("Organization", "7")),
        ..write::Patient::default()
    }
}

/// No field anywhere is null, an empty text, list or object.
fn assert_nothing_empty(value: &Value, path: &str) {
    match value {
        Value::Null => panic!("null at {path}"),
        Value::String(text) => assert!(!text.is_empty(), "empty text at {path}"),
        Value::Array(members) => {
            assert!(!members.is_empty(), "empty list at {path}");
            members
                .iter()
                .enumerate()
                .for_each(|(at, member)| assert_nothing_empty(member, &format!("{path}[{at}]")));
        }
        Value::Object(fields) => {
            assert!(!fields.is_empty(), "empty object at {path}");
            fields
                .iter()
                .for_each(|(key, field)| assert_nothing_empty(field, &format!("{path}.{key}")));
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// INT-3: absent data is marked or left out, never empty and never made up.
#[test]
fn int_3_nothing_empty_is_written() {
    let all = [
        write::patient(&write::Patient::default()),
        write::patient(&full_patient()),
        write::practitioner(&write::Practitioner::default()),
        write::organization(&write::Organization::default()),
        write::condition(&write::Condition::default()),
        write::observation(&write::Observation::default()),
        write::allergy(&write::Allergy {
            reactions: vec![write::Reaction::default()],
            ..write::Allergy::default()
        }),
        write::encounter(&write::Encounter::default()),
        write::appointment(&write::Appointment {
            participants: vec![write::Participant::default()],
            ..write::Appointment::default()
        }),
        write::coverage(&write::Coverage {
            classes: vec![CoverageClass::default()],
            ..write::Coverage::default()
        }),
        write::operation_outcome(&[]),
    ];
    for resource in all {
        assert_nothing_empty(&resource, resource["resourceType"].as_str().unwrap());
    }
    let patient = write::patient(&write::Patient::default());
    assert_eq!(patient["gender"], "unknown");
    assert_eq!(patient["name"][0]["extension"][0]["valueCode"], "unknown");
}

/// INT-3: what is written of a client reads back as the same client.
#[test]
fn int_3_a_patient_survives_the_round_trip() {
    let written = write::patient(&full_patient());
    assert_eq!(written["meta"]["versionId"], "3");
    assert_eq!(written["meta"]["lastUpdated"], "2026-11-23T10:00:00Z");
    assert_eq!(
        written["meta"]["profile"][0],
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
    );
    assert_eq!(written["birthDate"], "1990-02");
    let entry = interpret(&[written]).remove(0);
    let Outcome::Native(Draft::Client(draft)) = entry.outcome else {
        panic!()
    };
    let patient = full_patient();
    assert_eq!(
        (draft.family.as_str(), draft.given.as_str(), draft.middle.as_deref()),
        ("Vale", "Ada", Some("Jo"))
    );
    assert_eq!(
        (draft.identifiers, draft.phones, draft.addresses),
        (patient.identifiers, patient.telecoms, patient.addresses)
    );
    assert_eq!(
        (draft.race, draft.ethnicity, draft.languages),
        (patient.race, patient.ethnicity, patient.languages)
    );
    assert_eq!(
        (draft.marital_status, draft.birth_sex, draft.mothers_maiden_name),
        (patient.marital_status, text("F"), text("Abel"))
    );
    assert_eq!(draft.medical_record_number.unwrap().value, "1001");
    assert!(draft.birth_date_estimated);
    assert_eq!(entry.unmapped, ["managingOrganization"]);
}

#[test]
fn int_3_clinical_records() {
    let condition = write::condition(&write::Condition {
        patient: To::new("Patient", "p").called("Ada Vale"),
        code: Concept::coded(
            system::ICD_10_CM,
            "F33.1",
            "Major depressive disorder, recurrent, moderate",
        ),
        clinical_status: "active".to_owned(),
        verification_status: "entered-in-error".to_owned(),
        ..write::Condition::default()
    });
    assert_eq!(condition.get("clinicalStatus"), None);
    assert_eq!(
        condition["subject"],
        json!({"reference": "Patient/p", "display": "Ada Vale"})
    );
    assert_eq!(condition["category"][0]["coding"][0]["code"], "problem-list-item");
    let quantity = Quantity {
        value: "12.50".to_owned(),
        code: text("{score}"),
        ..Quantity::default()
    };
    let observation = write::observation(&write::Observation {
        category: "survey".to_owned(),
        code: Concept::coded(system::LOINC, "44261-6", "PHQ-9 total"),
        value: Some(ObservationValue::Quantity(quantity)),
        ..write::Observation::default()
    });
    assert_eq!(observation["valueQuantity"]["value"].to_string(), "12.5");
    assert_eq!(observation["valueQuantity"]["system"], system::UCUM);
    assert_eq!(observation.get("dataAbsentReason"), None);
}

#[test]
fn int_3_visits() {
    let start: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
    let end: Timestamp = "2026-11-24T15:50:00Z".parse().unwrap();
    let participants = ["Patient", "Practitioner"].map(|kind| write::Participant {
        who: To::new(kind, "1"),
        status: String::new(),
    });
    let planned = write::Appointment {
        status: "booked".to_owned(),
        start: Some(start),
        end: Some(end),
        participants: participants.into(),
        ..Default::default()
    };
    let appointment = write::appointment(&planned);
    assert_eq!(
        (&appointment["minutesDuration"], &appointment["start"]),
        (&json!(50), &json!("2026-11-24T15:00:00Z"))
    );
    assert_eq!(appointment["participant"][1]["type"][0]["coding"][0]["code"], "PPRF");
    assert_eq!(
        write::appointment(&write::Appointment { end: None, ..planned }).get("start"),
        None
    );
    let period = Period {
        start: Some("2026-11-24T15:00:00Z".parse().unwrap()),
        end: None,
    };
    let encounter = write::encounter(&write::Encounter {
        class: "VR".to_owned(),
        period,
        ..write::Encounter::default()
    });
    assert_eq!(
        (&encounter["class"]["display"], &encounter["period"]),
        (&json!("virtual"), &json!({"start": "2026-11-24T15:00:00Z"}))
    );
}

/// INT-4: the self link holds what was understood, and an ignored parameter is told in an outcome entry.
#[test]
fn int_4_a_page_of_matches() {
    let understood = [("name".to_owned(), "O'Keefe & co".to_owned())];
    let base = "https://ehr.example/fhir/r4";
    let page = write::Page {
        at: "2026-11-23T10:00:00Z".parse().unwrap(),
        total: Some(0),
        links: vec![
            write::page_link("self", base, "Patient", &understood, None),
            write::page_link("next", base, "Patient", &understood, Some("c|1")),
        ],
        base: base.to_owned(),
        matches: vec![write::patient(&full_patient())],
        included: Vec::new(),
        issues: vec![write::Issue::ignored("colour")],
    };
    let bundle = write::searchset(&page);
    assert_nothing_empty(&bundle, "Bundle");
    assert_eq!(bundle["total"], 0);
    assert_eq!(
        bundle["link"][0]["url"],
        "https://ehr.example/fhir/r4/Patient?name=O%27Keefe%20%26%20co"
    );
    assert_eq!(
        bundle["link"][1]["url"],
        "https://ehr.example/fhir/r4/Patient?name=O%27Keefe%20%26%20co&_cursor=c%7C1"
    );
    assert_eq!(
        bundle["entry"][0]["fullUrl"],
        "https://ehr.example/fhir/r4/Patient/0199"
    );
    assert_eq!(bundle["entry"][0]["search"]["mode"], "match");
    assert_eq!(bundle["entry"][1]["search"]["mode"], "outcome");
    assert_eq!(bundle["entry"][1]["resource"]["issue"][0]["severity"], "warning");
}

/// INT-1: the statement lists exactly what is searched by.
#[test]
fn int_1_the_capability_statement_lists_what_works() {
    const PARAMETERS: [Definition; 3] = [
        Definition::new("name", Kind::Text),
        Definition::reference("organization", &["Organization"]),
        Definition::new("organization.name", Kind::Text),
    ];
    let statement = write::capability_statement(&write::Capability {
        version: "0.1.0".to_owned(),
        date: "2026-11-23T10:00:00Z".parse().unwrap(),
        base: "https://ehr.example/fhir/r4".to_owned(),
        security: Some(write::Security {
            description: "API keys.".to_owned(),
            authorize: None,
            token: None,
        }),
        resources: vec![write::ResourceCapability {
            kind: "Patient",
            profiles: &["patient"],
            interactions: &["read", "search-type"],
            parameters: &PARAMETERS,
            combinations: &[&["name", "organization"]],
        }],
    });
    assert_nothing_empty(&statement, "CapabilityStatement");
    let patient = &statement["rest"][0]["resource"][0];
    let names: Vec<_> = patient["searchParam"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["_id", "_lastUpdated", "name", "organization"]);
    assert_eq!(
        (&statement["fhirVersion"], &patient["type"]),
        (&json!("4.0.1"), &json!("Patient"))
    );
}
