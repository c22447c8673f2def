//! Notes for programs: `/api/v1/notes`.

use axum::extract::Path;
use axum::response::Response;
use identity::web::{Ask, Created, Draft, Failure, IfMatch, Json, List, Paging, Query, Tagged};
use jiff::Timestamp;
use kernel::{AppointmentId, ClientId, NoteId, Permission, Refusal, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ops::{self, Note};
use super::{NoteStatus, Soap};

/// A note.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteBody {
    /// Its id.
    pub id: NoteId,
    /// Whose record it is.
    pub client_id: ClientId,
    /// Who wrote it.
    pub author_id: UserId,
    /// The session.
    pub appointment_id: AppointmentId,
    /// Where it stands.
    pub status: NoteStatus,
    /// Start of the service.
    #[schema(value_type = String, format = DateTime)]
    pub service_start: Timestamp,
    /// End of the service.
    #[schema(value_type = String, format = DateTime)]
    pub service_end: Timestamp,
    /// The text.
    pub content: Soap,
    /// Counts saves; the ETag.
    pub revision: i64,
    /// When it was signed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub signed_at: Option<Timestamp>,
}

impl From<Note> for NoteBody {
    fn from(note: Note) -> Self {
        let row = note.row;
        Self {
            id: row.id,
            client_id: row.client_id,
            author_id: row.author_id,
            appointment_id: row.appointment_id,
            status: row.status,
            service_start: row.service_start,
            service_end: row.service_end,
            content: note.content,
            revision: row.revision,
            signed_at: row.signed_at,
        }
    }
}

/// A note in a list: no text in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteItem {
    /// Its id.
    pub id: NoteId,
    /// Whose record it is.
    pub client_id: ClientId,
    /// Where it stands.
    pub status: NoteStatus,
    /// Start of the service.
    #[schema(value_type = String, format = DateTime)]
    pub service_start: Timestamp,
    /// When it was signed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub signed_at: Option<Timestamp>,
}

/// Which notes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Notes of this client; one's own notes when absent.
    pub client: Option<ClientId>,
    /// Items on a page: 1 to 200, 50 when absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// Lists notes, newest service first, without their text.
#[utoipa::path(get, path = "/api/v1/notes", tag = "notes", params(Wanted), responses(
    (status = 200, body = List<NoteItem>), (status = 400, description = "Bad query"), (status = 401, description = "No valid key"),
    (status = 403, description = "Not allowed"), (status = 404, description = "No such client"), (status = 503, description = "Try again")))]
pub async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Json<List<NoteItem>>, Failure> {
    let paging = Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (after, limit) = (paging.after()?, paging.limit());
    let lines = match wanted.client {
        Some(client) => {
            let chart = clients::open_chart(&ask.tx, &ask.actor, client, Permission::NoteRead).await?;
            ops::list_of_client(&ask.tx, &chart, after, limit + 1).await?
        }
        None => ops::list_own(&ask.tx, &ask.actor, after, limit + 1).await?,
    };
    ask.tx.commit().await?;
    let page = List::cut(lines, limit, |line| (line.service_start, line.id));
    Ok(Json(page.map(|line| NoteItem {
        id: line.id,
        client_id: line.client_id,
        status: line.status,
        service_start: line.service_start,
        signed_at: line.signed_at,
    })))
}

/// A note to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// The session it documents.
    pub appointment_id: AppointmentId,
    /// The text to begin with.
    pub content: Option<Soap>,
}

/// Begins the note of a session.
#[utoipa::path(post, path = "/api/v1/notes", tag = "notes", request_body = NewNote, params(("Idempotency-Key" = String, Header, description = "A UUID of yours")), responses(
    (status = 201, body = NoteBody), (status = 400, description = "Malformed, or no Idempotency-Key"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"),
    (status = 404, description = "No such appointment"), (status = 409, description = "The session did not take place"), (status = 422, description = "Invalid values"), (status = 503, description = "Try again")))]
