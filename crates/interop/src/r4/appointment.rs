//! Appointment: the calendar as far as the asker sees it.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use fhir::search::{Bounds, Definition, Kind, Query, Test};
use fhir::write::{self, Participant, To, Version};
use fhir::{Coding, Concept};
use identity::web::{Ask, Failure};
use jiff::Timestamp;
use kernel::{AppointmentId, ClientId, Permission, Refusal, UserId};
use scheduling::{Appointment, Filter, Status};
use serde_json::Value;

use super::answer::{self, Found, Search, Understood};

pub(super) const PARAMETERS: &[Definition] = &[
    Definition::reference("patient", &["Patient"]),
    Definition::reference("practitioner", &["Practitioner"]),
    Definition::new("date", Kind::Date),
    Definition::new("status", Kind::Token),
];

const STATUS: &str = "http://hl7.org/fhir/appointmentstatus";
/// Rows asked for at a time, and how often, until a page is full.
const BATCH: i64 = 200;
const BATCHES_MAX: usize = 10;

pub(super) async fn read(ask: Ask, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
    let visit = scheduling::find(&ask.tx, &ask.actor, id, Permission::ScheduleRead).await?;
    ask.tx.commit().await?;
    Ok(answer::versioned(&headers, visit.version, &written(&visit)))
}

pub(super) async fn search(search: Search) -> Result<Response, Failure> {
    let query = match search.understand(PARAMETERS, &[("date", false)]) {
        Understood::Query(query) => query,
        Understood::Refused(response) => return Ok(response),
    };
    let ask = search.ask;
    let found = match (filter(&query)?, &query.ids) {
        (Wanted::Nothing, _) => Found::nothing(),
        (Wanted::Unsupported(name, why), _) => return Ok(answer::unsupported(name, why, PARAMETERS)),
        (Wanted::All(_), Some(ids)) => by_id(&ask, ids, &query).await?,
        (Wanted::All(filter), None) => find(&ask, filter, &query).await?,
    };
    let response = answer::page(&ask, "Appointment", &query, found);
    ask.tx.commit().await?;
    Ok(response)
}

