//! What a person can do with a client's contact points: add one, end one.

use identity::Actor;
use identity::audit::{self, Action, Entry};
use identity::web::Failure;
use kernel::{ClientId, ContactPointId, Permission, Refusal};
use platform::{StoreError, Tx, events};
use serde_json::json;

use super::{NewContact, store};
use crate::chart::{ChartError, open_chart};
use crate::client::ops::event;

/// Why a contact point was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// Out of reach, or no such right.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// There is no such current contact point.
    #[error("no such contact point")]
    Gone,
    /// The database.
    #[error("contact point could not be stored")]
    Store(#[from] StoreError),
}

impl From<&ContactError> for Refusal {
    fn from(error: &ContactError) -> Self {
        match error {
            ContactError::Chart(error) => error.into(),
            ContactError::Gone => Self::NotFound,
            ContactError::Store(error) => error.into(),
        }
    }
}

impl From<ContactError> for Failure {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::Chart(error) => error.into(),
            ContactError::Store(error) => error.into(),
            other @ ContactError::Gone => Self(Refusal::from(&other)),
        }
    }
}

/// Adds a contact point behind those that are there.
///
/// # Errors
/// See [`ContactError`].
pub async fn add_contact(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    new: &NewContact,
) -> Result<ContactPointId, ContactError> {
    let chart = open_chart(tx, actor, client, Permission::ClientEdit).await?;
    let there = store::of_clients(tx, tx.practice(), &[chart.id()]).await?.len();
    let id = insert(tx, actor, chart.id(), new, i32::try_from(there).unwrap_or(0) + 1).await?;
    let entry = Entry::new(Action::Create, "client_contact_point")
        .id(id.uuid())
        .client(client)
        .detail(json!({ "kind": new.kind }));
    audit::record(tx, actor, entry).await?;
    events::publish(tx, event(actor, "clients.contact_added", client)).await?;
    Ok(id)
}

/// Ends a contact point; it stays in the record with today as its end.
///
/// # Errors
/// See [`ContactError`].
pub async fn end_contact(tx: &Tx, actor: &Actor, client: ClientId, id: ContactPointId) -> Result<(), ContactError> {
    let chart = open_chart(tx, actor, client, Permission::ClientEdit).await?;
    if store::end(tx, tx.practice(), chart.id(), id, actor.today(tx.now())).await? == 0 {
        return Err(ContactError::Gone);
    }
    audit::record(
        tx,
        actor,
        Entry::new(Action::Update, "client_contact_point")
            .id(id.uuid())
            .client(client)
            .detail(json!({ "fields": ["valid_to"] })),
    )
    .await?;
    events::publish(tx, event(actor, "clients.contact_ended", client)).await?;
    Ok(())
}

pub(crate) async fn insert(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    new: &NewContact,
    rank: i32,
) -> Result<ContactPointId, StoreError> {
    let id: ContactPointId = tx.id();
    store::insert(
        tx,
        tx.practice(),
        id,
        client,
        new.kind,
        new.usage,
        &new.value,
        new.address_line.as_deref(),
        new.city.as_deref(),
        new.state.as_deref(),
        new.postal_code.as_deref(),
        new.country.as_deref(),
        rank,
        tx.now(),
        actor.user,
    )
    .await?;
    Ok(id)
}
