//! Searching and verifying the audit log (IAM-64, IAM-66). Looking at the log is itself a line in it.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AuditEventId, ClientId, Permission, Problems, Refusal, Scope, UserId};
use platform::{StoreError, Tx};
use serde_json::json;

use super::chain::{self, Verdict};
use super::store::{self, EventRow};
use super::{Action, Entry, Purpose};
use crate::{AccessError, Actor};

/// Why the log was not shown.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Rights.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Values.
    #[error("invalid values")]
    Invalid(Problems),
    /// Database.
    #[error("audit log could not be read")]
    Store(#[from] StoreError),
}

impl From<&SearchError> for Refusal {
    fn from(error: &SearchError) -> Self {
        match error {
            SearchError::Access(error) => (*error).into(),
            SearchError::Invalid(problems) => Self::Invalid(problems.clone()),
            SearchError::Store(error) => Self::from(error),
        }
    }
}

/// What a search keeps.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// By this person.
    pub person: Option<UserId>,
    /// On this client's records.
    pub client: Option<ClientId>,
    /// Of this kind.
    pub action: Option<Action>,
    /// From this day on.
    pub from: Option<Date>,
    /// Until this day, included.
    pub until: Option<Date>,
}

impl Filter {
    /// Reads what was typed; empty is no filter.
    ///
    /// # Errors
    /// What can't be read, field by field.
    pub fn parse(person: &str, client: &str, action: &str, from: &str, until: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut given = |field: &'static str, text: &str, is_right: bool| {
            if !text.trim().is_empty() && !is_right {
                problems.add(field, "unknown", "This can't be searched for. Choose or copy it again.");
            }
        };
        let (person_id, client_id, kind) = (
            person.trim().parse().ok(),
            client.trim().parse().ok(),
            action.trim().parse().ok(),
        );
        given("person", person, person_id.is_some());
        given("client", client, client_id.is_some());
        given("action", action, kind.is_some());
        let mut day = |field, text: &str| {
            if text.trim().is_empty() {
                None
            } else {
                problems.keep(field, kernel::text::date(text))
            }
        };
        let filter = Self {
            person: person_id,
            client: client_id,
            action: kind,
            from: day("from", from),
            until: day("until", until),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

/// Where a page starts: behind this instant and id.
pub type Before = (Timestamp, AuditEventId);

/// Lines of the log, newest first; without the right to all, one's own.
///
/// # Errors
/// [`SearchError`].
pub async fn search(
    tx: &Tx,
    actor: &Actor,
    filter: &Filter,
    before: Option<&Before>,
    limit: i64,
) -> Result<Vec<EventRow>, SearchError> {
    let person = match actor.need(Permission::AuditRead)? {
        Scope::Practice => filter.person,
        _ => {
            let own = actor.person(Permission::AuditRead)?;
            if filter.person.is_some_and(|wanted| wanted != own) {
                return Err(AccessError::Missing(Permission::AuditRead).into());
            }
            Some(own)
        }
    };
    let bounds = |date: Date| kernel::when::day_range(date, &actor.zone).ok();
    let from = filter.from.and_then(bounds).map(|(start, _)| start);
    let until = filter.until.and_then(bounds).map(|(_, end)| end);
    let entry = Entry::new(Action::Search, "audit_event")
        .purpose(Purpose::Administration)
        .detail(json!({ "person": filter.person, "client": filter.client, "action": filter.action }));
    let (rows, ()) = futures_util::try_join!(
        store::list(
            tx,
            actor.practice,
            person,
            filter.client,
            filter.action,
            from,
            until,
            before.map(|(at, _)| *at),
            before.map(|(_, id)| *id),
            limit
        ),
        super::record(tx, actor, entry),
    )?;
    Ok(rows)
}

/// Verifies the chain for somebody who may see the whole log.
///
/// # Errors
/// [`SearchError`].
pub async fn verify(tx: &Tx, actor: &Actor) -> Result<Verdict, SearchError> {
    if actor.need(Permission::AuditRead)? != Scope::Practice {
        return Err(AccessError::Missing(Permission::AuditRead).into());
    }
    let verdict = chain::verify(tx).await?;
    let detail = match &verdict {
        Verdict::Intact { last } => json!({ "intact": true, "last": last }),
        Verdict::Broken { sequence, why } => json!({ "intact": false, "sequence": sequence, "why": why }),
    };
    super::record(
        tx,
        actor,
        Entry::new(Action::Execute, "audit_link")
            .purpose(Purpose::Administration)
            .detail(detail),
    )
    .await?;
    Ok(verdict)
}