pub async fn create(ask: Ask, draft: Draft<NewNote>) -> Result<Response, Failure> {
    if let Some(first) = draft.once.take(&ask).await? {
        return Ok(first);
    }
    let id = ops::begin(&ask.tx, &ask.actor, draft.body.appointment_id).await?;
    let mut note = ops::open(&ask.tx, &ask.actor, id).await?;
    if let Some(content) = &draft.body.content {
        ops::save(&ask.tx, &ask.actor, id, note.row.revision, content, None).await?;
        note = ops::open(&ask.tx, &ask.actor, id).await?;
    }
    let version = note.row.revision;
    draft
        .once
        .created(
            ask,
            Created {
                location: format!("/api/v1/notes/{id}"),
                version,
                body: NoteBody::from(note),
            },
        )
        .await
}

fn id(text: &str) -> Result<NoteId, Failure> {
    text.parse().map_err(|_| Failure(Refusal::NotFound))
}

/// Reads a note.
#[utoipa::path(get, path = "/api/v1/notes/{id}", tag = "notes", params(("id" = String, Path)), responses(
    (status = 200, body = NoteBody), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 404, description = "No such note"), (status = 503, description = "Try again")))]
pub async fn read(ask: Ask, Path(note): Path<String>) -> Result<Tagged<NoteBody>, Failure> {
    let note = ops::open(&ask.tx, &ask.actor, id(&note)?).await?;
    ask.tx.commit().await?;
    Ok(Tagged(note.row.revision, note.into()))
}

/// Sections to change; absent ones stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotePatch {
    /// What the client reports.
    pub subjective: Option<String>,
    /// What the clinician observed.
    pub objective: Option<String>,
    /// The clinician's reading.
    pub assessment: Option<String>,
    /// What comes next.
    pub plan: Option<String>,
}

/// Changes a draft.
#[utoipa::path(patch, path = "/api/v1/notes/{id}", tag = "notes", request_body(content = NotePatch, content_type = "application/merge-patch+json"), params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag read before")), responses(
    (status = 200, body = NoteBody), (status = 400, description = "Malformed"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 404, description = "No such note"),
    (status = 409, description = "Signed"), (status = 412, description = "Stale version"), (status = 422, description = "Invalid values"), (status = 428, description = "If-Match missing"), (status = 503, description = "Try again")))]
pub async fn change(
    ask: Ask,
    Path(note): Path<String>,
    IfMatch(revision): IfMatch,
    Json(patch): Json<NotePatch>,
) -> Result<Tagged<NoteBody>, Failure> {
    let note = id(&note)?;
    let stored = ops::open(&ask.tx, &ask.actor, note).await?.content;
    let wanted = Soap {
        subjective: patch.subjective.unwrap_or(stored.subjective),
        objective: patch.objective.unwrap_or(stored.objective),
        assessment: patch.assessment.unwrap_or(stored.assessment),
        plan: patch.plan.unwrap_or(stored.plan),
    };
    ops::save(&ask.tx, &ask.actor, note, revision, &wanted, None).await?;
    let changed = ops::open(&ask.tx, &ask.actor, note).await?;
    ask.tx.commit().await?;
    Ok(Tagged(changed.row.revision, changed.into()))
}

/// The password that proves the author at this moment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// The author's password.
    pub password: String,
}

/// Signs one's own note; afterwards it never changes.
#[utoipa::path(post, path = "/api/v1/notes/{id}/sign", tag = "notes", request_body = Signing, params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of the text to be signed")), responses(
    (status = 200, body = NoteBody), (status = 400, description = "Malformed"), (status = 401, description = "No valid key"), (status = 403, description = "Not allowed"), (status = 404, description = "No such note"),
    (status = 409, description = "Signed already"), (status = 412, description = "Stale version"), (status = 422, description = "Incomplete, or wrong password"), (status = 428, description = "If-Match missing"), (status = 429, description = "Too many tries"), (status = 503, description = "Try again")))]
pub async fn sign(
    ask: Ask,
    Path(note): Path<String>,
    IfMatch(revision): IfMatch,
    Json(signing): Json<Signing>,
) -> Result<Tagged<NoteBody>, Failure> {
    let note = id(&note)?;
    let proof = identity::prove_password(&ask.app, &ask.tx, &ask.actor, &signing.password).await?;
    let proof = proof.map_err(|sentence| Failure(Refusal::field("password", "wrong", sentence)))?;
    ops::sign(&ask.tx, &ask.actor, note, revision, &proof).await?;
    let signed = ops::open(&ask.tx, &ask.actor, note).await?;
    ask.tx.commit().await?;
    Ok(Tagged(signed.row.revision, signed.into()))
}
