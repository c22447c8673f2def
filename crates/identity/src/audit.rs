//! The audit log: one line for everything done, seen or refused, written in the transaction of the deed.
//!
//! No event, no action (IAM-63): if the line can't be written, the transaction fails. Lines are chained later
//! by `chain`; a line's text never holds PHI, only ids, codes and names of changed fields.

mod api;
pub mod chain;
mod pages;
pub mod search;
mod store;

use jiff::Timestamp;
use kernel::{AuditEventId, ClientId, PracticeId, SessionId, UserId};
use platform::{Db, StoreError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Actor;
use crate::web::Routes;

kernel::words! {
    /// What was done (IAM, Records: audit event).
    Action {
        /// Made a record.
        Create = "create",
        /// Opened a record.
        Read = "read",
        /// Changed a record.
        Update = "update",
        /// Removed a record.
        Delete = "delete",
        /// Ran something: an import, a job, a verification.
        Execute = "execute",
        /// Signed in, or tried to.
        SignIn = "sign_in",
        /// Signed out.
        SignOut = "sign_out",
        /// Searched, or listed.
        Search = "search",
        /// Made a printable copy.
        Print = "print",
        /// Took data out.
        Export = "export",
        /// Put a signature under a record.
        Sign = "sign",
        /// Changed somebody's rights.
        Permission = "permission",
    }
}

kernel::words! {
    /// HL7 v3 PurposeOfUse.
    Purpose {
        /// Treatment.
        Treatment = "TREAT",
        /// Payment.
        Payment = "HPAYMT",
        /// Health-care operations.
        Operations = "HOPERAT",
        /// Emergency treatment.
        Emergency = "ETREAT",
        /// The patient's own request.
        PatientRequest = "PATRQT",
        /// System administration.
        Administration = "SYSADMIN",
    }
}

kernel::words! {
    /// How it ended.
    Outcome {
        /// Done.
        Success = "success",
        /// Refused for want of right, or by a rule.
        Refused = "refused",
        /// Broken by a fault.
        Failure = "failure",
    }
}

/// One line, before it is written.
#[derive(Clone, Debug)]
pub struct Entry {
    action: Action,
    resource: &'static str,
    id: Option<Uuid>,
    client: Option<ClientId>,
    purpose: Purpose,
    outcome: Outcome,
    detail: Value,
}

impl Entry {
    /// A successful deed on a kind of resource (the table's name), for health-care operations.
    #[must_use]
    pub const fn new(action: Action, resource: &'static str) -> Self {
        Self {
            action,
            resource,
            id: None,
            client: None,
            purpose: Purpose::Operations,
            outcome: Outcome::Success,
            detail: Value::Null,
        }
    }

    /// Names the record.
    #[must_use]
    pub const fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Names the client whose record it is; treatment becomes the purpose.
    #[must_use]
    pub const fn client(mut self, client: ClientId) -> Self {
        self.client = Some(client);
        self.purpose = Purpose::Treatment;
        self
    }

    /// Says another purpose.
    #[must_use]
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Says how it ended, if not well.
    #[must_use]
    pub const fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Adds field names, counts, codes; never PHI.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

platform::statement! {
    /// Writes one line.
    fn insert_event(practice: PracticeId, id: AuditEventId, at: Timestamp, actor: Option<UserId>, label: &str, roles: &[&str], session: Option<SessionId>, address: Option<&str>, request: Option<&str>, action: Action, resource: &str, resource_id: Option<Uuid>, client: Option<ClientId>, purpose: Purpose, outcome: Outcome, detail: &Value) -> count = "
    insert into audit_event (practice_id, id, at, actor_id, actor_label, roles, session_id, address, request_id, action, resource_type, resource_id, client_id, purpose, outcome, detail)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
}

/// Writes a line with this transaction. Joined with a page's queries by `try_join!`, it costs no round trip.
///
/// # Errors
/// The database; then the deed must not happen either.
pub async fn record(tx: &Tx, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
    let roles: Vec<&str> = actor.roles.iter().map(|role| role.word()).collect();
    let label = if actor.user.is_some() { "" } else { actor.name.as_str() };
    let detail = if entry.detail.is_null() {
        json!({})
    } else {
        entry.detail
    };
    insert_event(
        tx,
        tx.practice(),
        tx.id(),
        tx.now(),
        actor.user,
        label,
        &roles,
        actor.session,
        actor.address.as_deref(),
        actor.request.as_deref(),
        entry.action,
        entry.resource,
        entry.id,
        entry.client,
        entry.purpose,
        entry.outcome,
        &detail,
    )
    .await
    .map(drop)
}

/// Writes a refusal in a transaction of its own, since the one in which it was met rolls back.
///
/// # Errors
/// The database.
pub async fn refuse(db: &Db, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
    let tx = db.begin(actor.practice).await?;
    record(&tx, actor, entry.outcome(Outcome::Refused)).await?;
    tx.commit().await
}

/// Routes of the audit log.
pub(crate) fn routes() -> Routes {
    pages::routes().merge(api::routes())
}
