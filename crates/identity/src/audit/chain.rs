//! The chain that makes the audit log tamper-evident: each link is the hash of the one before and of an event.
//!
//! `hash = SHA-256(previous hash ‖ RFC 8785 JSON of the event)`, the first previous hash being 32 zero bytes; the
//! sequence is gapless per practice. Links are made by a worker within seconds of the event's commit, so that
//! requests never wait for one another (see docs/decisions/0002).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kernel::{AuditEventId, PracticeId};
use platform::{Db, StoreError, Tx};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Events linked in one transaction.
const BATCH: i64 = 500;
/// An event this old without a link is a fault: the worker is never that far behind.
const LINKED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

platform::row! {
    /// An event as it is hashed, with its link where it has one.
    struct Linked {
        sequence: Option<i64>,
        previous: Option<Vec<u8>>,
        hash: Option<Vec<u8>>,
        id: AuditEventId,
        at: Timestamp,
        actor_id: Option<uuid::Uuid>,
        actor_label: String,
        roles: Vec<String>,
        session_id: Option<uuid::Uuid>,
        address: Option<String>,
        request_id: Option<String>,
        action: String,
        resource_type: String,
        resource_id: Option<uuid::Uuid>,
        client_id: Option<uuid::Uuid>,
        purpose: String,
        outcome: String,
        detail: Value,
    }
}

platform::statement! {
    /// Practices with events to link.
    fn practices_pending() -> many (PracticeId,) = "select practice_id from audit_practices_pending()"
}
platform::statement! {
    /// One linker per practice at a time.
    fn take_turn(key: i64) -> one (bool,) = "select pg_try_advisory_xact_lock(7305424, ($1::bigint % 2147483647)::int)"
}
platform::statement! {
    /// The newest link. Primary key.
    fn newest_link(practice: PracticeId) -> maybe (i64, Vec<u8>) = "
    select sequence, hash from audit_link where practice_id = $1 order by sequence desc limit 1"
}
platform::statement! {
    /// Events without a link, oldest first. Primary key of audit_pending.
    fn pending(practice: PracticeId, batch: i64) -> many Linked = "
    select null::bigint as sequence, null::bytea as previous, null::bytea as hash, e.id, e.at, e.actor_id, e.actor_label, e.roles, e.session_id, e.address, e.request_id,
           e.action, e.resource_type, e.resource_id, e.client_id, e.purpose, e.outcome, e.detail
      from audit_pending p join audit_event e on e.practice_id = p.practice_id and e.id = p.event_id
     where p.practice_id = $1 order by p.event_id limit $2"
}
platform::statement! {
    /// Writes links, all in one statement.
    fn insert_links(practice: PracticeId, sequences: &[i64], events: &[AuditEventId], previous: &[&[u8]], hashes: &[&[u8]]) -> count = "
    insert into audit_link (practice_id, sequence, event_id, previous, hash)
    select $1, sequence, event_id, previous, hash from unnest($2::bigint[], $3::uuid[], $4::bytea[], $5::bytea[]) as link (sequence, event_id, previous, hash)"
}
platform::statement! {
    /// Takes linked events off the list.
    fn delete_pending(practice: PracticeId, events: &[AuditEventId]) -> count = "
    delete from audit_pending where practice_id = $1 and event_id = any($2)"
}
platform::statement! {
    /// Links with their events, from a place on. Primary key of audit_link.
    fn links_from(practice: PracticeId, after: i64, batch: i64) -> many Linked = "
    select l.sequence, l.previous, l.hash, l.event_id as id, coalesce(e.at, 'epoch') as at, e.actor_id, coalesce(e.actor_label, '') as actor_label, coalesce(e.roles, '{}') as roles, e.session_id, e.address, e.request_id,
           coalesce(e.action, '') as action, coalesce(e.resource_type, '') as resource_type, e.resource_id, e.client_id, coalesce(e.purpose, '') as purpose, coalesce(e.outcome, '') as outcome, coalesce(e.detail, 'null') as detail
      from audit_link l left join audit_event e on e.practice_id = l.practice_id and e.id = l.event_id
     where l.practice_id = $1 and l.sequence > $2 order by l.sequence limit $3"
}
platform::statement! {
    /// Events of some age that have no link.
    fn unlinked(practice: PracticeId, before: Timestamp) -> one (i64,) = "
    select count(*) from audit_event e
     where e.practice_id = $1 and e.at < $2
       and not exists (select from audit_link l where l.practice_id = $1 and l.event_id = e.id)"
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every link holds; the last sequence number (0 for an empty log).
    Intact {
        /// Last sequence number.
        last: i64,
    },
    /// The first link that does not hold.
    Broken {
        /// Its sequence number.
        sequence: i64,
        /// What is wrong, for people.
        why: &'static str,
    },
}

