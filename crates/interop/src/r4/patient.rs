//! Patient: clients within the asker's reach.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use clients::directory::{Patient, PatientFilter, patients};
use clients::{Chart, ChartError, ContactKind, ContactUse, Sex, Status};
use fhir::search::{Bounds, Definition, Kind, Query, Test, TextTest, TokenTest};
use fhir::write::{self, Version};
use fhir::{Address, Coding, Concept, Identifier, Name, Telecom, When, system};
use identity::AccessError;
use identity::web::{Ask, Failure};
use jiff::ToSpan;
use jiff::civil::Date;
use kernel::{ClientId, Permission, Refusal, text};
use serde_json::Value;

use super::answer::{self, Found, Search, Understood};

pub(super) const PARAMETERS: &[Definition] = &[
    Definition::new("identifier", Kind::Token),
    Definition::new("name", Kind::Text).with_modifiers(&[]),
    Definition::new("family", Kind::Text).with_modifiers(&[]),
    Definition::new("given", Kind::Text).with_modifiers(&[]),
    Definition::new("birthdate", Kind::Date),
    Definition::new("gender", Kind::Token),
    Definition::new("phone", Kind::Token),
    Definition::new("email", Kind::Token),
];

/// Record numbers of the practice itself.
const RECORD_NUMBER: &str = "urn:mentalspace:record-number";
const GENDER: &str = "http://hl7.org/fhir/administrative-gender";
/// Combinations of alternatives that one search may ask for.
const COMBINATIONS_MAX: usize = 20;
/// Pages of 200 that are looked through to count.
const COUNTED_PAGES_MAX: usize = 100;

