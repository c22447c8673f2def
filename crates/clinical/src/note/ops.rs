//! What a person can do with a note: open it, save it, sign it, read it.

use clients::{Chart, ChartError};
use futures_util::try_join;
use identity::audit::{self, Action, Entry};
use identity::{AccessError, Actor};
use jiff::{SignedDuration, Timestamp};
use kernel::{AppointmentId, NoteId, Permission, Problems, Refusal, UserId};
use platform::events::{self, Event};
use platform::{StoreError, Tx};
use serde_json::json;

use super::store::{self, NoteLine, NoteRow, SignatureRow};
use super::{ATTESTATION, DUE_HOURS, NoteStatus, Snapshot, Soap, seal};

/// Why something can't be done with a note.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// No right to it.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The session was cancelled, or nobody came.
    #[error("session did not take place")]
    NotHeld,
    /// A section can't be stored.
    #[error("invalid text")]
    Invalid(Problems),
    /// The save was made on an older revision.
    #[error("stale revision, current is {current}")]
    Stale {
        /// Revision stored now.
        current: i64,
    },
    /// The note is signed.
    #[error("note is signed")]
    Signed,
    /// Something must be written before it can be signed.
    #[error("note is incomplete")]
    Incomplete(Problems),
    /// The author's role signs only for co-signature.
    #[error("co-signature needed")]
    NeedsCosignature,
    /// The snapshot could not be made.
    #[error("snapshot")]
    Snapshot(#[from] serde_json::Error),
    /// The database.
    #[error("notes could not be reached")]
    Store(#[from] StoreError),
}

impl From<ChartError> for NoteError {
    fn from(error: ChartError) -> Self {
        match error {
            ChartError::Access(error) => Self::Access(error),
            ChartError::Store(error) => Self::Store(error),
        }
    }
}

impl From<&NoteError> for Refusal {
    fn from(error: &NoteError) -> Self {
        let conflict = |code, sentence: &str| Self::Conflict {
            code,
            sentence: sentence.to_owned(),
            field: None,
        };
        match error {
            NoteError::Access(error) => (*error).into(),
            NoteError::NotHeld => conflict(
                "session_not_held",
                "This session was cancelled or missed, so it has no session note. Check the calendar if somebody came after all.",
            ),
            NoteError::Invalid(problems) | NoteError::Incomplete(problems) => Self::Invalid(problems.clone()),
            NoteError::Stale { current } => Self::Stale { current: *current },
            NoteError::Signed => conflict(
                "note_signed",
                "This note is signed and can't be changed any more. What you typed is still in your page; copy it if you need it.",
            ),
            NoteError::NeedsCosignature => Self::Forbidden(
                "Your notes become final with your supervisor's co-signature. The draft is kept.".to_owned(),
            ),
            NoteError::Snapshot(_) => Self::Fault,
            NoteError::Store(error) => error.into(),
        }
    }
}

impl From<NoteError> for identity::web::Failure {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Store(error) => error.into(),
            other => Self(Refusal::from(&other)),
        }
    }
}

/// A note that the actor may see, with the chart it belongs to.
#[derive(Debug)]
pub struct Note {
    /// What is stored.
    pub row: NoteRow,
    /// The text.
    pub content: Soap,
    /// Whose record it is.
    pub chart: Chart,
    /// Names under it.
    pub signatures: Vec<SignatureRow>,
    /// Whether the actor wrote it.
    pub is_own: bool,
}

impl Note {
    /// Whether it is final.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.row.status == NoteStatus::Signed
    }
}

/// Begins the note of a session, or gives the one already begun (DOC-1). Both halves of a double click get the same.
///
/// # Errors
/// No right to the session or chart; a session that did not take place.
pub async fn begin(tx: &Tx, actor: &Actor, appointment: AppointmentId) -> Result<NoteId, NoteError> {
    actor.need(Permission::NoteWrite)?;
    let author = actor.person(Permission::NoteWrite)?;
    let visit = scheduling::visit(tx, actor, appointment, Permission::NoteWrite).await?;
    if visit.clinician_id != author {
        return Err(AccessError::Missing(Permission::NoteWrite).into());
    }
    if !visit.status.is_active() {
        return Err(NoteError::NotHeld);
    }
    let practice = tx.practice();
    if let Some((known, _)) = store::find_of_visit(tx, practice, appointment, author).await? {
        return Ok(known);
    }
    let id: NoteId = tx.id();
    let content = serde_json::to_value(Soap::default())?;
    let due = visit.ends_at + SignedDuration::from_hours(DUE_HOURS);
    let made = store::insert(
        tx,
        practice,
        id,
        visit.chart.id(),
        author,
        appointment,
        "progress_individual",
        visit.starts_at,
        visit.ends_at,
        visit.modality.word(),
        &content,
        due,
        tx.now(),
    )
    .await?;
    if made == 0 {
        let first = store::find_of_visit(tx, practice, appointment, author).await?;
        return first
            .map(|(known, _)| known)
            .ok_or(NoteError::Access(AccessError::Hidden));
    }
    audit::record(
        tx,
        actor,
        Entry::new(Action::Create, "clinical_note")
            .id(id.uuid())
            .client(visit.chart.id()),
    )
    .await?;
    publish(tx, actor, "clinical.note_begun", id, &visit.chart, appointment).await?;
    Ok(id)
}