/// Links the pending events of this practice; gives how many. Does nothing while another linker works.
///
/// # Errors
/// The database.
pub async fn link(tx: &Tx) -> Result<usize, StoreError> {
    let practice = tx.practice();
    let key = i64::try_from(practice.uuid().as_u128() >> 65).unwrap_or(0);
    if !take_turn(tx, key).await?.0 {
        return Ok(0);
    }
    let (mut sequence, mut previous) = newest_link(tx, practice).await?.unwrap_or((0, vec![0; 32]));
    let events = pending(tx, practice, BATCH).await?;
    let (mut sequences, mut befores, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for event in &events {
        let hash = hash(&previous, event);
        sequence += 1;
        sequences.push(sequence);
        befores.push(std::mem::replace(&mut previous, hash.clone()));
        hashes.push(hash);
    }
    let ids: Vec<AuditEventId> = events.iter().map(|event| event.id).collect();
    if !ids.is_empty() {
        let befores: Vec<&[u8]> = befores.iter().map(Vec::as_slice).collect();
        let hashes: Vec<&[u8]> = hashes.iter().map(Vec::as_slice).collect();
        insert_links(tx, practice, &sequences, &ids, &befores, &hashes).await?;
        delete_pending(tx, practice, &ids).await?;
    }
    Ok(ids.len())
}

/// Links everything pending in every practice; gives how many.
///
/// # Errors
/// The database.
pub async fn link_all(db: &Db) -> Result<usize, StoreError> {
    let outside = db.begin_outside().await?;
    let practices = practices_pending(&outside).await?;
    outside.commit().await?;
    let mut total = 0;
    for (practice,) in practices {
        loop {
            let tx = db.begin(practice).await?;
            let linked = link(&tx).await?;
            tx.commit().await?;
            total += linked;
            if linked < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
    }
    Ok(total)
}

/// Links until the process ends; the database being away is waited out.
pub async fn run(db: Db) {
    loop {
        if let Err(error) = link_all(&db).await {
            tracing::warn!(
                error = platform::causes(&error),
                "The audit log can't be linked; trying again"
            );
        }
        #[expect(clippy::disallowed_methods, reason = "a pause between rounds, not a rule about time")]
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// Recomputes every link of this practice and looks for events without one.
///
/// # Errors
/// The database.
pub async fn verify(tx: &Tx) -> Result<Verdict, StoreError> {
    let practice = tx.practice();
    let (mut last, mut previous) = (0, vec![0; 32]);
    loop {
        let links = links_from(tx, practice, last, BATCH).await?;
        for event in &links {
            let sequence = event.sequence.unwrap_or(0);
            let broken = |why| Ok(Verdict::Broken { sequence, why });
            if sequence != last + 1 {
                return Ok(Verdict::Broken {
                    sequence: last + 1,
                    why: "a link is missing",
                });
            }
            if event.action.is_empty() {
                return broken("its event is missing");
            }
            if event.previous.as_deref() != Some(previous.as_slice()) {
                return broken("it does not follow from the link before");
            }
            let computed = hash(&previous, event);
            if event.hash.as_deref() != Some(computed.as_slice()) {
                return broken("its event was altered");
            }
            (last, previous) = (sequence, computed);
        }
        if links.is_empty() {
            break;
        }
    }
    let (unlinked,) = unlinked(tx, practice, tx.now() - LINKED_WITHIN).await?;
    if unlinked > 0 {
        return Ok(Verdict::Broken {
            sequence: last + 1,
            why: "an event was never linked",
        });
    }
    Ok(Verdict::Intact { last })
}

/// The hash of an event that follows a link. The JSON is the event as stored, its detail as canonical text, so that
/// a number's spelling can't differ between writing and verifying.
fn hash(previous: &[u8], event: &Linked) -> Vec<u8> {
    let detail = serde_json_canonicalizer::to_string(&event.detail).unwrap_or_default();
    let body = json!({
        "id": event.id, "at": event.at.to_string(), "actor": event.actor_id, "label": event.actor_label, "roles": event.roles,
        "session": event.session_id, "address": event.address, "request": event.request_id, "action": event.action,
        "resource": event.resource_type, "resource_id": event.resource_id, "client": event.client_id,
        "purpose": event.purpose, "outcome": event.outcome, "detail": detail,
    });
    let text = serde_json_canonicalizer::to_string(&body).unwrap_or_default();
    Sha256::new()
        .chain_update(previous)
        .chain_update(text)
        .finalize()
        .to_vec()
}
