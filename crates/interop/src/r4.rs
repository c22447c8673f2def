//! FHIR R4 under `/fhir/r4`: reading and searching, as a view of the records with the asker's rights and reach.
//!
//! Knows resources and parameters; the rules of access are those of the rooms below, since every record is read through them. What
//! the CapabilityStatement promises is written from the same definitions that searches are read by.

mod answer;
mod appointment;
mod condition;
mod encounter;
mod patient;
mod practitioner;
mod store;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use fhir::write::{Capability, ResourceCapability, Security, capability_statement};
use identity::web::{Access, Routes};
use kernel::Permission;
use platform::App;

/// Where the FHIR server is.
const ROOT: &str = "/fhir/r4";
/// What is done with every resource type.
const INTERACTIONS: &[&str] = &["read", "search-type"];
/// When this face was last changed; a CapabilityStatement carries its date.
const CHANGED: &str = "2026-11-23T00:00:00Z";

/// The resource types, in the order of the CapabilityStatement.
const RESOURCES: &[ResourceCapability] = &[
    ResourceCapability {
        kind: "Patient",
        profiles: &["patient"],
        interactions: INTERACTIONS,
        parameters: patient::PARAMETERS,
        combinations: &[
            &["birthdate", "name"],
            &["gender", "name"],
            &["birthdate", "family"],
            &["family", "gender"],
        ],
    },
    ResourceCapability {
        kind: "Practitioner",
        profiles: &["practitioner"],
        interactions: INTERACTIONS,
        parameters: practitioner::PARAMETERS,
        combinations: &[],
    },
    ResourceCapability {
        kind: "Appointment",
        profiles: &[],
        interactions: INTERACTIONS,
        parameters: appointment::PARAMETERS,
        combinations: &[&["patient", "date"], &["practitioner", "date"]],
    },
    ResourceCapability {
        kind: "Condition",
        profiles: &["condition-problems-health-concerns"],
        interactions: INTERACTIONS,
        parameters: condition::PARAMETERS,
        combinations: &[
            &["patient", "category"],
            &["patient", "clinical-status"],
            &["patient", "code"],
            &["patient", "category", "clinical-status"],
        ],
    },
    ResourceCapability {
        kind: "Encounter",
        profiles: &["encounter"],
        interactions: INTERACTIONS,
        parameters: encounter::PARAMETERS,
        combinations: &[&["date", "patient"], &["class", "patient"], &["patient", "status"]],
    },
];

/// The FHIR routes. A search may come by GET, or by POST with its parameters in the body.
pub(crate) fn routes() -> Routes {
    let clinical = Access::Need(Permission::ClinicalRead);
    Routes::new()
        .page("/fhir/r4/metadata", Access::Public, get(metadata))
        .page(
            "/fhir/r4/Patient",
            Access::Need(Permission::ClientRead),
            get(patient::search),
        )
        .page(
            "/fhir/r4/Patient/_search",
            Access::Need(Permission::ClientRead),
            get(patient::search).post(patient::search),
        )
        .page(
            "/fhir/r4/Patient/{id}",
            Access::Need(Permission::ClientRead),
            get(patient::read),
        )
        .page(
            "/fhir/r4/Practitioner",
            Access::Need(Permission::UserDirectory),
            get(practitioner::search),
        )
        .page(
            "/fhir/r4/Practitioner/_search",
            Access::Need(Permission::UserDirectory),
            get(practitioner::search).post(practitioner::search),
        )
        .page(
            "/fhir/r4/Practitioner/{id}",
            Access::Need(Permission::UserDirectory),
            get(practitioner::read),
        )
        .page(
            "/fhir/r4/Appointment",
            Access::Need(Permission::ScheduleRead),
            get(appointment::search),
        )
        .page(
            "/fhir/r4/Appointment/_search",
            Access::Need(Permission::ScheduleRead),
            get(appointment::search).post(appointment::search),
        )
        .page(
            "/fhir/r4/Appointment/{id}",
            Access::Need(Permission::ScheduleRead),
            get(appointment::read),
        )
        .page("/fhir/r4/Condition", clinical, get(condition::search))
        .page(
            "/fhir/r4/Condition/_search",
            clinical,
            get(condition::search).post(condition::search),
        )
        .page("/fhir/r4/Condition/{id}", clinical, get(condition::read))
        .page("/fhir/r4/Encounter", clinical, get(encounter::search))
        .page(
            "/fhir/r4/Encounter/_search",
            clinical,
            get(encounter::search).post(encounter::search),
        )
        .page("/fhir/r4/Encounter/{id}", clinical, get(encounter::read))
}

async fn metadata(State(app): State<App>) -> Response {
    answer::resource(&capability_statement(&capability(&answer::base(&app))))
}

fn capability(base: &str) -> Capability {
    Capability {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        date: CHANGED.parse().unwrap_or_default(),
        base: base.to_owned(),
        security: Some(Security {
            description: "Send an API key of the practice as Authorization: Bearer.".to_owned(),
            authorize: None,
            token: None,
        }),
        resources: RESOURCES.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// INT-1: what is promised is what is routed, and no more.
    #[test]
    fn int_1_the_capability_statement_lists_exactly_what_is_served() {
        let statement = capability_statement(&capability("https://ehr.example.test/fhir/r4"));
        let listed: Vec<String> = statement["rest"][0]["resource"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{ROOT}/{}", one["type"].as_str().unwrap()))
            .collect();
        let routes = routes();
        let served: Vec<&str> = routes
            .declared()
            .iter()
            .map(|route| route.path.as_str())
            .filter(|path| path.matches('/').count() == 3 && !path.ends_with("metadata"))
            .collect();
        assert_eq!(listed, served);
        assert_eq!(statement["fhirVersion"], "4.0.1");
        assert!(statement["date"].as_str().unwrap().starts_with("2026"));
        for resource in statement["rest"][0]["resource"].as_array().unwrap() {
            let codes: Vec<&str> = resource["interaction"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["code"].as_str().unwrap())
                .collect();
            assert_eq!(codes, INTERACTIONS);
        }
    }
}
