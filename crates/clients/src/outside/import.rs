//! Bringing records in: each function takes a slice, writes what is not known yet in one statement, and says what became
//! of each row. Everything is known again by its foreign number, so a second import changes nothing.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use identity::audit::{self, Action, Entry, Purpose};
use identity::{AccessError, Actor};
use kernel::{
    AllergyId, ClientId, ContactPointId, CoverageId, ExternalProviderId, ExternalResourceId, Permission, TypedId,
};
use platform::{StoreError, Tx};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    ExternalKey, Imported, ImportedAllergy, ImportedClient, ImportedCoverage, ImportedProvider, KeptResource,
    identify_many, name_records, store,
};
use crate::client::{self, Sex, Status, record_number};

/// Joins the items of a list within a row; no text holds it, since control characters are refused.
const SEPARATOR: &str = "\u{1f}";

/// Why rows were not brought in. Nothing of the call was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No such right.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error("imported rows could not be stored")]
    Store(#[from] StoreError),
}

/// What a batch holds that is not known yet.
struct Sorted<I> {
    answers: Vec<Imported<I>>,
    /// Places of the rows to write.
    fresh: Vec<usize>,
}

/// Tells known rows from new ones; a row that stands twice in the batch is new once.
async fn sort<I: TypedId>(tx: &Tx, kind: &str, sources: &[ExternalKey]) -> Result<Sorted<I>, StoreError> {
    let known = identify_many(tx, kind, sources).await?;
    let (mut answers, mut fresh, mut seen) = (
        Vec::with_capacity(sources.len()),
        Vec::new(),
        HashMap::<&ExternalKey, I>::new(),
    );
    for (place, (source, known)) in sources.iter().zip(known).enumerate() {
        let earlier = known.map(I::from_uuid).or_else(|| seen.get(source).copied());
        let id = earlier.unwrap_or_else(|| tx.id());
        if earlier.is_none() {
            seen.insert(source, id);
            fresh.push(place);
        }
        answers.push(Imported {
            id,
            created: earlier.is_none(),
        });
    }
    Ok(Sorted { answers, fresh })
}

/// Brings clients in. Those known by their source stay as they are.
///
/// # Errors
/// See [`ImportError`].
pub async fn import_clients(
    tx: &Tx,
    actor: &Actor,
    rows: &[ImportedClient],
) -> Result<Vec<Imported<ClientId>>, ImportError> {
    actor.need(Permission::ImportRun)?;
    let sources: Vec<ExternalKey> = rows.iter().map(|row| row.source.clone()).collect();
    let Sorted { answers, fresh } = sort::<ClientId>(tx, "client", &sources).await?;
    if fresh.is_empty() {
        return Ok(answers);
    }
    let (first,) = client::store::take_numbers(tx, tx.practice(), i64::try_from(fresh.len()).unwrap_or(0)).await?;
    let new: Vec<(ClientId, &ImportedClient)> = fresh.iter().map(|place| (answers[*place].id, &rows[*place])).collect();
    insert_clients(tx, actor, &new, first).await?;
    insert_contacts(tx, actor, &new).await?;
    for (id, row) in &new {
        let keys = std::iter::once(&row.source)
            .chain(&row.identifiers)
            .map(|key| (key.clone(), id.uuid()));
        name_records(tx, "client", Some(*id), &keys.collect::<Vec<_>>()).await?;
    }
    let lines = new.iter().map(|(id, _)| {
        audit::record(
            tx,
            actor,
            Entry::new(Action::Create, "client")
                .id(id.uuid())
                .client(*id)
                .detail(json!({ "by": "import" })),
        )
    });
    try_join_all(lines).await?;
    Ok(answers)
}

