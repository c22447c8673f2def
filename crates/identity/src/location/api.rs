//! REST of locations, thin over the operations.

use axum::response::Response;
use kernel::{LocationId, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes as methods;

use super::LocationRow;
use super::ops::{self, TypedLocation};
use crate::practice::PracticeError;
use crate::practice::ops::Typed;
use crate::web::{Access, Ask, Created, Draft, Failure, Json, List, Paging, Query, Routes};

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Access::Need(Permission::PracticeRead), methods!(list))
        .api(Access::Need(Permission::PracticeManage), methods!(create))
}

/// A location.
#[derive(Debug, Serialize, ToSchema)]
struct Location {
    id: LocationId,
    name: String,
    time_zone: String,
    phone: Option<String>,
    address_line: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    place_of_service: String,
    active: bool,
    version: i64,
}

impl From<LocationRow> for Location {
    fn from(row: LocationRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            time_zone: row.time_zone,
            phone: row.phone,
            address_line: row.address_line,
            city: row.city,
            state: row.state,
            postal_code: row.postal_code,
            place_of_service: row.place_of_service,
            active: row.active,
            version: row.version,
        }
    }
}

/// A location to add.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct NewLocation {
    name: String,
    /// IANA name.
    time_zone: String,
    phone: Option<String>,
    address_line: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    /// CMS code; 11 (office) when absent.
    place_of_service: Option<String>,
}

fn of(error: PracticeError) -> Failure {
    Failure::of(&error)
}

/// Locations by name.
#[utoipa::path(get, path = "/api/v1/locations", tag = "practice", params(Paging), responses(
    (status = 200, description = "A page of locations", body = List<Location>), (status = 400, description = "The query can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 429, description = "Too many requests"),
    (status = 503, description = "Try again")))]
async fn list(ask: Ask, Query(paging): Query<Paging>) -> Result<Json<List<Location>>, Failure> {
    let after = paging.after()?;
    let rows = ops::list(&ask.tx, &ask.actor, after.as_ref(), paging.limit() + 1)
        .await
        .map_err(of)?;
    ask.tx.commit().await?;
    Ok(Json(
        List::cut(rows, paging.limit(), |row| (row.name.clone(), row.id)).map(Location::from),
    ))
}

/// Adds a location.
#[utoipa::path(post, path = "/api/v1/locations", tag = "practice", request_body = NewLocation,
    params(("Idempotency-Key" = String, Header, description = "A UUID of your own; a repetition gets the first answer.")), responses(
    (status = 201, description = "Added", body = Location), (status = 400, description = "The body can't be read"), (status = 401, description = "Not signed in"),
    (status = 403, description = "Not allowed"), (status = 409, description = "name_taken"), (status = 422, description = "Invalid values"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn create(ask: Ask, draft: Draft<NewLocation>) -> Result<Response, Failure> {
    if let Some(first) = draft.once.take(&ask).await? {
        return Ok(first);
    }
    let new = &draft.body;
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let typed = TypedLocation {
        place: Typed {
            name: &new.name,
            time_zone: &new.time_zone,
            phone: &text(&new.phone),
            address_line: &text(&new.address_line),
            city: &text(&new.city),
            state: &text(&new.state),
            postal_code: &text(&new.postal_code),
            npi: "",
        },
        place_of_service: new.place_of_service.as_deref().unwrap_or("11"),
        active: true,
    };
    let id = ops::create(&ask.tx, &ask.actor, &typed).await.map_err(of)?;
    let row = ops::open(&ask.tx, &ask.actor, id).await.map_err(of)?;
    draft
        .once
        .created(
            ask,
            Created {
                location: format!("/api/v1/locations/{id}"),
                version: row.version,
                body: Location::from(row),
            },
        )
        .await
}