/// Opens a note: one's own, or one of a chart whose notes the actor may read. A draft of somebody else is hidden
/// but for its existence.
///
/// # Errors
/// No right to it; unknown.
pub async fn open(tx: &Tx, actor: &Actor, id: NoteId) -> Result<Note, NoteError> {
    let practice = tx.practice();
    let row = store::find(tx, practice, id).await?.ok_or(AccessError::Hidden)?;
    let is_own = actor.user == Some(row.author_id);
    let chart = clients::open_chart(tx, actor, row.client_id, Permission::NoteRead).await?;
    if !is_own && row.status == NoteStatus::Draft {
        return Err(AccessError::Hidden.into());
    }
    let entry = Entry::new(Action::Read, "clinical_note")
        .id(id.uuid())
        .client(row.client_id);
    let (signatures, ()) = try_join!(store::signatures(tx, practice, id), audit::record(tx, actor, entry))?;
    let content = serde_json::from_value(row.content.clone())?;
    Ok(Note {
        row,
        content,
        chart,
        signatures,
        is_own,
    })
}

/// The open page that saves: its own random name, and how many changes it has made.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    /// The page's name.
    pub name: &'a str,
    /// Counts its changes.
    pub change: i64,
}

/// Saves a draft that was written on a revision; gives the new revision (DOC-4, DOC-6). A page whose last answer was
/// lost on the way is known again by its `editor` and does not come into conflict with itself.
///
/// # Errors
/// Not the author; stale; signed; a section that can't be stored.
pub async fn save(
    tx: &Tx,
    actor: &Actor,
    id: NoteId,
    revision: i64,
    typed: &Soap,
    editor: Option<Editor<'_>>,
) -> Result<i64, NoteError> {
    actor.need(Permission::NoteWrite)?;
    let author = actor.person(Permission::NoteWrite)?;
    let content = typed.checked().map_err(NoteError::Invalid)?;
    let practice = tx.practice();
    let row = store::find(tx, practice, id)
        .await?
        .filter(|row| row.author_id == author)
        .ok_or(AccessError::Hidden)?;
    if row.status == NoteStatus::Signed {
        return Err(NoteError::Signed);
    }
    let before: Soap = serde_json::from_value(row.content)?;
    if before == content {
        // Nothing new: a repeated save is no conflict, whatever revision it was made on.
        return Ok(row.revision);
    }
    let revision = match editor {
        Some(editor) if revision != row.revision => match store::newest_save(tx, practice, id).await? {
            Some((newest, Some(name), Some(change))) if name == editor.name => {
                if editor.change < change {
                    // An older request of the same page that arrives late: what is stored is newer.
                    return Ok(newest);
                }
                newest
            }
            _ => revision,
        },
        _ => revision,
    };
    let saved = store::save(
        tx,
        practice,
        id,
        author,
        revision,
        &serde_json::to_value(&content)?,
        tx.now(),
    )
    .await?;
    let Some((saved,)) = saved else {
        return Err(NoteError::Stale { current: row.revision });
    };
    let changed = content.changed_from(&before);
    let sections: Vec<&str> = changed
        .as_object()
        .map(|map| map.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let entry = Entry::new(Action::Update, "clinical_note")
        .id(id.uuid())
        .client(row.client_id)
        .detail(json!({ "revision": saved, "sections": sections }));
    try_join!(
        store::insert_save(
            tx,
            practice,
            id,
            saved,
            actor.session,
            tx.now(),
            &changed,
            editor.map(|editor| editor.name),
            editor.map(|editor| editor.change)
        ),
        audit::record(tx, actor, entry)
    )?;
    Ok(saved)
}

/// Signs one's own note: fixes its text for good (DOC-58, DOC-59). The proof shows that the author gave the
/// password for this very step.
///
/// # Errors
/// Not the author; incomplete; stale; signed already; a role that signs only for co-signature.
pub async fn sign(
    tx: &Tx,
    actor: &Actor,
    id: NoteId,
    revision: i64,
    _proof: &identity::Proof,
) -> Result<(), NoteError> {
    if actor.may(Permission::NoteWrite) && !actor.may(Permission::NoteSign) {
        return Err(NoteError::NeedsCosignature);
    }
    actor.need(Permission::NoteSign)?;
    let author = actor.person(Permission::NoteSign)?;
    let note = open(tx, actor, id).await?;
    if !note.is_own {
        return Err(AccessError::Missing(Permission::NoteSign).into());
    }
    if note.is_signed() {
        return Err(NoteError::Signed);
    }
    if note.row.revision != revision {
        return Err(NoteError::Stale {
            current: note.row.revision,
        });
    }
    let missing = note.content.missing();
    if !missing.is_empty() {
        return Err(NoteError::Incomplete(Problems(missing)));
    }
    fix(tx, actor, author, &note).await?;
    let entry = Entry::new(Action::Sign, "clinical_note")
        .id(id.uuid())
        .client(note.row.client_id)
        .detail(json!({ "version": 1, "method": "password" }));
    audit::record(tx, actor, entry).await?;
    publish(
        tx,
        actor,
        "clinical.note_signed",
        id,
        &note.chart,
        note.row.appointment_id,
    )
    .await
}

/// Writes version, signature and the final state, in that order.
async fn fix(tx: &Tx, actor: &Actor, author: UserId, note: &Note) -> Result<(), NoteError> {
    let (row, practice, now) = (&note.row, tx.practice(), tx.now());
    let snapshot = Snapshot {
        note: row.id,
        client: row.client_id,
        author,
        appointment: row.appointment_id,
        service_start: row.service_start.to_string(),
        service_end: row.service_end.to_string(),
        modality: &row.modality,
        note_type: &row.note_type,
        content: &note.content,
    };
    let (text, hash) = seal(&snapshot)?;
    let line = credential_line(&row.author_name, row.author_credentials.as_deref());
    store::insert_version(tx, practice, row.id, 1, &text, &hash, now).await?;
    store::insert_signature(
        tx,
        practice,
        tx.id::<NoteId>().uuid(),
        row.id,
        1,
        author,
        ATTESTATION,
        &line,
        now,
        actor.address.as_deref(),
    )
    .await?;
    if store::mark_signed(tx, practice, row.id, author, row.revision, now).await? == 0 {
        // A save slipped in between reading and fixing: what would be signed is not what was shown.
        return Err(NoteError::Stale {
            current: row.revision + 1,
        });
    }
    store::delete_due(tx, practice, row.appointment_id).await?;
    Ok(())
}

/// Name and letters as they stand under a signature.
#[must_use]
pub fn credential_line(name: &str, credentials: Option<&str>) -> String {
    credentials.map_or_else(|| name.to_owned(), |letters| format!("{name}, {letters}"))
}

/// Notes of a chart, newest first, from a place on.
///
/// # Errors
/// The database.
pub async fn list_of_client(
    tx: &Tx,
    chart: &Chart,
    after: Option<(Timestamp, NoteId)>,
    limit: i64,
) -> Result<Vec<NoteLine>, StoreError> {
    let (before, before_id) = after.unwrap_or(START);
    store::of_client(tx, tx.practice(), chart.id(), before, before_id, limit).await
}

/// One's own notes, newest first, from a place on.
///
/// # Errors
/// No right to write notes; the database.
pub async fn list_own(
    tx: &Tx,
    actor: &Actor,
    after: Option<(Timestamp, NoteId)>,
    limit: i64,
) -> Result<Vec<NoteLine>, NoteError> {
    actor.need(Permission::NoteWrite)?;
    let author = actor.person(Permission::NoteWrite)?;
    let (before, before_id) = after.unwrap_or(START);
    let entry = Entry::new(Action::Search, "clinical_note");
    let lines = async { store::of_author(tx, tx.practice(), author, before, before_id, limit).await };
    Ok(try_join!(lines, audit::record(tx, actor, entry))?.0)
}

/// Ahead of every note: where a list starts.
const START: (Timestamp, NoteId) = (LATEST, NoteId::from_uuid(uuid::Uuid::max()));
// PostgreSQL's timestamps end in 294276, jiff's in 9999; this is within both and past every service.
const LATEST: Timestamp = Timestamp::constant(253_370_764_800, 0);

async fn publish(
    tx: &Tx,
    actor: &Actor,
    name: &'static str,
    id: NoteId,
    chart: &Chart,
    appointment: AppointmentId,
) -> Result<(), NoteError> {
    let event = Event {
        name,
        subject: id.uuid(),
        client: Some(chart.id()),
        actor: actor.user,
        facts: json!({ "appointment": appointment }),
        topics: vec![format!("clients/{}", chart.id()), "calendar".to_owned()],
    };
    Ok(events::publish(tx, event).await?)
}