async fn insert_clients(
    tx: &Tx,
    actor: &Actor,
    new: &[(ClientId, &ImportedClient)],
    first: i64,
) -> Result<(), StoreError> {
    let ids: Vec<ClientId> = new.iter().map(|(id, _)| *id).collect();
    let mrns: Vec<String> = (first..).take(new.len()).map(record_number).collect();
    let text = |of: fn(&ImportedClient) -> &str| new.iter().map(|(_, row)| of(row)).collect::<Vec<&str>>();
    let maybe =
        |of: fn(&ImportedClient) -> Option<&str>| new.iter().map(|(_, row)| of(row)).collect::<Vec<Option<&str>>>();
    let list = |of: fn(&ImportedClient) -> &[String]| {
        new.iter()
            .map(|(_, row)| of(row).join(SEPARATOR))
            .collect::<Vec<String>>()
    };
    let births: Vec<_> = new.iter().map(|(_, row)| row.who.birth_date).collect();
    let estimated: Vec<bool> = new.iter().map(|(_, row)| row.who.birth_date_estimated).collect();
    let deceased: Vec<_> = new.iter().map(|(_, row)| row.deceased_at).collect();
    store::insert_clients(
        tx,
        tx.practice(),
        &ids,
        &mrns,
        &text(|row| &row.who.family),
        &text(|row| &row.who.given),
        &maybe(|row| row.who.middle.as_deref()),
        &maybe(|row| row.who.suffix.as_deref()),
        &maybe(|row| row.who.preferred_name.as_deref()),
        &list(|row| &row.who.previous_names),
        &births,
        &estimated,
        &deceased,
        &text(|row| row.who.sex.unwrap_or(Sex::Unknown).word()),
        &maybe(|row| row.who.marital_status.as_deref()),
        &list(|row| &row.who.languages),
        &list(|row| &row.who.race),
        &list(|row| &row.who.ethnicity),
        &text(|row| status(row).word()),
        tx.now(),
        actor.user,
    )
    .await
    .map(drop)
}

fn status(row: &ImportedClient) -> Status {
    row.status.unwrap_or(if row.deceased_at.is_some() {
        Status::Deceased
    } else {
        Status::Intake
    })
}

async fn insert_contacts(tx: &Tx, actor: &Actor, new: &[(ClientId, &ImportedClient)]) -> Result<(), StoreError> {
    let points: Vec<_> = new
        .iter()
        .flat_map(|(id, row)| {
            row.contacts
                .iter()
                .zip(1_i32..)
                .map(move |(point, rank)| (*id, point, rank))
        })
        .filter(|(_, point, _)| !point.value.is_empty())
        .collect();
    if points.is_empty() {
        return Ok(());
    }
    let ids: Vec<ContactPointId> = points.iter().map(|_| tx.id()).collect();
    let clients: Vec<ClientId> = points.iter().map(|(id, _, _)| *id).collect();
    let kinds: Vec<&str> = points.iter().map(|(_, point, _)| point.kind.word()).collect();
    let uses: Vec<&str> = points.iter().map(|(_, point, _)| point.usage.word()).collect();
    let values: Vec<&str> = points.iter().map(|(_, point, _)| point.value.as_str()).collect();
    let lines: Vec<Option<&str>> = points
        .iter()
        .map(|(_, point, _)| point.address_line.as_deref())
        .collect();
    let cities: Vec<Option<&str>> = points.iter().map(|(_, point, _)| point.city.as_deref()).collect();
    let states: Vec<Option<&str>> = points.iter().map(|(_, point, _)| point.state.as_deref()).collect();
    let codes: Vec<Option<&str>> = points
        .iter()
        .map(|(_, point, _)| point.postal_code.as_deref())
        .collect();
    let countries: Vec<Option<&str>> = points.iter().map(|(_, point, _)| point.country.as_deref()).collect();
    let ranks: Vec<i32> = points.iter().map(|(_, _, rank)| *rank).collect();
    store::insert_contacts(
        tx,
        tx.practice(),
        &ids,
        &clients,
        &kinds,
        &uses,
        &values,
        &lines,
        &cities,
        &states,
        &codes,
        &countries,
        &ranks,
        tx.now(),
        actor.user,
    )
    .await
    .map(drop)
}

/// Brings one client in.
///
/// # Errors
/// See [`ImportError`].
pub async fn upsert_client_from_import(
    tx: &Tx,
    actor: &Actor,
    row: &ImportedClient,
) -> Result<Imported<ClientId>, ImportError> {
    one(import_clients(tx, actor, std::slice::from_ref(row)).await?)
}

fn one<I>(mut answers: Vec<Imported<I>>) -> Result<Imported<I>, ImportError> {
    answers.pop().ok_or(ImportError::Store(StoreError::NotOne(0)))
}

