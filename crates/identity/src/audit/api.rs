//! REST of the audit log.

use jiff::Timestamp;
use kernel::{AuditEventId, ClientId, Permission, Refusal, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes as methods;
use uuid::Uuid;

use super::chain::Verdict;
use super::search::{self, Filter};
use super::store::EventRow;
use super::{Action, Outcome, Purpose};
use crate::web::{Access, Ask, Failure, Json, List, Paging, Query, Routes};

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Access::Need(Permission::AuditRead), methods!(list))
        .api(Access::Need(Permission::AuditRead), methods!(verification))
}

/// A line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEvent {
    id: AuditEventId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    actor: Option<UserId>,
    actor_name: String,
    roles: Vec<String>,
    address: Option<String>,
    action: Action,
    resource_type: String,
    #[schema(value_type = Option<String>, format = Uuid)]
    resource: Option<Uuid>,
    client: Option<ClientId>,
    /// HL7 v3 PurposeOfUse.
    purpose: Purpose,
    outcome: Outcome,
    /// Field names, counts and codes.
    detail: Value,
    /// Its place in the chain; null for some seconds.
    sequence: Option<i64>,
}

impl From<EventRow> for AuditEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor_id,
            actor_name: row.actor_name,
            roles: row.roles,
            address: row.address,
            action: row.action,
            resource_type: row.resource_type,
            resource: row.resource_id,
            client: row.client_id,
            purpose: row.purpose,
            outcome: row.outcome,
            detail: row.detail,
            sequence: row.sequence,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Items on a page: 1 to 200, 50 when absent.
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only lines by this user.
    person: String,
    /// Only lines about this client.
    client: String,
    /// Only this action.
    action: String,
    /// From this day on, in the practice's time zone.
    from: String,
    /// Until this day, included.
    until: String,
}

/// Lines of the audit log, newest first.
#[utoipa::path(get, path = "/api/v1/audit-events", tag = "audit", params(Wanted), responses(
    (status = 200, description = "A page of lines", body = List<AuditEvent>), (status = 400, description = "The query can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 422, description = "A filter can't be read"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Json<List<AuditEvent>>, Failure> {
    let paging = Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let filter = Filter::parse(
        &wanted.person,
        &wanted.client,
        &wanted.action,
        &wanted.from,
        &wanted.until,
    )
    .map_err(|problems| Failure(Refusal::Invalid(problems)))?;
    let before = paging.after()?;
    let rows = search::search(&ask.tx, &ask.actor, &filter, before.as_ref(), paging.limit() + 1)
        .await
        .map_err(|error| Failure::of(&error))?;
    ask.tx.commit().await?;
    Ok(Json(
        List::cut(rows, paging.limit(), |row| (row.at, row.id)).map(AuditEvent::from),
    ))
}

/// What verifying the chain found.
#[derive(Debug, Serialize, ToSchema)]
struct Verification {
    /// Whether every link holds.
    intact: bool,
    /// Last sequence number of an intact chain, or the first that does not hold.
    sequence: i64,
    /// What is wrong with it.
    why: Option<&'static str>,
}

/// Recomputes the whole chain.
#[utoipa::path(get, path = "/api/v1/audit-events/verify", tag = "audit", responses(
    (status = 200, description = "What was found", body = Verification), (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn verification(ask: Ask) -> Result<Json<Verification>, Failure> {
    let verdict = search::verify(&ask.tx, &ask.actor)
        .await
        .map_err(|error| Failure::of(&error))?;
    ask.tx.commit().await?;
    Ok(Json(match verdict {
        Verdict::Intact { last } => Verification {
            intact: true,
            sequence: last,
            why: None,
        },
        Verdict::Broken { sequence, why } => Verification {
            intact: false,
            sequence,
            why: Some(why),
        },
    }))
}
