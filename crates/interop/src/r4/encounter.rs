//! Encounter: visits that took place, here (appointments under way or completed) and before or elsewhere (past encounters).

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use clients::{Chart, ChartError};
use clinical::history::store::{EncounterRow, encounters, find_encounter};
use fhir::search::{Definition, Kind, Query};
use fhir::write::{self, To, Version};
use fhir::{Concept, Period, When, system};
use identity::AccessError;
use identity::audit::{self, Action, Entry};
use identity::web::{Ask, Failure};
use jiff::Timestamp;
use kernel::{AppointmentId, ClientId, EncounterId, Permission, Refusal};
use scheduling::{Appointment, Filter, Modality, Status};
use serde_json::{Value, json};

use super::answer::{self, Found, Search, Understood};
use super::patient::chart_of;

pub(super) const PARAMETERS: &[Definition] = &[
    Definition::reference("patient", &["Patient"]),
    Definition::new("date", Kind::Date),
    Definition::new("status", Kind::Token),
    Definition::new("class", Kind::Token),
];

const STATUS: &str = "http://hl7.org/fhir/encounter-status";
/// Sessions of one client that are looked through, in batches of this many.
const BATCH: i64 = 200;
const BATCHES_MAX: usize = 25;

/// A visit of either sort.
enum Visit {
    Past(Box<EncounterRow>),
    Session(Box<Appointment>),
}

impl Visit {
    fn id(&self) -> String {
        match self {
            Self::Past(row) => row.id.to_string(),
            Self::Session(visit) => visit.id.to_string(),
        }
    }

    const fn client(&self) -> ClientId {
        match self {
            Self::Past(row) => row.client_id,
            Self::Session(visit) => visit.client_id,
        }
    }

    const fn version(&self) -> i64 {
        match self {
            Self::Past(row) => row.version,
            Self::Session(visit) => visit.version,
        }
    }

    const fn updated(&self) -> Timestamp {
        match self {
            Self::Past(row) => row.created_at,
            Self::Session(visit) => visit.updated_at,
        }
    }

    fn status(&self) -> &str {
        match self {
            Self::Past(row) => &row.status,
            Self::Session(visit) if visit.status == Status::InSession => "in-progress",
            Self::Session(_) => "finished",
        }
    }

    fn class(&self) -> &str {
        match self {
            Self::Past(row) => &row.class,
            Self::Session(visit) => match visit.modality {
                Modality::InPerson => "AMB",
                Modality::Video | Modality::AudioOnly => "VR",
            },
        }
    }

    /// From when to when, as it took place, else as it was planned.
    fn period(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::Past(row) => (row.started_at, row.ended_at),
            Self::Session(visit) => {
                let end = visit
                    .session_ended_at
                    .or((visit.status == Status::Completed).then_some(visit.ends_at));
                (Some(visit.session_started_at.unwrap_or(visit.starts_at)), end)
            }
        }
    }
}