/// Brings allergies of a client in.
///
/// # Errors
/// See [`ImportError`].
pub async fn add_allergies(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    rows: &[ImportedAllergy],
) -> Result<Vec<Imported<AllergyId>>, ImportError> {
    actor.need(Permission::ImportRun)?;
    let sources: Vec<ExternalKey> = rows.iter().map(|row| row.source.clone()).collect();
    let Sorted { answers, fresh } = sort::<AllergyId>(tx, "allergy_intolerance", &sources).await?;
    if fresh.is_empty() {
        return Ok(answers);
    }
    let ids: Vec<AllergyId> = fresh.iter().map(|place| answers[*place].id).collect();
    let maybe = |of: fn(&ImportedAllergy) -> Option<&str>| {
        fresh
            .iter()
            .map(|place| of(&rows[*place]))
            .collect::<Vec<Option<&str>>>()
    };
    let titles: Vec<&str> = fresh.iter().map(|place| rows[*place].title.as_str()).collect();
    let categories: Vec<String> = fresh
        .iter()
        .map(|place| rows[*place].categories.join(SEPARATOR))
        .collect();
    let clinical: Vec<&str> = fresh
        .iter()
        .map(|place| {
            rows[*place]
                .clinical_status
                .as_deref()
                .filter(|word| matches!(*word, "inactive" | "resolved"))
                .unwrap_or("active")
        })
        .collect();
    let onsets: Vec<_> = fresh.iter().map(|place| rows[*place].onset_on).collect();
    let recorded: Vec<_> = fresh.iter().map(|place| rows[*place].recorded_on).collect();
    store::insert_allergies(
        tx,
        tx.practice(),
        client,
        &ids,
        &titles,
        &maybe(|row| row.code.as_ref().map(|(system, _)| system.as_str())),
        &maybe(|row| row.code.as_ref().map(|(_, code)| code.as_str())),
        &maybe(|row| row.kind.as_deref()),
        &categories,
        &maybe(|row| row.criticality.as_deref()),
        &clinical,
        &maybe(|row| row.verification_status.as_deref()),
        &maybe(|row| row.reactions.as_deref()),
        &onsets,
        &recorded,
        &maybe(|row| row.remarks.as_deref()),
        tx.now(),
        actor.user,
    )
    .await?;
    finish(
        tx,
        actor,
        "allergy_intolerance",
        Some(client),
        &fresh,
        &sources,
        &answers,
    )
    .await?;
    Ok(answers)
}

/// Notes the sources of what was written, and one audit line for the batch.
async fn finish<I: TypedId>(
    tx: &Tx,
    actor: &Actor,
    kind: &'static str,
    client: Option<ClientId>,
    fresh: &[usize],
    sources: &[ExternalKey],
    answers: &[Imported<I>],
) -> Result<(), StoreError> {
    let names: Vec<_> = fresh
        .iter()
        .map(|place| (sources[*place].clone(), answers[*place].id.uuid()))
        .collect();
    name_records(tx, kind, client, &names).await?;
    note(tx, actor, kind, client, fresh.len()).await
}

async fn note(
    tx: &Tx,
    actor: &Actor,
    kind: &'static str,
    client: Option<ClientId>,
    created: usize,
) -> Result<(), StoreError> {
    let entry = Entry::new(Action::Create, kind)
        .purpose(Purpose::Operations)
        .detail(json!({ "by": "import", "created": created }));
    audit::record(
        tx,
        actor,
        match client {
            Some(client) => entry.client(client),
            None => entry,
        },
    )
    .await
}

/// Brings one allergy in.
///
/// # Errors
/// See [`ImportError`].
pub async fn add_allergy(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    row: &ImportedAllergy,
) -> Result<Imported<AllergyId>, ImportError> {
    one(add_allergies(tx, actor, client, std::slice::from_ref(row)).await?)
}