/// The chart of a patient named in a search; `None` where it is out of reach, which looks like unknown.
pub(super) async fn chart_of(ask: &Ask, id: &str, permission: Permission) -> Result<Option<Chart>, Failure> {
    let Ok(id) = id.parse::<ClientId>() else {
        return Ok(None);
    };
    match clients::open_chart(&ask.tx, &ask.actor, id, permission).await {
        Ok(chart) => Ok(Some(chart)),
        Err(ChartError::Access(AccessError::Hidden)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn read(ask: Ask, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: ClientId = id.parse().map_err(|_| Refusal::NotFound)?;
    let chart = clients::open_chart(&ask.tx, &ask.actor, id, Permission::ClientRead).await?;
    let filter = PatientFilter {
        ids: Some(vec![chart.id()]),
        ..PatientFilter::default()
    };
    let patient = patients(&ask.tx, &ask.actor, &filter, 1)
        .await?
        .into_iter()
        .next()
        .ok_or(Refusal::NotFound)?;
    ask.tx.commit().await?;
    Ok(answer::versioned(&headers, patient.who.version, &written(&patient)))
}

pub(super) async fn search(search: Search) -> Result<Response, Failure> {
    let query = match search.understand(PARAMETERS, &[("_id", false)]) {
        Understood::Query(query) => query,
        Understood::Refused(response) => return Ok(response),
    };
    let ask = search.ask;
    let filters = match filters(&query) {
        Ok(filters) => filters,
        Err((name, why)) => return Ok(answer::unsupported(name, why, PARAMETERS)),
    };
    let found = if query.count_only {
        Found {
            matches: Vec::new(),
            next: None,
            total: counted(&ask, &filters, &query).await?,
        }
    } else {
        find(&ask, &filters, &query).await?
    };
    let response = answer::page(&ask, "Patient", &query, found);
    ask.tx.commit().await?;
    Ok(response)
}

async fn find(ask: &Ask, filters: &[PatientFilter], query: &Query) -> Result<Found, Failure> {
    if filters.is_empty() {
        return Ok(Found::nothing());
    }
    let after: Option<ClientId> = query
        .cursor
        .as_ref()
        .map(|cursor| cursor.parse().map_err(|_| answer::foreign_cursor()))
        .transpose()?;
    let count = answer::count(query);
    let (rows, next) = rows(ask, filters, after, count).await?;
    let matches: Vec<Value> = rows
        .iter()
        .filter(|patient| passes(patient, query))
        .map(written)
        .collect();
    let total = (next.is_none() && after.is_none()).then(|| u64::try_from(matches.len()).unwrap_or_default());
    Ok(Found {
        matches,
        next: next.map(|id| id.to_string()),
        total,
    })
}

/// Patients that fit any of the filters, in the order of ids, and the last one where there are more.
async fn rows(
    ask: &Ask,
    filters: &[PatientFilter],
    after: Option<ClientId>,
    count: usize,
) -> Result<(Vec<Patient>, Option<ClientId>), Failure> {
    let limit = i64::try_from(count + 1).unwrap_or(51);
    let mut rows: Vec<Patient> = Vec::new();
    for filter in filters {
        let filter = PatientFilter {
            after,
            ..filter.clone()
        };
        rows.extend(patients(&ask.tx, &ask.actor, &filter, limit).await?);
    }
    rows.sort_by_key(|patient| patient.who.id);
    rows.dedup_by_key(|patient| patient.who.id);
    let has_more = rows.len() > count;
    rows.truncate(count);
    let next = if has_more {
        rows.last().map(|patient| patient.who.id)
    } else {
        None
    };
    Ok((rows, next))
}

async fn counted(ask: &Ask, filters: &[PatientFilter], query: &Query) -> Result<Option<u64>, Failure> {
    let (mut total, mut after) = (0_u64, None);
    if filters.is_empty() {
        return Ok(Some(0));
    }
    for _ in 0..COUNTED_PAGES_MAX {
        let (rows, next) = rows(ask, filters, after, 200).await?;
        total += rows
            .iter()
            .filter(|patient| passes(patient, query))
            .map(|_| 1)
            .sum::<u64>();
        after = next;
        if after.is_none() {
            return Ok(Some(total));
        }
    }
    // More than can be looked through: better no number than a wrong one.
    Ok(None)
}

type Unsupported = (&'static str, &'static str);

/// A search as filters of which one must fit; none where nothing can.
fn filters(query: &Query) -> Result<Vec<PatientFilter>, Unsupported> {
    let mut filters = vec![PatientFilter::default()];
    if let Some(ids) = &query.ids {
        filters = vec![PatientFilter {
            ids: Some(ids.iter().filter_map(|id| id.parse().ok()).collect()),
            ..PatientFilter::default()
        }];
    }
    for filter in &query.filters {
        filters = match (filter.name, &filter.test) {
            ("birthdate", Test::Date(any)) => {
                let ranges: Vec<(Option<Date>, Option<Date>)> =
                    any.iter().flat_map(|test| ranges(test.days())).collect();
                combined("birthdate", &filters, &ranges, |filter, (from, until)| {
                    Ok(narrowed(filter, *from, *until))
                })?
            }
            (name @ ("name" | "family" | "given"), Test::Text(any)) => {
                combined(name, &filters, any, |filter, text| worded(filter, name, text))?
            }
            (name @ ("identifier" | "gender" | "phone" | "email"), Test::Token { any, .. }) => {
                combined(name, &filters, any, |filter, token| coded(filter, name, token))?
            }
            _ => filters,
        };
    }
    Ok(filters)
}

/// Each filter with each alternative.
fn combined<T>(
    name: &'static str,
    filters: &[PatientFilter],
    alternatives: &[T],
    with: impl Fn(PatientFilter, &T) -> Result<Option<PatientFilter>, Unsupported>,
) -> Result<Vec<PatientFilter>, Unsupported> {
    if filters.len() * alternatives.len() > COMBINATIONS_MAX {
        return Err((name, "these are more alternatives than one search may have"));
    }
    let mut all = Vec::new();
    for filter in filters {
        for alternative in alternatives {
            all.extend(with(filter.clone(), alternative)?);
        }
    }
    Ok(all)
}

/// Both ends included.
fn ranges(bounds: Bounds<Date>) -> Vec<(Option<Date>, Option<Date>)> {
    let before = |day: Date| day.saturating_sub(1.day());
    match bounds {
        Bounds::Within(from, until) => vec![(Some(from), Some(before(until)))],
        Bounds::Outside(from, until) => vec![(None, Some(before(from))), (Some(until), None)],
        Bounds::From(from) => vec![(Some(from), None)],
        Bounds::Before(until) => vec![(None, Some(before(until)))],
    }
}

fn narrowed(mut filter: PatientFilter, from: Option<Date>, until: Option<Date>) -> Option<PatientFilter> {
    filter.born_from = filter.born_from.max(from);
    filter.born_until = match (filter.born_until, until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    (filter.born_from.is_none() || filter.born_until.is_none() || filter.born_from <= filter.born_until)
        .then_some(filter)
}

fn worded(
    mut filter: PatientFilter,
    name: &'static str,
    text: &TextTest,
) -> Result<Option<PatientFilter>, Unsupported> {
    let field = match name {
        "family" => &mut filter.family,
        "given" => &mut filter.given,
        _ => &mut filter.name,
    };
    set(name, field, text.value.clone())?;
    Ok(Some(filter))
}

fn set<T>(name: &'static str, field: &mut Option<T>, value: T) -> Result<(), Unsupported> {
    if field.replace(value).is_some() {
        return Err((name, "it may be given once, with alternatives after commas"));
    }
    Ok(())
}

fn coded(
    mut filter: PatientFilter,
    name: &'static str,
    token: &TokenTest,
) -> Result<Option<PatientFilter>, Unsupported> {
    match name {
        "gender" => {
            let Some(sex) = token.code_in(GENDER).and_then(|code| code.parse::<Sex>().ok()) else {
                return Ok(None);
            };
            if filter.sex.is_some_and(|before| before != sex) {
                return Ok(None);
            }
            filter.sex = Some(sex);
        }
        "identifier" => match token {
            TokenTest::AnySystem(value) => set(name, &mut filter.identifier, (None, value.clone()))?,
            // The record number's own system is not among the foreign ones; `passes` looks at it again.
            TokenTest::Exactly { system, code } => {
                let system = (system != RECORD_NUMBER).then(|| system.clone());
                set(name, &mut filter.identifier, (system, code.clone()))?;
            }
            TokenTest::WithoutSystem(_) => return Ok(None),
            TokenTest::AnyCode(_) => return Err((name, "it wants a number, not a system alone")),
        },
        _ => {
            let (TokenTest::AnySystem(value) | TokenTest::Exactly { code: value, .. }) = token else {
                return Ok(None);
            };
            let stored = if name == "phone" {
                text::phone(value)
            } else {
                text::email(value)
            };
            set("phone", &mut filter.telecom, stored.unwrap_or_else(|_| value.clone()))?;
        }
    }
    Ok(Some(filter))
}

/// What the filters leave open: `_lastUpdated`, and record numbers asked for by their own system.
fn passes(patient: &Patient, query: &Query) -> bool {
    let own = [(Some(RECORD_NUMBER), patient.who.mrn.as_str())];
    let codings: Vec<(Option<&str>, &str)> = own
        .into_iter()
        .chain(
            patient
                .identifiers
                .iter()
                .map(|one| (Some(one.system.as_str()), one.value.as_str())),
        )
        .collect();
    answer::envelope_passes(query, &patient.who.id.to_string(), patient.who.updated_at)
        && answer::token_passes(query, "identifier", &codings)
}

fn written(patient: &Patient) -> Value {
    let who = &patient.who;
    let own = Identifier {
        kind: Some("MR".to_owned()),
        usage: Some("usual".to_owned()),
        ..Identifier::new(RECORD_NUMBER, &who.mrn)
    };
    let foreign = patient
        .identifiers
        .iter()
        .map(|one| Identifier::new(&one.system, &one.value));
    write::patient(&write::Patient {
        version: Version {
            id: who.id.to_string(),
            version: who.version,
            updated: who.updated_at,
            labels: Vec::new(),
        },
        active: !matches!(
            who.status,
            Status::Inactive
                | Status::Discharged
                | Status::Declined
                | Status::Deceased
                | Status::EnteredInError
                | Status::Merged
        ),
        identifiers: std::iter::once(own).chain(foreign).collect(),
        names: names(patient),
        telecoms: patient.contacts.iter().filter_map(telecom).collect(),
        gender: Some(who.sex_administrative.word().to_owned()),
        birth_date: who.birth_date.map(|born| {
            if who.birth_date_estimated {
                estimated(born)
            } else {
                When::Day(born)
            }
        }),
        deceased: who.status == Status::Deceased || who.deceased_at.is_some(),
        deceased_at: who.deceased_at.map(|at| When::Instant { at, offset_seconds: 0 }),
        addresses: patient.contacts.iter().filter_map(address).collect(),
        marital_status: who
            .marital_status
            .as_deref()
            .map(|code| Concept::coded(system::MARITAL_STATUS, code, "")),
        languages: who
            .languages
            .iter()
            .map(|code| Concept::coded(system::LANGUAGE, code, ""))
            .collect(),
        race: census(&who.race),
        ethnicity: census(&who.ethnicity),
        ..write::Patient::default()
    })
}

/// Only the year or month is known; which of them isn't kept, so the year is what is surely known.
fn estimated(born: Date) -> When {
    if born.month() == 1 {
        When::Year(born.year())
    } else {
        When::Month {
            year: born.year(),
            month: born.month(),
        }
    }
}

fn names(patient: &Patient) -> Vec<Name> {
    let who = &patient.who;
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let official = Name {
        usage: Some("official".to_owned()),
        family: text(&who.family),
        given: text(&who.given).into_iter().chain(who.middle.clone()).collect(),
        suffix: who.suffix.clone().into_iter().collect(),
        ..Name::default()
    };
    let preferred = who.preferred_name.as_ref().map(|name| Name {
        usage: Some("usual".to_owned()),
        text: Some(name.clone()),
        ..Name::default()
    });
    let earlier = who.previous_names.iter().map(|name| Name {
        usage: Some("old".to_owned()),
        text: Some(name.clone()),
        ..Name::default()
    });
    std::iter::once(official).chain(preferred).chain(earlier).collect()
}

fn usage(usage: ContactUse) -> Option<String> {
    let word = match usage {
        ContactUse::Home => "home",
        ContactUse::Mobile => "mobile",
        ContactUse::Work => "work",
        ContactUse::Temporary => "temp",
        ContactUse::Mailing => return None,
    };
    Some(word.to_owned())
}

fn telecom(contact: &clients::directory::ContactRow) -> Option<Telecom> {
    let system = match contact.kind {
        ContactKind::Phone => "phone",
        ContactKind::Email => "email",
        ContactKind::Postal => return None,
    };
    Some(Telecom {
        system: Some(system.to_owned()),
        value: contact.value.clone(),
        usage: usage(contact.usage),
    })
}

fn address(contact: &clients::directory::ContactRow) -> Option<Address> {
    (contact.kind == ContactKind::Postal).then(|| Address {
        usage: usage(contact.usage).filter(|word| word != "mobile"),
        text: Some(contact.value.clone()),
        lines: contact.address_line.clone().into_iter().collect(),
        city: contact.city.clone(),
        district: None,
        state: contact.state.clone(),
        postal_code: contact.postal_code.clone(),
        country: contact.country.clone(),
    })
}

fn census(codes: &[String]) -> Option<Concept> {
    let codings: Vec<Coding> = codes
        .iter()
        .filter(|code| code.contains('-'))
        .map(|code| Coding::new(system::RACE_AND_ETHNICITY, code, ""))
        .collect();
    (!codings.is_empty()).then_some(Concept { codings, text: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::search::{Handling, parse};
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    fn read(pairs: &[(&str, &str)]) -> Result<Vec<PatientFilter>, Unsupported> {
        filters(&parse(pairs, PARAMETERS, Handling::Strict, &TimeZone::UTC).unwrap())
    }

    /// INT-4: prefixes and alternatives of a birth date.
    #[test]
    fn int_4_birth_dates_become_ranges() {
        let ranges = |value: &str| {
            read(&[("birthdate", value)])
                .unwrap()
                .iter()
                .map(|filter| (filter.born_from, filter.born_until))
                .collect::<Vec<_>>()
        };
        let day = |y, m, d| Some(date(y, m, d));
        assert_eq!(ranges("1986-04-12"), [(day(1986, 4, 12), day(1986, 4, 12))]);
        assert_eq!(ranges("1986"), [(day(1986, 1, 1), day(1986, 12, 31))]);
        assert_eq!(ranges("ge1986-04"), [(day(1986, 4, 1), None)]);
        assert_eq!(ranges("lt1986"), [(None, day(1985, 12, 31))]);
        assert_eq!(ranges("ne1986").len(), 2);
        assert_eq!(ranges("1986,1990").len(), 2);
        let both = read(&[("birthdate", "ge1986"), ("birthdate", "le1990")]).unwrap();
        assert_eq!(
            (both[0].born_from, both[0].born_until),
            (day(1986, 1, 1), day(1990, 12, 31))
        );
        assert!(
            read(&[("birthdate", "1986"), ("birthdate", "1990")])
                .unwrap()
                .is_empty()
        );
    }

    /// INT-2.
    #[test]
    fn int_2_what_cannot_match_matches_nothing_and_what_is_not_done_is_said() {
        assert!(read(&[("gender", "nonsense")]).unwrap().is_empty());
        assert_eq!(read(&[("gender", "male,female")]).unwrap().len(), 2);
        assert_eq!(
            read(&[("phone", "(312) 555-0142")]).unwrap()[0].telecom.as_deref(),
            Some("+13125550142")
        );
        assert_eq!(
            read(&[("identifier", "urn:x|7")]).unwrap()[0].identifier,
            Some((Some("urn:x".into()), "7".into()))
        );
        assert!(read(&[("name", "a"), ("name", "b")]).is_err());
        assert!(read(&[("identifier", "urn:x|")]).is_err());
        assert!(
            read(&[("_id", "not-ours")]).unwrap()[0]
                .ids
                .as_ref()
                .unwrap()
                .is_empty()
        );
        assert_eq!(read(&[]).unwrap().len(), 1);
    }
}