pub(super) async fn read(ask: Ask, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Failure> {
    let visit = one(&ask, &id).await?.ok_or(Refusal::NotFound)?;
    let table = match visit {
        Visit::Past(_) => "past_encounter",
        Visit::Session(_) => "appointment",
    };
    audit::record(
        &ask.tx,
        &ask.actor,
        Entry::new(Action::Read, table)
            .id(id.parse().unwrap_or_default())
            .client(visit.client()),
    )
    .await?;
    ask.tx.commit().await?;
    Ok(answer::versioned(&headers, visit.version(), &written(&visit)))
}

/// A visit whose chart the asker may open.
async fn one(ask: &Ask, id: &str) -> Result<Option<Visit>, Failure> {
    let Ok(uuid) = id.parse::<uuid::Uuid>() else {
        return Ok(None);
    };
    if let Some(row) = find_encounter(&ask.tx, ask.tx.practice(), EncounterId::from_uuid(uuid)).await? {
        let chart = chart_of(ask, &row.client_id.to_string(), Permission::ClinicalRead).await?;
        return Ok(chart.map(|_| Visit::Past(Box::new(row))));
    }
    let id = AppointmentId::from_uuid(uuid);
    let visit = match scheduling::visit(&ask.tx, &ask.actor, id, Permission::ClinicalRead).await {
        Ok(visit) => visit,
        Err(ChartError::Access(AccessError::Hidden)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let until = visit
        .starts_at
        .checked_add(jiff::SignedDuration::from_secs(1))
        .unwrap_or(visit.starts_at);
    let there = sessions(ask, &visit.chart, visit.starts_at, until).await?;
    Ok(there
        .into_iter()
        .find(|session| session.id == id)
        .map(|session| Visit::Session(Box::new(session))))
}

/// Sessions of a client that took place, oldest first; none for who may not see the calendar.
async fn sessions(ask: &Ask, chart: &Chart, from: Timestamp, until: Timestamp) -> Result<Vec<Appointment>, Failure> {
    if !ask.actor.may(Permission::ScheduleRead) {
        return Ok(Vec::new());
    }
    let mut filter = Filter {
        client: Some(chart.id()),
        clinicians: Vec::new(),
        from,
        until,
        after: None,
        limit: BATCH,
    };
    let mut all = Vec::new();
    for _ in 0..BATCHES_MAX {
        let batch = scheduling::list(&ask.tx, &ask.actor, &filter).await?;
        let Some(last) = batch.last() else { break };
        filter.after = Some((last.starts_at, last.id));
        all.extend(
            batch
                .into_iter()
                .filter(|visit| matches!(visit.status, Status::InSession | Status::Completed)),
        );
    }
    Ok(all)
}

pub(super) async fn search(search: Search) -> Result<Response, Failure> {
    let query = match search.understand(PARAMETERS, &[("date", true)]) {
        Understood::Query(query) => query,
        Understood::Refused(response) => return Ok(response),
    };
    let ask = search.ask;
    let mut visits = match wanted(&ask, &query).await? {
        Ok(visits) => visits,
        Err(response) => return Ok(response),
    };
    let mut entry = Entry::new(Action::Search, "past_encounter").detail(json!({ "looked_at": visits.len() }));
    if let Some(visit) = visits.first() {
        entry = entry.client(visit.client());
    }
    audit::record(&ask.tx, &ask.actor, entry).await?;
    visits.retain(|visit| passes(visit, &query));
    visits.sort_by_key(|visit| (std::cmp::Reverse(visit.period().0), visit.id()));
    let found = Found::page_of(visits.iter().map(written).collect(), &query)?;
    let response = answer::page(&ask, "Encounter", &query, found);
    ask.tx.commit().await?;
    Ok(response)
}

async fn wanted(ask: &Ask, query: &Query) -> Result<Result<Vec<Visit>, Response>, Failure> {
    let mut visits = Vec::new();
    match (answer::references(query, "patient"), &query.ids) {
        (Some(patients), _) => {
            for patient in patients.iter().take(20) {
                let Some(chart) = chart_of(ask, patient, Permission::ClinicalRead).await? else {
                    continue;
                };
                visits.extend(
                    encounters(&ask.tx, ask.tx.practice(), chart.id())
                        .await?
                        .into_iter()
                        .map(|row| Visit::Past(Box::new(row))),
                );
                let here = sessions(ask, &chart, Timestamp::UNIX_EPOCH, ask.tx.now()).await?;
                visits.extend(here.into_iter().map(|visit| Visit::Session(Box::new(visit))));
            }
        }
        (None, Some(ids)) => {
            for id in ids.iter().take(20) {
                visits.extend(one(ask, id).await?);
            }
        }
        (None, None) => {
            return Ok(Err(answer::unsupported(
                "patient",
                "say whose encounters are wanted",
                PARAMETERS,
            )));
        }
    }
    Ok(Ok(visits))
}

fn passes(visit: &Visit, query: &Query) -> bool {
    let (start, end) = visit.period();
    let class: Vec<(Option<&str>, &str)> = Some(visit.class())
        .filter(|class| !class.is_empty())
        .map(|class| (Some(system::ENCOUNTER_CLASS), class))
        .into_iter()
        .collect();
    answer::envelope_passes(query, &visit.id(), visit.updated())
        && answer::date_passes(query, "date", |test| {
            start.is_some_and(|start| test.matches_period(start, end))
        })
        && answer::token_passes(query, "status", &[(Some(STATUS), visit.status())])
        && answer::token_passes(query, "class", &class)
}

fn written(visit: &Visit) -> Value {
    let (start, end) = visit.period();
    let when = |at: Option<Timestamp>| at.map(|at| When::Instant { at, offset_seconds: 0 });
    let encounter = write::Encounter {
        version: Version {
            id: visit.id(),
            version: visit.version(),
            updated: visit.updated(),
            labels: Vec::new(),
        },
        status: visit.status().to_owned(),
        class: visit.class().to_owned(),
        patient: To::new("Patient", visit.client()),
        period: Period {
            start: when(start),
            end: when(end),
        },
        ..write::Encounter::default()
    };
    write::encounter(&match visit {
        Visit::Past(row) => write::Encounter {
            types: vec![Concept::words(&row.description)],
            practitioners: row.provider.as_deref().map(To::words).into_iter().collect(),
            reasons: row.reason.as_deref().map(Concept::words).into_iter().collect(),
            organization: row.organization.as_deref().map(To::words),
            ..encounter
        },
        Visit::Session(session) => write::Encounter {
            types: vec![Concept::words(&session.type_name)],
            practitioners: vec![To::new("Practitioner", session.clinician_id).called(&session.clinician_name)],
            reasons: session.reason.as_deref().map(Concept::words).into_iter().collect(),
            appointment: Some(To::new("Appointment", session.id)),
            ..encounter
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::search::{Handling, parse};
    use jiff::tz::TimeZone;

    fn past() -> Visit {
        Visit::Past(Box::new(EncounterRow {
            id: EncounterId::from_uuid(uuid::Uuid::from_u128(1)),
            client_id: ClientId::from_uuid(uuid::Uuid::from_u128(2)),
            class: "AMB".into(),
            description: "Follow-up".into(),
            status: "finished".into(),
            started_at: Some("2019-05-01T10:00:00Z".parse().unwrap()),
            ended_at: Some("2019-05-01T11:00:00Z".parse().unwrap()),
            provider: Some("Dr. Roe".into()),
            organization: None,
            reason: None,
            version: 1,
            created_at: "2026-03-02T14:00:00Z".parse().unwrap(),
        }))
    }

    /// INT-2.
    #[test]
    fn int_2_visits_are_found_by_date_status_and_class() {
        let check = |pairs: &[(&str, &str)], expected: bool| {
            let query = parse(pairs, PARAMETERS, Handling::Strict, &TimeZone::UTC).unwrap();
            assert_eq!(passes(&past(), &query), expected, "{pairs:?}");
        };
        check(&[("date", "2019-05-01")], true);
        check(&[("date", "2019")], true);
        check(&[("date", "gt2019-06")], false);
        check(&[("status", "finished"), ("class", "AMB,VR")], true);
        check(
            &[("class", "http://terminology.hl7.org/CodeSystem/v3-ActCode|VR")],
            false,
        );
    }

    /// INT-3.
    #[test]
    fn int_3_a_past_visit_names_who_treated_in_words() {
        let value = written(&past());
        assert_eq!(value["participant"][0]["individual"]["display"], "Dr. Roe");
        assert_eq!(value["class"]["code"], "AMB");
        assert_eq!(value["period"]["start"], "2019-05-01T10:00:00Z");
    }
}