/// Brings coverages of a client in.
///
/// # Errors
/// See [`ImportError`].
pub async fn add_coverages(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    rows: &[ImportedCoverage],
) -> Result<Vec<Imported<CoverageId>>, ImportError> {
    actor.need(Permission::ImportRun)?;
    let sources: Vec<ExternalKey> = rows.iter().map(|row| row.source.clone()).collect();
    let Sorted { answers, fresh } = sort::<CoverageId>(tx, "coverage", &sources).await?;
    if fresh.is_empty() {
        return Ok(answers);
    }
    let ids: Vec<CoverageId> = fresh.iter().map(|place| answers[*place].id).collect();
    let maybe = |of: fn(&ImportedCoverage) -> Option<&str>| {
        fresh
            .iter()
            .map(|place| of(&rows[*place]))
            .collect::<Vec<Option<&str>>>()
    };
    let payers: Vec<&str> = fresh.iter().map(|place| rows[*place].payer.as_str()).collect();
    let statuses: Vec<&str> = fresh
        .iter()
        .map(|place| coverage_status(&rows[*place].status))
        .collect();
    let places: Vec<Option<i32>> = fresh
        .iter()
        .map(|place| {
            rows[*place]
                .place
                .and_then(|place| i32::try_from(place).ok())
                .filter(|place| (1..=9).contains(place))
        })
        .collect();
    let from: Vec<_> = fresh.iter().map(|place| rows[*place].valid_from).collect();
    let until: Vec<_> = fresh.iter().map(|place| rows[*place].valid_to).collect();
    store::insert_coverages(
        tx,
        tx.practice(),
        client,
        &ids,
        &payers,
        &maybe(|row| row.plan_name.as_deref()),
        &maybe(|row| row.member_id.as_deref()),
        &maybe(|row| row.group_number.as_deref()),
        &maybe(|row| row.relationship.as_deref()),
        &statuses,
        &places,
        &from,
        &until,
        tx.now(),
        actor.user,
    )
    .await?;
    finish(tx, actor, "coverage", Some(client), &fresh, &sources, &answers).await?;
    Ok(answers)
}

fn coverage_status(word: &str) -> &'static str {
    match word {
        "active" => "active",
        "cancelled" => "cancelled",
        "entered-in-error" | "entered_in_error" => "entered_in_error",
        _ => "draft",
    }
}

/// Brings one coverage in.
///
/// # Errors
/// See [`ImportError`].
pub async fn add_coverage(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    row: &ImportedCoverage,
) -> Result<Imported<CoverageId>, ImportError> {
    one(add_coverages(tx, actor, client, std::slice::from_ref(row)).await?)
}

/// Brings outside professionals in. One is known again by the source or by any other number, such as the NPI.
///
/// # Errors
/// See [`ImportError`].
pub async fn add_external_providers(
    tx: &Tx,
    actor: &Actor,
    rows: &[ImportedProvider],
) -> Result<Vec<Imported<ExternalProviderId>>, ImportError> {
    actor.need(Permission::ImportRun)?;
    let keys: Vec<(usize, ExternalKey)> = rows
        .iter()
        .enumerate()
        .flat_map(|(place, row)| {
            std::iter::once(&row.source)
                .chain(&row.identifiers)
                .map(move |key| (place, key.clone()))
        })
        .collect();
    let asked: Vec<ExternalKey> = keys.iter().map(|(_, key)| key.clone()).collect();
    let mut by_key: HashMap<&ExternalKey, ExternalProviderId> = HashMap::new();
    for (key, record) in asked.iter().zip(identify_many(tx, "external_provider", &asked).await?) {
        by_key.extend(record.map(|record| (key, ExternalProviderId::from_uuid(record))));
    }
    let (mut answers, mut fresh) = (Vec::with_capacity(rows.len()), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        let known = std::iter::once(&row.source)
            .chain(&row.identifiers)
            .find_map(|key| by_key.get(key).copied());
        let id = known.unwrap_or_else(|| tx.id());
        for key in std::iter::once(&row.source).chain(&row.identifiers) {
            by_key.entry(key).or_insert(id);
        }
        if known.is_none() {
            fresh.push(place);
        }
        answers.push(Imported {
            id,
            created: known.is_none(),
        });
    }
    if !fresh.is_empty() {
        insert_providers(tx, actor, rows, &fresh, &answers).await?;
        note(tx, actor, "external_provider", None, fresh.len()).await?;
    }
    let names: Vec<_> = keys
        .into_iter()
        .map(|(place, key)| (key, answers[place].id.uuid()))
        .collect();
    name_records(tx, "external_provider", None, &names).await?;
    Ok(answers)
}

