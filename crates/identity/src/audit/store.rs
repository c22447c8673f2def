//! SQL of reading the audit log.

use jiff::Timestamp;
use kernel::{AuditEventId, ClientId, PracticeId, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::{Action, Outcome, Purpose};

platform::row! {
    /// A line of the log.
    pub struct EventRow {
        /// Id.
        pub id: AuditEventId,
        /// When.
        pub at: Timestamp,
        /// Who, if a user.
        pub actor_id: Option<UserId>,
        /// The user's name now, or who it was when there was no user.
        pub actor_name: String,
        /// Roles held then.
        pub roles: Vec<String>,
        /// From where.
        pub address: Option<String>,
        /// What was done.
        pub action: Action,
        /// To which kind of record.
        pub resource_type: String,
        /// To which one.
        pub resource_id: Option<Uuid>,
        /// Whose record.
        pub client_id: Option<ClientId>,
        /// For which purpose.
        pub purpose: Purpose,
        /// How it ended.
        pub outcome: Outcome,
        /// Field names, counts, codes.
        pub detail: Value,
        /// Its place in the chain, once it has one.
        pub sequence: Option<i64>,
    }
}

platform::statement! {
    /// Lines newest first, behind a place, filtered. Index: audit_event_newest, audit_event_actor, audit_event_client.
    pub(super) fn list(practice: PracticeId, person: Option<UserId>, client: Option<ClientId>, action: Option<Action>, from: Option<Timestamp>, until: Option<Timestamp>, before: Option<Timestamp>, before_id: Option<AuditEventId>, limit: i64) -> many EventRow = "
    select e.id, e.at, e.actor_id, coalesce(u.given_name || ' ' || u.family_name, e.actor_label) as actor_name, e.roles, e.address, e.action, e.resource_type, e.resource_id,
           e.client_id, e.purpose, e.outcome, e.detail, l.sequence
      from audit_event e
      left join app_user u on u.practice_id = e.practice_id and u.id = e.actor_id
      left join audit_link l on l.practice_id = e.practice_id and l.event_id = e.id
     where e.practice_id = $1
       and ($2::uuid is null or e.actor_id = $2)
       and ($3::uuid is null or e.client_id = $3)
       and ($4::text is null or e.action = $4)
       and ($5::timestamptz is null or e.at >= $5)
       and ($6::timestamptz is null or e.at < $6)
       and ($7::timestamptz is null or (e.at, e.id) < ($7, $8::uuid))
     order by e.at desc, e.id desc limit $9"
}
