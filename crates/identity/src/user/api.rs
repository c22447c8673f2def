//! REST of users, thin over the operations.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use kernel::{Permission, Refusal, Role, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes as methods;

use super::ops::{self, After, Filter, Typed};
use super::{Status, UserError, UserRow};
use crate::web::{Access, Ask, Created, Draft, Failure, IfMatch, Json, List, Paging, Query, Routes, Tagged, merged};

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Access::Need(Permission::UserRead), methods!(list))
        .api(Access::Need(Permission::UserManage), methods!(create))
        .api(Access::Need(Permission::UserRead), methods!(read))
        .api(Access::Need(Permission::UserManage), methods!(patch))
        .api(Access::Need(Permission::UserManage), methods!(delete))
        .api(Access::Need(Permission::UserManage), methods!(suspend))
        .api(Access::Need(Permission::UserManage), methods!(reactivate))
}

/// A member of staff.
#[derive(Debug, Serialize, ToSchema)]
struct User {
    id: UserId,
    email: String,
    given_name: String,
    family_name: String,
    credentials: Option<String>,
    npi: Option<String>,
    phone: Option<String>,
    status: Status,
    bookable: bool,
    roles: Vec<Role>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sign_in: Option<Timestamp>,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            given_name: row.given_name,
            family_name: row.family_name,
            credentials: row.credentials,
            npi: row.npi,
            phone: row.phone,
            status: row.status,
            bookable: row.bookable,
            roles: row.roles,
            last_sign_in: row.last_sign_in,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What may be said about a member of staff.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct UserFields {
    email: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    /// Letters behind the name, such as LCSW.
    credentials: Option<String>,
    npi: Option<String>,
    phone: Option<String>,
    bookable: Option<bool>,
    /// Role words; at least one.
    roles: Option<Vec<String>>,
}

impl UserFields {
    fn of(row: &UserRow) -> Self {
        Self {
            email: Some(row.email.clone()),
            given_name: Some(row.given_name.clone()),
            family_name: Some(row.family_name.clone()),
            credentials: row.credentials.clone(),
            npi: row.npi.clone(),
            phone: row.phone.clone(),
            bookable: Some(row.bookable),
            roles: Some(row.roles.iter().map(|role| role.word().to_owned()).collect()),
        }
    }

    fn parse(&self) -> Result<ops::Details, UserError> {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let typed = Typed {
            email: &text(&self.email),
            given_name: &text(&self.given_name),
            family_name: &text(&self.family_name),
            credentials: &text(&self.credentials),
            npi: &text(&self.npi),
            phone: &text(&self.phone),
            bookable: self.bookable.unwrap_or_default(),
            roles: self.roles.as_deref().unwrap_or_default(),
        }
        .parse();
        typed.map_err(UserError::Invalid)
    }
}

/// Why an account is shut out or let in again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// One line.
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Items on a page: 1 to 200, 50 when absent.
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only holders of this role.
    role: Option<String>,
    /// Only accounts in this state.
    status: Option<String>,
    /// Part of a name or e-mail address.
    q: Option<String>,
}

pub(super) fn id(text: &str) -> Result<UserId, Failure> {
    text.parse().map_err(|_| Failure(Refusal::NotFound))
}

fn of(error: UserError) -> Failure {
    Failure::of(&error)
}

/// Members of staff by name; without the right to all, oneself.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(Wanted), responses(
    (status = 200, description = "A page of users", body = List<User>), (status = 400, description = "The query can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 422, description = "Unknown role or status"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Json<List<User>>, Failure> {
    let paging = Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let unknown = |field| move |_| Failure(Refusal::field(field, "unknown", format!("This {field} is not known.")));
    let filter = Filter {
        role: wanted
            .role
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(unknown("role"))?,
        status: wanted
            .status
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(unknown("status"))?,
        words: wanted.q.unwrap_or_default(),
    };
    let after: Option<After> = paging.after()?;
    let rows = ops::list(&ask.tx, &ask.actor, &filter, after.as_ref(), paging.limit() + 1)
        .await
        .map_err(of)?;
    ask.tx.commit().await?;
    Ok(Json(
        List::cut(rows, paging.limit(), |row| {
            (row.family_name.clone(), row.given_name.clone(), row.id)
        })
        .map(User::from),
    ))
}

