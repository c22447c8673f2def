//! Events: what happened, told upward. An event is a row of the transaction in which it happened.
//!
//! Subscribers run in that same transaction, for what must be consistent with it; everything else hangs a job
//! or a live notice on it. Nothing below knows who listens above.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use kernel::{ClientId, EventId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::{StoreError, Tx, live};

/// Something that happened. Names are past tense, `module.thing_happened`.
#[derive(Clone, Debug)]
pub struct Event {
    /// Stable name, such as `scheduling.booked`.
    pub name: &'static str,
    /// The record it happened to.
    pub subject: Uuid,
    /// The client concerned, if one.
    pub client: Option<ClientId>,
    /// Who did it; `None` for the house itself.
    pub actor: Option<UserId>,
    /// Ids and codes only; never names or clinical text.
    pub facts: Value,
    /// Live topics whose open pages should look again.
    pub topics: Vec<String>,
}

/// A subscriber's work within the publisher's transaction.
pub type Work<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// What runs when an event of a name is published.
pub type Subscriber = for<'a> fn(&'a Tx, &'a Event) -> Work<'a>;

/// Who listens to what; put together once, by the server.
#[derive(Clone, Default)]
pub struct Subscribers(HashMap<&'static str, Vec<Subscriber>>);

impl Subscribers {
    /// Adds a subscriber to an event's name.
    pub fn subscribe(&mut self, name: &'static str, subscriber: Subscriber) {
        self.0.entry(name).or_default().push(subscriber);
    }
}

crate::statement! {
    /// Writes one event.
    fn insert_event(practice: kernel::PracticeId, id: EventId, at: jiff::Timestamp, name: &str, subject: Uuid, client: Option<ClientId>, actor: Option<UserId>, facts: &Value) -> count = "
    insert into event (practice_id, id, occurred_at, name, subject_id, client_id, actor_id, facts)
    values ($1, $2, $3, $4, $5, $6, $7, $8)"
}

/// Writes the event, runs its subscribers and tells open pages, all with this transaction's commit.
///
/// # Errors
/// The database, or a subscriber's refusal: then nothing of the transaction happens.
pub async fn publish(tx: &Tx, event: Event) -> Result<(), StoreError> {
    insert_event(
        tx,
        tx.practice(),
        tx.id(),
        tx.now(),
        event.name,
        event.subject,
        event.client,
        event.actor,
        &event.facts,
    )
    .await?;
    for topic in &event.topics {
        live::notify(tx, topic).await?;
    }
    let subscribers = tx.subscribers();
    for subscriber in subscribers.0.get(event.name).into_iter().flatten() {
        subscriber(tx, &event).await?;
    }
    Ok(())
}
