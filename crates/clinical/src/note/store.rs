//! SQL of notes, and nothing else.

use jiff::Timestamp;
use kernel::{AppointmentId, ClientId, NoteId, PracticeId, SessionId, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::NoteStatus;

platform::row! {
    /// A note with its author's name.
    pub struct NoteRow {
        /// Its id.
        pub id: NoteId,
        /// Whose record it is.
        pub client_id: ClientId,
        /// Who writes it.
        pub author_id: UserId,
        /// The author's name.
        pub author_name: String,
        /// Letters behind the author's name.
        pub author_credentials: Option<String>,
        /// The session.
        pub appointment_id: AppointmentId,
        /// Kind of note.
        pub note_type: String,
        /// Where it stands.
        pub status: NoteStatus,
        /// Start of the service.
        pub service_start: Timestamp,
        /// End of the service.
        pub service_end: Timestamp,
        /// In person, video or audio.
        pub modality: String,
        /// Section key to text.
        pub content: Value,
        /// Counts saves.
        pub revision: i64,
        /// When it should be signed by.
        pub due_at: Timestamp,
        /// When it was signed.
        pub signed_at: Option<Timestamp>,
        /// When it was last saved.
        pub updated_at: Timestamp,
    }
}
platform::row! {
    /// A note in a list: no text in it.
    pub struct NoteLine {
        /// Its id.
        pub id: NoteId,
        /// Whose record it is.
        pub client_id: ClientId,
        /// The client's name on screen.
        pub client_name: String,
        /// The author's name.
        pub author_name: String,
        /// Kind of note.
        pub note_type: String,
        /// Where it stands.
        pub status: NoteStatus,
        /// Start of the service.
        pub service_start: Timestamp,
        /// When it should be signed by.
        pub due_at: Timestamp,
        /// When it was signed.
        pub signed_at: Option<Timestamp>,
    }
}
platform::row! {
    /// A session that lacks a signed note.
    pub struct DueLine {
        /// The session.
        pub appointment_id: AppointmentId,
        /// The client's name on screen.
        pub client_name: String,
        /// Start of the service.
        pub service_start: Timestamp,
        /// When the note should be signed by.
        pub due_at: Timestamp,
        /// The draft, if one is begun.
        pub note_id: Option<NoteId>,
    }
}
platform::row! {
    /// A signature as it prints.
    pub struct SignatureRow {
        /// Name and letters as of signing.
        pub credential_line: String,
        /// The words shown.
        pub attestation: String,
        /// How the person was proven.
        pub method: String,
        /// When.
        pub signed_at: Timestamp,
        /// SHA-256 of the version signed.
        pub hash: Vec<u8>,
    }
}

platform::statement! {
    /// One note. Primary key.
    pub fn find(practice: PracticeId, id: NoteId) -> maybe NoteRow = "
    select n.id, n.client_id, n.author_id, u.given_name || ' ' || u.family_name as author_name, u.credentials as author_credentials,
           n.appointment_id, n.note_type, n.status, n.service_start, n.service_end, n.modality, n.content, n.revision, n.due_at, n.signed_at, n.updated_at
      from clinical_note n join app_user u on u.practice_id = n.practice_id and u.id = n.author_id
     where n.practice_id = $1 and n.id = $2"
}
platform::statement! {
    /// The author's note of a session. Unique: clinical_note_one_per_visit.
    pub fn find_of_visit(practice: PracticeId, appointment: AppointmentId, author: UserId) -> maybe (NoteId, NoteStatus) = "
    select id, status from clinical_note where practice_id = $1 and appointment_id = $2 and author_id = $3"
}
platform::statement! {
    /// All notes of a session, without their text. Unique: clinical_note_one_per_visit.
    pub fn of_visit(practice: PracticeId, appointment: AppointmentId) -> many (NoteId, UserId, NoteStatus) = "
    select id, author_id, status from clinical_note where practice_id = $1 and appointment_id = $2 order by created_at, id limit 20"
}
platform::statement! {
    /// Begins a note; a second one of the same author for the same session is the first. Unique: clinical_note_one_per_visit.
    pub fn insert(practice: PracticeId, id: NoteId, client: ClientId, author: UserId, appointment: AppointmentId, note_type: &str, service_start: Timestamp, service_end: Timestamp, modality: &str, content: &Value, due: Timestamp, now: Timestamp) -> count = "
    insert into clinical_note (practice_id, id, client_id, author_id, appointment_id, note_type, format, status, service_start, service_end, modality, content, due_at, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, 'soap', 'draft', $7, $8, $9, $10, $11, $12, $12)
    on conflict (practice_id, appointment_id, author_id) do nothing"
}
platform::statement! {
    /// Saves a draft made on a revision; no row when that revision is not the newest, or the note is signed.
    pub fn save(practice: PracticeId, id: NoteId, author: UserId, revision: i64, content: &Value, now: Timestamp) -> maybe (i64,) = "
    update clinical_note set content = $5, revision = revision + 1, updated_at = $6
     where practice_id = $1 and id = $2 and author_id = $3 and revision = $4 and status = 'draft'
    returning revision"
}
platform::statement! {
    /// Keeps what a save changed.
    pub fn insert_save(practice: PracticeId, id: NoteId, revision: i64, session: Option<SessionId>, now: Timestamp, changed: &Value, editor: Option<&str>, change: Option<i64>) -> count = "
    insert into note_draft_save (practice_id, note_id, revision, session_id, saved_at, changed, editor, change) values ($1, $2, $3, $4, $5, $6, $7, $8)"
}
platform::statement! {
    /// Which open page made the newest save, and at which of its changes. Primary key.
    pub fn newest_save(practice: PracticeId, id: NoteId) -> maybe (i64, Option<String>, Option<i64>) = "
    select revision, editor, change from note_draft_save where practice_id = $1 and note_id = $2 order by revision desc limit 1"
}
platform::statement! {
    /// Keeps the signed text.
    pub fn insert_version(practice: PracticeId, id: NoteId, version: i32, snapshot: &str, hash: &[u8], now: Timestamp) -> count = "
    insert into note_version (practice_id, note_id, version, snapshot, hash, made_at) values ($1, $2, $3, $4, $5, $6)"
}
platform::statement! {
    /// Puts a name under a version.
    pub fn insert_signature(practice: PracticeId, id: Uuid, note: NoteId, version: i32, signer: UserId, attestation: &str, credential_line: &str, now: Timestamp, address: Option<&str>) -> count = "
    insert into signature (practice_id, id, note_id, version, signer_id, meaning, attestation, credential_line, method, signed_at, address)
    values ($1, $2, $3, $4, $5, 'author', $6, $7, 'password', $8, $9)"
}
platform::statement! {
    /// Makes a note final, if the text signed is the newest.
    pub fn mark_signed(practice: PracticeId, id: NoteId, author: UserId, revision: i64, now: Timestamp) -> count = "
    update clinical_note set status = 'signed', signed_at = $5, updated_at = $5
     where practice_id = $1 and id = $2 and author_id = $3 and revision = $4 and status = 'draft'"
}
platform::statement! {
    /// Signatures of a note, oldest first.
    pub fn signatures(practice: PracticeId, note: NoteId) -> many SignatureRow = "
    select s.credential_line, s.attestation, s.method, s.signed_at, v.hash
      from signature s join note_version v on v.practice_id = s.practice_id and v.note_id = s.note_id and v.version = s.version
     where s.practice_id = $1 and s.note_id = $2 order by s.signed_at, s.id limit 20"
}
platform::statement! {
    /// A client's notes, newest service first, after a place in that order. Index: clinical_note_client.
    pub fn of_client(practice: PracticeId, client: ClientId, before: Timestamp, before_id: NoteId, limit: i64) -> many NoteLine = "
    select n.id, n.client_id, c.display_name as client_name, u.given_name || ' ' || u.family_name as author_name, n.note_type, n.status, n.service_start, n.due_at, n.signed_at
      from clinical_note n
      join client_name c on c.practice_id = n.practice_id and c.id = n.client_id
      join app_user u on u.practice_id = n.practice_id and u.id = n.author_id
     where n.practice_id = $1 and n.client_id = $2 and (n.service_start, n.id) < ($3, $4)
     order by n.service_start desc, n.id desc limit $5"
}
platform::statement! {
    /// An author's notes, newest service first, after a place in that order. Index: clinical_note_author.
    pub fn of_author(practice: PracticeId, author: UserId, before: Timestamp, before_id: NoteId, limit: i64) -> many NoteLine = "
    select n.id, n.client_id, c.display_name as client_name, u.given_name || ' ' || u.family_name as author_name, n.note_type, n.status, n.service_start, n.due_at, n.signed_at
      from clinical_note n
      join client_name c on c.practice_id = n.practice_id and c.id = n.client_id
      join app_user u on u.practice_id = n.practice_id and u.id = n.author_id
     where n.practice_id = $1 and n.author_id = $2 and (n.service_start, n.id) < ($3, $4)
     order by n.service_start desc, n.id desc limit $5"
}
platform::statement! {
    /// Sessions of a clinician that lack a signed note, most urgent first. Index: note_due_clinician.
    pub fn due(practice: PracticeId, clinician: UserId) -> many DueLine = "
    select d.appointment_id, c.display_name as client_name, d.service_start, d.due_at, n.id as note_id
      from note_due d
      join client_name c on c.practice_id = d.practice_id and c.id = d.client_id
      left join clinical_note n on n.practice_id = d.practice_id and n.appointment_id = d.appointment_id and n.author_id = d.clinician_id
     where d.practice_id = $1 and d.clinician_id = $2
     order by d.due_at, d.appointment_id limit 50"
}
platform::statement! {
    /// Opens a deadline. Primary key.
    pub fn insert_due(practice: PracticeId, appointment: AppointmentId, client: ClientId, clinician: UserId, service_start: Timestamp, due: Timestamp) -> count = "
    insert into note_due (practice_id, appointment_id, client_id, clinician_id, service_start, due_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (practice_id, appointment_id) do nothing"
}
platform::statement! {
    /// Clears a deadline. Primary key.
    pub fn delete_due(practice: PracticeId, appointment: AppointmentId) -> count = "
    delete from note_due where practice_id = $1 and appointment_id = $2"
}
