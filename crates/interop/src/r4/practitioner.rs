//! Practitioner: the practice's clinicians and the professionals outside it. No client's data, so no reach to check.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use fhir::search::{Definition, Kind, Query, Test, TokenTest};
use fhir::write::{self, Version};
use fhir::{Identifier, Name, Telecom, system};
use identity::audit::{self, Action, Entry, Purpose};
use identity::web::{Ask, Failure};
use kernel::{Permission, Refusal};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{self, Found, Search, Understood};
use super::store::{self, PractitionerRow};

pub(super) const PARAMETERS: &[Definition] = &[
    Definition::new("name", Kind::Text).with_modifiers(&[]),
    Definition::new("identifier", Kind::Token),
];

pub(super) async fn read(ask: Ask, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Failure> {
    ask.actor.need(Permission::UserDirectory)?;
    let id: Uuid = id.parse().map_err(|_| Refusal::NotFound)?;
    let wanted = [id];
    let entry = Entry::new(Action::Read, "practitioner")
        .id(id)
        .purpose(Purpose::Operations);
    let (rows, ()) = futures_util::try_join!(
        store::practitioners(&ask.tx, ask.tx.practice(), Some(&wanted), None, None, None, 1),
        audit::record(&ask.tx, &ask.actor, entry)
    )?;
    let row = rows.into_iter().next().ok_or(Refusal::NotFound)?;
    ask.tx.commit().await?;
    Ok(answer::versioned(&headers, row.version, &written(&row)))
}

pub(super) async fn search(search: Search) -> Result<Response, Failure> {
    let query = match search.understand(PARAMETERS, &[("_id", false)]) {
        Understood::Query(query) => query,
        Understood::Refused(response) => return Ok(response),
    };
    let ask = search.ask;
    ask.actor.need(Permission::UserDirectory)?;
    let found = match find(&ask, &query).await? {
        Ok(found) => found,
        Err(response) => return Ok(response),
    };
    let entry = Entry::new(Action::Search, "practitioner")
        .purpose(Purpose::Operations)
        .detail(json!({ "given": found.matches.len() }));
    audit::record(&ask.tx, &ask.actor, entry).await?;
    let response = answer::page(&ask, "Practitioner", &query, found);
    ask.tx.commit().await?;
    Ok(response)
}

async fn find(ask: &Ask, query: &Query) -> Result<Result<Found, Response>, Failure> {
    let ids: Option<Vec<Uuid>> = query
        .ids
        .as_ref()
        .map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect());
    let mut names: Option<Vec<String>> = None;
    for test in answer::tests(query, "name") {
        let Test::Text(any) = test else { continue };
        if names.is_some() {
            return Ok(Err(answer::unsupported(
                "name",
                "it may be given once, with alternatives after commas",
                PARAMETERS,
            )));
        }
        names = Some(any.iter().map(|text| text.value.to_lowercase()).collect());
    }
    let mut npis: Option<Vec<String>> = None;
    for test in answer::tests(query, "identifier") {
        let Test::Token { any, .. } = test else { continue };
        if any.iter().any(|token| matches!(token, TokenTest::AnyCode(_))) {
            return Ok(Err(answer::unsupported(
                "identifier",
                "it wants a number, not a system alone",
                PARAMETERS,
            )));
        }
        let wanted: Vec<String> = any
            .iter()
            .filter_map(|token| token.code_in(system::NPI))
            .map(str::to_owned)
            .collect();
        npis = Some(match npis {
            Some(before) => before.into_iter().filter(|npi| wanted.contains(npi)).collect(),
            None => wanted,
        });
    }
    let after: Option<Uuid> = query
        .cursor
        .as_ref()
        .map(|cursor| cursor.parse().map_err(|_| answer::foreign_cursor()))
        .transpose()?;
    // The list of a practice's professionals is short enough to be counted whole.
    let count = answer::count(query);
    let limit = if query.count_only {
        100_000
    } else {
        i64::try_from(count + 1).unwrap_or(51)
    };
    let mut rows = store::practitioners(
        &ask.tx,
        ask.tx.practice(),
        ids.as_deref(),
        names.as_deref(),
        npis.as_deref(),
        after,
        limit,
    )
    .await?;
    let has_more = !query.count_only && rows.len() > count;
    if has_more {
        rows.truncate(count);
    }
    let next = if has_more {
        rows.last().map(|row| row.id.to_string())
    } else {
        None
    };
    let matches: Vec<Value> = rows
        .iter()
        .filter(|row| answer::envelope_passes(query, &row.id.to_string(), row.updated_at))
        .map(written)
        .collect();
    let total = (next.is_none() && after.is_none()).then(|| u64::try_from(matches.len()).unwrap_or_default());
    Ok(Ok(Found { matches, next, total }))
}

fn written(row: &PractitionerRow) -> Value {
    let telecom = |system: &str, value: &Option<String>| {
        value.clone().map(|value| Telecom {
            system: Some(system.to_owned()),
            value,
            usage: Some("work".to_owned()),
        })
    };
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    write::practitioner(&write::Practitioner {
        version: Version {
            id: row.id.to_string(),
            version: row.version,
            updated: row.updated_at,
            labels: Vec::new(),
        },
        active: row.active,
        identifiers: row.npi.iter().map(|npi| Identifier::new(system::NPI, npi)).collect(),
        names: vec![Name {
            usage: Some("official".to_owned()),
            text: None,
            family: text(&row.family),
            given: text(&row.given).into_iter().collect(),
            prefix: row.prefix.clone().into_iter().collect(),
            suffix: row.suffix.clone().into_iter().collect(),
        }],
        telecoms: telecom("phone", &row.phone)
            .into_iter()
            .chain(telecom("email", &row.email))
            .collect(),
        ..write::Practitioner::default()
    })
}
