//! What a person can do with a client's record: register and edit. Permission, rule, write, audit, event.

use futures_util::try_join;
use identity::audit::{self, Action, Entry};
use identity::web::Failure;
use identity::{AccessError, Actor};
use kernel::{ClientId, Permission, Problems, Refusal};
use platform::events::{self, Event};
use platform::{StoreError, Tx};
use serde_json::json;

use super::store::{self, Candidate};
use super::{Demographics, NewClient, Sex, Status, record_number};
use crate::chart::{Chart, ChartError, open_chart};
use crate::contact;
use crate::duplicate::{self, Facts};
use crate::team::{self, NewAssignment, TeamRole};

/// Somebody already registered who may be the same person.
#[derive(Clone, Debug)]
pub struct Likely {
    /// The client.
    pub id: ClientId,
    /// The record number.
    pub mrn: String,
    /// The name as stored.
    pub name: String,
    /// 0 to 100.
    pub score: i32,
}

/// Why a client was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// No such right.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Values are invalid.
    #[error("invalid values")]
    Invalid(Problems),
    /// This looks like somebody already registered, and nobody has said that it isn't.
    #[error("likely duplicate")]
    Likely(Vec<Likely>),
    /// The database.
    #[error("client could not be stored")]
    Store(#[from] StoreError),
}

impl From<&RegisterError> for Refusal {
    fn from(error: &RegisterError) -> Self {
        match error {
            RegisterError::Access(error) => (*error).into(),
            RegisterError::Invalid(problems) => Self::Invalid(problems.clone()),
            RegisterError::Likely(likely) => Self::Conflict {
                code: "likely_duplicate",
                sentence: format!(
                    "This looks like somebody who is already registered (No. {}). Compare the records; if it is another person, say so and send it again.",
                    likely.iter().map(|one| one.mrn.as_str()).collect::<Vec<_>>().join(", ")
                ),
                field: Some("different_person"),
            },
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Store(error) => error.into(),
            other @ (RegisterError::Access(_) | RegisterError::Invalid(_) | RegisterError::Likely(_)) => {
                Self(Refusal::from(&other))
            }
        }
    }
}

/// Registers a client with contacts and, if wanted, a primary clinician (CLI-1, CLI-3). A clinician who registers
/// a client joins the team, or could not open what was just written.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(tx: &Tx, actor: &Actor, new: NewClient) -> Result<ClientId, RegisterError> {
    let scope = actor.need(Permission::ClientEdit)?;
    let clinician = match new.clinician {
        Some(wanted) if actor.user == Some(wanted) || actor.may(Permission::ClientAssign) => Some(wanted),
        Some(_) => return Err(AccessError::Missing(Permission::ClientAssign).into()),
        None if crate::is_whole(scope) => None,
        None => actor.user,
    };
    let likely = duplicates(
        tx,
        actor,
        &new.who,
        new.contacts.iter().map(|point| point.value.as_str()).collect(),
    )
    .await?;
    if likely.iter().any(|one| one.score >= duplicate::LIKELY) && !new.is_different_person {
        return Err(RegisterError::Likely(likely));
    }
    if let Some(wanted) = clinician
        && !team::ops::treats(tx, wanted).await?
    {
        return Err(RegisterError::Invalid(unknown_clinician()));
    }
    let (number,) = store::take_numbers(tx, tx.practice(), 1).await?;
    let (id, mrn) = (tx.id::<ClientId>(), record_number(number));
    insert(tx, actor, id, &mrn, &new.who, Status::Intake).await?;
    for (index, point) in new.contacts.iter().enumerate() {
        contact::ops::insert(tx, actor, id, point, i32::try_from(index).unwrap_or(0) + 1).await?;
    }
    if let Some(user) = clinician {
        let assignment = NewAssignment {
            user,
            role: TeamRole::PrimaryClinician,
            from: actor.today(tx.now()),
            reason: None,
        };
        team::ops::insert(tx, actor, id, &assignment).await?;
    }
    let detail = json!({ "mrn": mrn, "likely_duplicates_overridden": likely.iter().filter(|one| one.score >= duplicate::LIKELY).map(|one| one.mrn.clone()).collect::<Vec<_>>() });
    audit::record(
        tx,
        actor,
        Entry::new(Action::Create, "client")
            .id(id.uuid())
            .client(id)
            .detail(detail),
    )
    .await?;
    events::publish(tx, event(actor, "clients.registered", id)).await?;
    Ok(id)
}

fn unknown_clinician() -> Problems {
    let mut problems = Problems::default();
    problems.add("clinician", "unknown", "Please choose a clinician from the list.");
    problems
}

pub(crate) fn event(actor: &Actor, name: &'static str, id: ClientId) -> Event {
    Event {
        name,
        subject: id.uuid(),
        client: Some(id),
        actor: actor.user,
        facts: json!({}),
        topics: vec!["clients".to_owned(), format!("clients/{id}")],
    }
}

async fn insert(
    tx: &Tx,
    actor: &Actor,
    id: ClientId,
    mrn: &str,
    who: &Demographics,
    status: Status,
) -> Result<u64, StoreError> {
    store::insert(
        tx,
        tx.practice(),
        id,
        mrn,
        &who.family,
        &who.given,
        who.middle.as_deref(),
        who.suffix.as_deref(),
        who.preferred_name.as_deref(),
        &who.previous_names,
        who.pronouns.as_deref(),
        who.birth_date,
        who.birth_date_estimated,
        who.sex.unwrap_or(Sex::Unknown),
        who.marital_status.as_deref(),
        &who.languages,
        &who.race,
        &who.ethnicity,
        status,
        who.presenting_concern.as_deref(),
        who.payment_mode,
        tx.now(),
        actor.user,
    )
    .await
}