async fn by_id(ask: &Ask, ids: &[String], query: &Query) -> Result<Found, Failure> {
    let mut all = Vec::new();
    for id in ids.iter().take(50).filter_map(|id| id.parse::<AppointmentId>().ok()) {
        match scheduling::find(&ask.tx, &ask.actor, id, Permission::ScheduleRead).await {
            Ok(visit) if passes(&visit, query) && of_whom(&visit, query) => all.push(written(&visit)),
            Ok(_) => {}
            Err(error) if Refusal::from(&error) == Refusal::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Found::page_of(all, query)
}

fn of_whom(visit: &Appointment, query: &Query) -> bool {
    let names = |name: &str, id: String| answer::references(query, name).is_none_or(|wanted| wanted.contains(&id));
    names("patient", visit.client_id.to_string()) && names("practitioner", visit.clinician_id.to_string())
}

/// What of a search the calendar can be asked for.
enum Wanted {
    All(Filter),
    Nothing,
    Unsupported(&'static str, &'static str),
}

fn filter(query: &Query) -> Result<Wanted, Failure> {
    let client = match answer::references(query, "patient") {
        None => None,
        Some(patients) => match patients.as_slice() {
            [] => return Ok(Wanted::Nothing),
            [one] => match one.parse::<ClientId>() {
                Ok(id) => Some(id),
                Err(_) => return Ok(Wanted::Nothing),
            },
            _ => return Ok(Wanted::Unsupported("patient", "one patient at a time")),
        },
    };
    let clinicians: Vec<UserId> = match answer::references(query, "practitioner") {
        None => Vec::new(),
        Some(ids) => {
            let known: Vec<UserId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            if known.is_empty() {
                return Ok(Wanted::Nothing);
            }
            known
        }
    };
    let (from, until) = period(query);
    let after = query.cursor.as_deref().map(place).transpose()?;
    Ok(Wanted::All(Filter {
        client,
        clinicians,
        from,
        until,
        after,
        limit: BATCH,
    }))
}

/// The period within which every match begins; `passes` is exact.
fn period(query: &Query) -> (Timestamp, Timestamp) {
    let (mut from, mut until) = (edge("1900-01-01T00:00:00Z"), edge("2200-01-01T00:00:00Z"));
    for test in answer::tests(query, "date") {
        let Test::Date(any) = test else { continue };
        let ranges = any.iter().map(|one| match one.instants() {
            Bounds::Within(from, until) => (Some(from), Some(until)),
            Bounds::From(from) => (Some(from), None),
            Bounds::Before(until) => (None, Some(until)),
            Bounds::Outside(..) => (None, None),
        });
        let ranges: Vec<(Option<Timestamp>, Option<Timestamp>)> = ranges.collect();
        // Alternatives: the earliest of their beginnings and the latest of their ends; open where one is.
        if let Some(earliest) = ranges
            .iter()
            .map(|(from, _)| *from)
            .collect::<Option<Vec<_>>>()
            .and_then(|all| all.into_iter().min())
        {
            from = from.max(earliest);
        }
        if let Some(latest) = ranges
            .iter()
            .map(|(_, until)| *until)
            .collect::<Option<Vec<_>>>()
            .and_then(|all| all.into_iter().max())
        {
            until = until.min(latest);
        }
    }
    (from, until)
}

fn edge(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

fn place(cursor: &str) -> Result<(Timestamp, AppointmentId), Failure> {
    let (at, id) = cursor.split_once('_').ok_or_else(answer::foreign_cursor)?;
    match (at.parse(), id.parse()) {
        (Ok(at), Ok(id)) => Ok((at, id)),
        _ => Err(answer::foreign_cursor()),
    }
}

async fn find(ask: &Ask, mut filter: Filter, query: &Query) -> Result<Found, Failure> {
    let count = answer::count(query);
    let is_first = filter.after.is_none();
    let (mut matches, mut total) = (Vec::new(), 0_u64);
    for _ in 0..BATCHES_MAX {
        let visits = scheduling::list(&ask.tx, &ask.actor, &filter).await?;
        let is_last = i64::try_from(visits.len()).unwrap_or(BATCH) < BATCH;
        for visit in &visits {
            if passes(visit, query) {
                if matches.len() == count && !query.count_only {
                    return Ok(Found {
                        matches,
                        next: filter.after.map(|(at, id)| format!("{at}_{id}")),
                        total: None,
                    });
                }
                total += 1;
                if !query.count_only {
                    matches.push(written(visit));
                }
            }
            filter.after = Some((visit.starts_at, visit.id));
        }
        // A client's list is narrowed after it was read, so a short batch of it may not be the last.
        if visits.is_empty() || (is_last && filter.client.is_none()) {
            return Ok(Found {
                matches,
                next: None,
                total: is_first.then_some(total),
            });
        }
    }
    Ok(Found {
        matches,
        next: filter.after.map(|(at, id)| format!("{at}_{id}")),
        total: None,
    })
}

fn passes(visit: &Appointment, query: &Query) -> bool {
    answer::envelope_passes(query, &visit.id.to_string(), visit.updated_at)
        && answer::date_passes(query, "date", |test| test.instants().contains(&visit.starts_at))
        && answer::token_passes(query, "status", &[(Some(STATUS), status(visit.status))])
}

/// The standard's word for where an appointment stands.
const fn status(status: Status) -> &'static str {
    match status {
        Status::Requested => "proposed",
        Status::Scheduled | Status::Confirmed => "booked",
        Status::CheckedIn => "checked-in",
        Status::InSession => "arrived",
        Status::Completed => "fulfilled",
        Status::Declined | Status::Expired | Status::Cancelled | Status::LateCancelled => "cancelled",
        Status::NoShow => "noshow",
        Status::EnteredInError => "entered-in-error",
    }
}

fn written(visit: &Appointment) -> Value {
    let client = match &visit.client_name {
        Some(name) => To::new("Patient", visit.client_id).called(name),
        None => To::words("Restricted"),
    };
    let clinician = To::new("Practitioner", visit.clinician_id).called(&visit.clinician_name);
    let accepted = |who| Participant {
        who,
        status: "accepted".to_owned(),
    };
    let cancelled = |reason: scheduling::CancellationReason| Concept::words(reason.label());
    write::appointment(&write::Appointment {
        version: Version {
            id: visit.id.to_string(),
            version: visit.version,
            updated: visit.updated_at,
            labels: Vec::new(),
        },
        status: status(visit.status).to_owned(),
        cancellation_reason: visit
            .cancellation_reason
            .filter(|_| status(visit.status) == "cancelled")
            .map(cancelled),
        service_types: vec![Concept {
            codings: Vec::<Coding>::new(),
            text: Some(visit.type_name.clone()),
        }],
        kind: None,
        description: visit.client_name.as_ref().and(visit.reason.clone()),
        start: Some(visit.starts_at),
        end: Some(visit.ends_at),
        participants: vec![accepted(client), accepted(clinician)],
        ..write::Appointment::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::search::{Handling, parse};
    use jiff::tz::TimeZone;

    fn query(pairs: &[(&str, &str)]) -> Query {
        parse(pairs, PARAMETERS, Handling::Strict, &TimeZone::UTC).unwrap()
    }

    /// INT-4.
    #[test]
    fn int_4_dates_narrow_the_period_that_is_read() {
        let check = |pairs: &[(&str, &str)], from: &str, until: &str| {
            let (got_from, got_until) = period(&query(pairs));
            assert_eq!(
                (got_from.to_string(), got_until.to_string()),
                (from.to_owned(), until.to_owned()),
                "{pairs:?}"
            );
        };
        check(&[], "1900-01-01T00:00:00Z", "2200-01-01T00:00:00Z");
        check(
            &[("date", "2026-03-02")],
            "2026-03-02T00:00:00Z",
            "2026-03-03T00:00:00Z",
        );
        check(
            &[("date", "ge2026-03-02"), ("date", "lt2026-03-05")],
            "2026-03-02T00:00:00Z",
            "2026-03-05T00:00:00Z",
        );
        check(
            &[("date", "2026-03-02,2026-03-09")],
            "2026-03-02T00:00:00Z",
            "2026-03-10T00:00:00Z",
        );
        check(
            &[("date", "2026-03-02,ge2026-05")],
            "2026-03-02T00:00:00Z",
            "2200-01-01T00:00:00Z",
        );
        check(
            &[("date", "ne2026-03-02")],
            "1900-01-01T00:00:00Z",
            "2200-01-01T00:00:00Z",
        );
    }

    #[test]
    fn cursors_are_ours_or_refused() {
        let id = AppointmentId::from_uuid(uuid::Uuid::from_u128(5));
        let at: Timestamp = "2026-03-02T14:00:00Z".parse().unwrap();
        assert_eq!(place(&format!("{at}_{id}")).unwrap(), (at, id));
        for foreign in ["", "x", "2026-03-02T14:00:00Z", "_", "2026_7"] {
            assert!(place(foreign).is_err(), "{foreign}");
        }
    }

    #[test]
    fn unknown_people_have_no_appointments() {
        assert!(matches!(filter(&query(&[("patient", "nobody")])), Ok(Wanted::Nothing)));
        assert!(matches!(
            filter(&query(&[("practitioner", "nobody")])),
            Ok(Wanted::Nothing)
        ));
        assert!(matches!(filter(&query(&[("status", "booked")])), Ok(Wanted::All(_))));
    }
}