async fn insert_providers(
    tx: &Tx,
    actor: &Actor,
    rows: &[ImportedProvider],
    fresh: &[usize],
    answers: &[Imported<ExternalProviderId>],
) -> Result<(), StoreError> {
    let ids: Vec<ExternalProviderId> = fresh.iter().map(|place| answers[*place].id).collect();
    let text = |of: fn(&ImportedProvider) -> &str| fresh.iter().map(|place| of(&rows[*place])).collect::<Vec<&str>>();
    let maybe = |of: fn(&ImportedProvider) -> Option<&str>| {
        fresh
            .iter()
            .map(|place| of(&rows[*place]))
            .collect::<Vec<Option<&str>>>()
    };
    let active: Vec<bool> = fresh.iter().map(|place| rows[*place].active).collect();
    store::insert_providers(
        tx,
        tx.practice(),
        &ids,
        &text(|row| &row.family),
        &text(|row| &row.given),
        &maybe(|row| row.prefix.as_deref()),
        &maybe(|row| row.suffix.as_deref()),
        &maybe(|row| row.npi.as_deref()),
        &maybe(|row| row.phone.as_deref()),
        &maybe(|row| row.email.as_deref()),
        &maybe(|row| row.address.as_deref()),
        &active,
        tx.now(),
        actor.user,
    )
    .await
    .map(drop)
}

/// Brings one outside professional in.
///
/// # Errors
/// See [`ImportError`].
pub async fn add_external_provider(
    tx: &Tx,
    actor: &Actor,
    row: &ImportedProvider,
) -> Result<Imported<ExternalProviderId>, ImportError> {
    one(add_external_providers(tx, actor, std::slice::from_ref(row)).await?)
}

/// Keeps resources exactly as they came. One with the same type and source that is there already stays.
///
/// # Errors
/// See [`ImportError`].
pub async fn keep_resources(
    tx: &Tx,
    actor: &Actor,
    rows: &[KeptResource],
) -> Result<Vec<Imported<ExternalResourceId>>, ImportError> {
    actor.need(Permission::ImportRun)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ExternalResourceId> = rows.iter().map(|_| tx.id()).collect();
    let text = |of: fn(&KeptResource) -> &str| rows.iter().map(of).collect::<Vec<&str>>();
    let maybe = |of: fn(&KeptResource) -> Option<&str>| rows.iter().map(of).collect::<Vec<Option<&str>>>();
    let (types, systems, sources) = (
        text(|row| &row.resource_type),
        text(|row| &row.source.system),
        text(|row| &row.source.value),
    );
    let clients: Vec<Option<ClientId>> = rows.iter().map(|row| row.client).collect();
    let happened: Vec<_> = rows.iter().map(|row| row.happened_at).collect();
    let sums: Vec<Vec<u8>> = rows.iter().map(|row| Sha256::digest(&row.content).to_vec()).collect();
    let imports: Vec<_> = rows.iter().map(|row| row.import).collect();
    let written = store::insert_resources(
        tx,
        tx.practice(),
        &ids,
        &clients,
        &types,
        &systems,
        &sources,
        &text(|row| row.category.word()),
        &text(|row| &row.title),
        &maybe(|row| row.detail.as_deref()),
        &maybe(|row| row.status.as_deref()),
        &happened,
        &text(|row| &row.content),
        &sums,
        &imports,
        tx.now(),
        actor.user,
    )
    .await?;
    let written: std::collections::HashSet<_> = written.into_iter().map(|(id,)| id).collect();
    let mut answers: Vec<Imported<ExternalResourceId>> = ids
        .iter()
        .map(|id| Imported {
            id: *id,
            created: written.contains(id),
        })
        .collect();
    if written.len() < rows.len() {
        for (place, id) in store::find_resources(tx, tx.practice(), &types, &systems, &sources).await? {
            if let Some(answer) = usize::try_from(place)
                .ok()
                .and_then(|place| place.checked_sub(1))
                .and_then(|index| answers.get_mut(index))
            {
                answer.id = id;
            }
        }
    }
    if !written.is_empty() {
        note(
            tx,
            actor,
            "external_resource",
            rows.first().and_then(|row| row.client),
            written.len(),
        )
        .await?;
    }
    Ok(answers)
}

/// Keeps one resource exactly as it came.
///
/// # Errors
/// See [`ImportError`].
pub async fn keep_resource(
    tx: &Tx,
    actor: &Actor,
    row: &KeptResource,
) -> Result<Imported<ExternalResourceId>, ImportError> {
    one(keep_resources(tx, actor, std::slice::from_ref(row)).await?)
}
