//! Condition: the problem list, read through the chart of its client.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use clinical::history::store::{ConditionRow, conditions, find_condition};
use fhir::search::{Definition, Kind, Query};
use fhir::write::{self, To, Version};
use fhir::{Coding, Concept, system};
use identity::audit::{self, Action, Entry};
use identity::web::{Ask, Failure};
use kernel::{ConditionId, Permission, Refusal};
use serde_json::{Value, json};

use super::answer::{self, Found, Search, Understood};
use super::patient::chart_of;

pub(super) const PARAMETERS: &[Definition] = &[
    Definition::reference("patient", &["Patient"]),
    Definition::new("category", Kind::Token),
    Definition::new("clinical-status", Kind::Token),
    Definition::new("code", Kind::Token),
];

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";

pub(super) async fn read(ask: Ask, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Failure> {
    let row = one(&ask, &id).await?.ok_or(Refusal::NotFound)?;
    clients::open_chart(&ask.tx, &ask.actor, row.client_id, Permission::ClinicalRead).await?;
    audit::record(
        &ask.tx,
        &ask.actor,
        Entry::new(Action::Read, "condition")
            .id(row.id.uuid())
            .client(row.client_id),
    )
    .await?;
    ask.tx.commit().await?;
    Ok(answer::versioned(&headers, row.version, &written(&row)))
}

async fn one(ask: &Ask, id: &str) -> Result<Option<ConditionRow>, Failure> {
    let Ok(id) = id.parse::<ConditionId>() else {
        return Ok(None);
    };
    Ok(find_condition(&ask.tx, ask.tx.practice(), id).await?)
}

pub(super) async fn search(search: Search) -> Result<Response, Failure> {
    let query = match search.understand(PARAMETERS, &[]) {
        Understood::Query(query) => query,
        Understood::Refused(response) => return Ok(response),
    };
    let ask = search.ask;
    let rows = match wanted(&ask, &query).await? {
        Ok(rows) => rows,
        Err(response) => return Ok(response),
    };
    let matches: Vec<Value> = rows.iter().filter(|row| passes(row, &query)).map(written).collect();
    let mut entry = Entry::new(Action::Search, "condition").detail(json!({ "given": matches.len() }));
    if let Some(row) = rows.first() {
        entry = entry.client(row.client_id);
    }
    audit::record(&ask.tx, &ask.actor, entry).await?;
    let found = Found::page_of(matches, &query)?;
    let response = answer::page(&ask, "Condition", &query, found);
    ask.tx.commit().await?;
    Ok(response)
}

/// Problems of the patient, or those named by id; a chart out of reach gives none.
async fn wanted(ask: &Ask, query: &Query) -> Result<Result<Vec<ConditionRow>, Response>, Failure> {
    let mut rows = Vec::new();
    match (answer::references(query, "patient"), &query.ids) {
        (Some(patients), _) => {
            for patient in patients.iter().take(20) {
                if let Some(chart) = chart_of(ask, patient, Permission::ClinicalRead).await? {
                    rows.extend(conditions(&ask.tx, ask.tx.practice(), chart.id()).await?);
                }
            }
        }
        (None, Some(ids)) => {
            for id in ids.iter().take(20) {
                if let Some(row) = one(ask, id).await?
                    && chart_of(ask, &row.client_id.to_string(), Permission::ClinicalRead)
                        .await?
                        .is_some()
                {
                    rows.push(row);
                }
            }
        }
        (None, None) => {
            return Ok(Err(answer::unsupported(
                "patient",
                "say whose conditions are wanted",
                PARAMETERS,
            )));
        }
    }
    Ok(Ok(rows))
}

fn passes(row: &ConditionRow, query: &Query) -> bool {
    let codings = [
        (system::SNOMED, &row.snomed_code),
        (system::ICD_10_CM, &row.icd10cm_code),
    ];
    let codings: Vec<(Option<&str>, &str)> = codings
        .into_iter()
        .filter_map(|(system, code)| Some((Some(system), code.as_deref()?)))
        .collect();
    answer::envelope_passes(query, &row.id.to_string(), row.updated_at)
        && answer::token_passes(query, "category", &[(Some(CATEGORY), "problem-list-item")])
        && answer::token_passes(query, "clinical-status", &[(Some(CLINICAL), &row.clinical_status)])
        && answer::token_passes(query, "code", &codings)
}

fn written(row: &ConditionRow) -> Value {
    let when = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let coding = |system: &str, code: &Option<String>| code.as_deref().map(|code| Coding::new(system, code, ""));
    let code = Concept {
        codings: coding(system::ICD_10_CM, &row.icd10cm_code)
            .into_iter()
            .chain(coding(system::SNOMED, &row.snomed_code))
            .collect(),
        text: Some(row.description.clone()).filter(|text| !text.is_empty()),
    };
    // The value set has no word for "not known"; then nothing is said.
    let clinical_status = if row.clinical_status == "unknown" {
        String::new()
    } else {
        row.clinical_status.clone()
    };
    write::condition(&write::Condition {
        version: Version {
            id: row.id.to_string(),
            version: row.version,
            updated: row.updated_at,
            labels: Vec::new(),
        },
        patient: To::new("Patient", row.client_id),
        code,
        clinical_status,
        verification_status: row.verification_status.clone(),
        onset: when(&row.onset_on),
        abatement: when(&row.abated_on),
        recorded: when(&row.recorded_on),
        ..write::Condition::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::search::{Handling, parse};
    use jiff::tz::TimeZone;

    fn row() -> ConditionRow {
        ConditionRow {
            id: ConditionId::from_uuid(uuid::Uuid::from_u128(1)),
            client_id: kernel::ClientId::from_uuid(uuid::Uuid::from_u128(2)),
            snomed_code: Some("35489007".into()),
            icd10cm_code: None,
            description: "Depression".into(),
            clinical_status: "active".into(),
            verification_status: "confirmed".into(),
            onset_on: Some("2019-05".into()),
            abated_on: None,
            recorded_on: None,
            version: 3,
            updated_at: "2026-03-02T14:00:00Z".parse().unwrap(),
        }
    }

    /// INT-3.
    #[test]
    fn int_3_a_problem_is_written_as_precisely_as_it_is_known() {
        let value = written(&row());
        assert_eq!(value["onsetDateTime"], "2019-05");
        assert_eq!(value["meta"]["versionId"], "3");
        assert_eq!(
            value["code"]["coding"][0],
            json!({ "system": system::SNOMED, "code": "35489007" })
        );
        assert_eq!(value["subject"]["reference"], format!("Patient/{}", row().client_id));
        let unknown = written(&ConditionRow {
            clinical_status: "unknown".into(),
            ..row()
        });
        assert_eq!(unknown.get("clinicalStatus"), None);
    }

    /// INT-2.
    #[test]
    fn int_2_problems_are_found_by_status_code_and_category() {
        let check = |pairs: &[(&str, &str)], expected: bool| {
            let query = parse(pairs, PARAMETERS, Handling::Strict, &TimeZone::UTC).unwrap();
            assert_eq!(passes(&row(), &query), expected, "{pairs:?}");
        };
        check(&[("clinical-status", "active")], true);
        check(&[("clinical-status", "resolved,active")], true);
        check(&[("clinical-status", "resolved")], false);
        check(&[("code", "http://snomed.info/sct|35489007")], true);
        check(&[("code", "http://hl7.org/fhir/sid/icd-10-cm|35489007")], false);
        check(&[("category", "problem-list-item"), ("code", "35489007")], true);
        check(&[("category", "encounter-diagnosis")], false);
        check(&[("_id", &row().id.to_string())], true);
        check(&[("_lastUpdated", "gt2026-04")], false);
    }
}