/// Who of those registered may be this person, most likely first; scores of 60 and more.
///
/// # Errors
/// The database.
pub(crate) async fn duplicates(
    tx: &Tx,
    actor: &Actor,
    who: &Demographics,
    contacts: Vec<&str>,
) -> Result<Vec<Likely>, StoreError> {
    let values: Vec<String> = contacts.iter().map(|value| (*value).to_owned()).collect();
    let name = format!("{} {}", who.family, who.given);
    let candidates =
        store::candidates(tx, tx.practice(), who.birth_date, &values, &name, actor.today(tx.now())).await?;
    let facts = Facts {
        given: [Some(who.given.as_str()), who.preferred_name.as_deref()]
            .into_iter()
            .flatten()
            .collect(),
        family: std::iter::once(who.family.as_str())
            .chain(who.previous_names.iter().map(String::as_str))
            .collect(),
        birth_date: who.birth_date,
        contacts,
    };
    let mut likely: Vec<Likely> = candidates
        .iter()
        .map(|candidate| Likely {
            score: duplicate::score(&facts, &known(candidate)),
            ..of(candidate)
        })
        .filter(|one| one.score >= 60)
        .collect();
    likely.sort_by(|a, b| b.score.cmp(&a.score).then(a.mrn.cmp(&b.mrn)));
    likely.truncate(10);
    Ok(likely)
}

fn of(candidate: &Candidate) -> Likely {
    Likely {
        id: candidate.id,
        mrn: candidate.mrn.clone(),
        name: format!("{} {}", candidate.given, candidate.family),
        score: 0,
    }
}

fn known(candidate: &Candidate) -> Facts<'_> {
    Facts {
        given: [Some(candidate.given.as_str()), candidate.preferred_name.as_deref()]
            .into_iter()
            .flatten()
            .collect(),
        family: vec![candidate.family.as_str()],
        birth_date: candidate.birth_date,
        contacts: candidate.contacts.iter().map(String::as_str).collect(),
    }
}

/// Why an edit was not stored.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Out of reach, or no such right.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// Somebody changed the record meanwhile.
    #[error("stale version, current is {current}")]
    Stale {
        /// Version stored now.
        current: i64,
    },
    /// The database.
    #[error("client could not be stored")]
    Store(#[from] StoreError),
}

impl From<&EditError> for Refusal {
    fn from(error: &EditError) -> Self {
        match error {
            EditError::Chart(error) => error.into(),
            EditError::Stale { current } => Self::Stale { current: *current },
            EditError::Store(error) => error.into(),
        }
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Chart(error) => error.into(),
            EditError::Store(error) => error.into(),
            other @ EditError::Stale { .. } => Self(Refusal::from(&other)),
        }
    }
}

/// Changes who a client is (CLI-2). The version is the one the edit began from. Race and ethnicity stay.
///
/// # Errors
/// See [`EditError`].
pub async fn update_demographics(
    tx: &Tx,
    actor: &Actor,
    id: ClientId,
    version: i64,
    who: &Demographics,
) -> Result<Chart, EditError> {
    let chart = open_chart(tx, actor, id, Permission::ClientEdit).await?;
    if chart.version() != version {
        return Err(EditError::Stale {
            current: chart.version(),
        });
    }
    let changed = changed_fields(&chart.demographics(), who);
    if changed.is_empty() {
        return Ok(chart);
    }
    let touched = store::update(
        tx,
        tx.practice(),
        id,
        version,
        &who.family,
        &who.given,
        who.middle.as_deref(),
        who.suffix.as_deref(),
        who.preferred_name.as_deref(),
        &who.previous_names,
        who.pronouns.as_deref(),
        who.birth_date,
        who.birth_date_estimated,
        who.sex.unwrap_or(Sex::Unknown),
        who.marital_status.as_deref(),
        &who.languages,
        who.presenting_concern.as_deref(),
        who.payment_mode,
        tx.now(),
        actor.user,
    )
    .await?;
    let now_stored = store::load(tx, tx.practice(), id, actor.user, actor.today(tx.now()));
    if touched == 0 {
        let current = now_stored.await?.map_or(version, |row| row.version);
        return Err(EditError::Stale { current });
    }
    let entry = Entry::new(Action::Update, "client")
        .id(id.uuid())
        .client(id)
        .detail(json!({ "fields": changed }));
    try_join!(
        audit::record(tx, actor, entry),
        events::publish(tx, event(actor, "clients.updated", id))
    )?;
    Ok(open_chart(tx, actor, id, Permission::ClientRead).await?)
}

/// Names of the fields that differ, for the audit log, which holds no values.
pub(crate) fn changed_fields(before: &Demographics, after: &Demographics) -> Vec<&'static str> {
    let pairs = [
        ("family", before.family != after.family),
        ("given", before.given != after.given),
        ("middle", before.middle != after.middle),
        ("suffix", before.suffix != after.suffix),
        ("preferred_name", before.preferred_name != after.preferred_name),
        ("previous_names", before.previous_names != after.previous_names),
        ("pronouns", before.pronouns != after.pronouns),
        ("birth_date", before.birth_date != after.birth_date),
        (
            "birth_date_estimated",
            before.birth_date_estimated != after.birth_date_estimated,
        ),
        (
            "sex_administrative",
            before.sex.unwrap_or(Sex::Unknown) != after.sex.unwrap_or(Sex::Unknown),
        ),
        ("marital_status", before.marital_status != after.marital_status),
        ("languages", before.languages != after.languages),
        (
            "presenting_concern",
            before.presenting_concern != after.presenting_concern,
        ),
        ("payment_mode", before.payment_mode != after.payment_mode),
    ];
    pairs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect()
}
