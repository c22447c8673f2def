//! REST of the practice, thin over the operations.

use jiff::Timestamp;
use kernel::{Permission, PracticeId, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::routes as methods;

use super::ops::{self, Typed};
use super::{PracticeError, PracticeRow};
use crate::web::{Access, Ask, Failure, IfMatch, Json, Routes, Tagged, merged};

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Access::Need(Permission::PracticeRead), methods!(read))
        .api(Access::Need(Permission::PracticeManage), methods!(patch))
}

/// The practice.
#[derive(Debug, Serialize, ToSchema)]
struct Practice {
    id: PracticeId,
    slug: String,
    name: String,
    time_zone: String,
    phone: Option<String>,
    address_line: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    npi: Option<String>,
    status: String,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

fn shape(id: PracticeId, row: PracticeRow) -> Practice {
    Practice {
        id,
        slug: row.slug,
        name: row.legal_name,
        time_zone: row.time_zone,
        phone: row.phone,
        address_line: row.address_line,
        city: row.city,
        state: row.state,
        postal_code: row.postal_code,
        npi: row.npi,
        status: row.status,
        version: row.version,
        updated_at: row.updated_at,
    }
}

/// What may be changed.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct PracticeFields {
    name: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    phone: Option<String>,
    address_line: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    npi: Option<String>,
}

fn of(error: PracticeError) -> Failure {
    Failure::of(&error)
}

/// The practice's details.
#[utoipa::path(get, path = "/api/v1/practice", tag = "practice", responses(
    (status = 200, description = "The practice; its version is the ETag", body = Practice), (status = 401, description = "Not signed in"),
    (status = 403, description = "Not allowed"), (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn read(ask: Ask) -> Result<Tagged<Practice>, Failure> {
    let row = ops::open(&ask.tx, &ask.actor).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(Tagged(row.version, shape(ask.actor.practice, row)))
}

/// Changes the practice by merge patch (RFC 7396): absent fields stay, null empties.
#[utoipa::path(patch, path = "/api/v1/practice", tag = "practice", request_body(content = PracticeFields, content_type = "application/merge-patch+json"),
    params(("If-Match" = String, Header, description = "The ETag of your last read.")), responses(
    (status = 200, description = "The practice as it is now", body = Practice), (status = 400, description = "The body can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 412, description = "Changed meanwhile"),
    (status = 422, description = "Invalid values"), (status = 428, description = "If-Match is missing"), (status = 429, description = "Too many requests"),
    (status = 503, description = "Try again")))]
async fn patch(ask: Ask, IfMatch(version): IfMatch, Json(patch): Json<Value>) -> Result<Tagged<Practice>, Failure> {
    let before = ops::open(&ask.tx, &ask.actor).await.map_err(of)?;
    if before.version != version {
        return Err(Failure(Refusal::Stale {
            current: before.version,
        }));
    }
    let fields = PracticeFields {
        name: Some(before.legal_name),
        time_zone: Some(before.time_zone),
        phone: before.phone,
        address_line: before.address_line,
        city: before.city,
        state: before.state,
        postal_code: before.postal_code,
        npi: before.npi,
    };
    let fields = merged(&fields, patch)?;
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let typed = Typed {
        name: &text(&fields.name),
        time_zone: &text(&fields.time_zone),
        phone: &text(&fields.phone),
        address_line: &text(&fields.address_line),
        city: &text(&fields.city),
        state: &text(&fields.state),
        postal_code: &text(&fields.postal_code),
        npi: &text(&fields.npi),
    };
    ops::update(&ask.tx, &ask.actor, version, &typed).await.map_err(of)?;
    let row = ops::open(&ask.tx, &ask.actor).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(Tagged(row.version, shape(ask.actor.practice, row)))
}