/// Creates an account and sends its owner a link to choose a password.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = UserFields,
    params(("Idempotency-Key" = String, Header, description = "A UUID of your own; a repetition gets the first answer.")), responses(
    (status = 201, description = "Created", body = User), (status = 400, description = "The body can't be read"), (status = 401, description = "Not signed in"),
    (status = 403, description = "Not allowed, or a role above the caller"), (status = 409, description = "email_taken"), (status = 422, description = "Invalid values"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn create(ask: Ask, draft: Draft<UserFields>) -> Result<Response, Failure> {
    if let Some(first) = draft.once.take(&ask).await? {
        return Ok(first);
    }
    let details = draft.body.parse().map_err(of)?;
    let id = ops::create(&ask.app, &ask.tx, &ask.actor, &details).await.map_err(of)?;
    let row = ops::open(&ask.tx, &ask.actor, id).await.map_err(of)?;
    let answer = Created {
        location: format!("/api/v1/users/{id}"),
        version: row.version,
        body: User::from(row),
    };
    draft.once.created(ask, answer).await
}

/// One member of staff.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", params(("id" = UserId, Path)), responses(
    (status = 200, description = "The user; its version is the ETag", body = User), (status = 401, description = "Not signed in"),
    (status = 403, description = "Not allowed"), (status = 404, description = "Unknown or out of reach"), (status = 429, description = "Too many requests"),
    (status = 503, description = "Try again")))]
async fn read(ask: Ask, Path(user): Path<String>) -> Result<Tagged<User>, Failure> {
    let row = ops::open(&ask.tx, &ask.actor, id(&user)?).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(Tagged(row.version, row.into()))
}

/// Changes an account by merge patch (RFC 7396): absent fields stay, null empties.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", request_body(content = UserFields, content_type = "application/merge-patch+json"),
    params(("id" = UserId, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")), responses(
    (status = 200, description = "The user as it is now", body = User), (status = 400, description = "The body can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed, or a role above the caller"), (status = 404, description = "Unknown"),
    (status = 409, description = "email_taken or last_owner"), (status = 412, description = "Changed meanwhile"), (status = 422, description = "Invalid values"),
    (status = 428, description = "If-Match is missing"), (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn patch(
    ask: Ask,
    Path(user): Path<String>,
    IfMatch(version): IfMatch,
    Json(patch): Json<Value>,
) -> Result<Tagged<User>, Failure> {
    let id = id(&user)?;
    let before = ops::open(&ask.tx, &ask.actor, id).await.map_err(of)?;
    if before.version != version {
        return Err(Failure(Refusal::Stale {
            current: before.version,
        }));
    }
    let details = merged(&UserFields::of(&before), patch)?.parse().map_err(of)?;
    ops::update(&ask.tx, &ask.actor, id, version, &details)
        .await
        .map_err(of)?;
    let row = ops::open(&ask.tx, &ask.actor, id).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(Tagged(row.version, row.into()))
}

/// Removes an account whose invitation nobody took up.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users", params(("id" = UserId, Path)), responses(
    (status = 204, description = "Removed"), (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"),
    (status = 404, description = "Unknown"), (status = 409, description = "has_signed_in: suspend instead"), (status = 429, description = "Too many requests"),
    (status = 503, description = "Try again")))]
async fn delete(ask: Ask, Path(user): Path<String>) -> Result<Response, Failure> {
    ops::delete(&ask.tx, &ask.actor, id(&user)?).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Shuts an account out at once.
#[utoipa::path(post, path = "/api/v1/users/{id}/suspend", tag = "users", params(("id" = UserId, Path)), request_body = Reason, responses(
    (status = 200, description = "The user as it is now", body = User), (status = 400, description = "The body can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 404, description = "Unknown"),
    (status = 409, description = "last_owner, own_account or wrong_state"), (status = 422, description = "The reason is missing"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again")))]
async fn suspend(ask: Ask, Path(user): Path<String>, Json(body): Json<Reason>) -> Result<Tagged<User>, Failure> {
    let id = id(&user)?;
    ops::suspend(&ask.tx, &ask.actor, id, &body.reason).await.map_err(of)?;
    let row = ops::open(&ask.tx, &ask.actor, id).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(Tagged(row.version, row.into()))
}

/// Lets a suspended account in again.
#[utoipa::path(post, path = "/api/v1/users/{id}/reactivate", tag = "users", params(("id" = UserId, Path)), request_body = Reason, responses(
    (status = 200, description = "The user as it is now", body = User), (status = 400, description = "The body can't be read"),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 404, description = "Unknown"),
    (status = 409, description = "wrong_state"), (status = 422, description = "The reason is missing"), (status = 429, description = "Too many requests"),
    (status = 503, description = "Try again")))]
async fn reactivate(ask: Ask, Path(user): Path<String>, Json(body): Json<Reason>) -> Result<Tagged<User>, Failure> {
    let id = id(&user)?;
    ops::reactivate(&ask.tx, &ask.actor, id, &body.reason)
        .await
        .map_err(of)?;
    let row = ops::open(&ask.tx, &ask.actor, id).await.map_err(of)?;
    ask.tx.commit().await?;
    Ok(Tagged(row.version, row.into()))
}
