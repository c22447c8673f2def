//! SQL of importing: taking turns, and the runs with their reports. Everything else is written through the rooms below.

use jiff::Timestamp;
use kernel::{ImportId, PracticeId, UserId};
use platform::statement;
use serde_json::Value;

statement! {
    /// Waits until no other import of the practice is under way; held until the transaction ends, so that what two files
    /// share (professionals, organizations) is met once.
    pub(super) fn take_turn(practice: PracticeId) -> one (bool,) = "
    select pg_advisory_xact_lock(hashtextextended('import:' || $1::uuid::text, 0)) is not null"
}
statement! {
    /// Keeps a run with its report.
    pub(super) fn insert_job(practice: PracticeId, id: ImportId, dry_run: bool, started_at: Timestamp, finished_at: Timestamp, started_by: Option<UserId>, starter: &str, files: i32, entries: i32, clients_created: i32, refused: i32, report: &Value) -> count = "
    insert into import_job (practice_id, id, source_kind, dry_run, started_at, finished_at, started_by, starter, files, entries, clients_created, refused, report)
    values ($1, $2, 'fhir_bundle', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
}

platform::row! {
    /// A run as a line.
    pub(super) struct JobLine {
        pub id: ImportId,
        pub dry_run: bool,
        pub started_at: Timestamp,
        pub starter: String,
        pub files: i32,
        pub entries: i32,
        pub clients_created: i32,
        pub refused: i32,
    }
}
statement! {
    /// The newest runs. Index: import_job_newest.
    pub(super) fn newest_jobs(practice: PracticeId) -> many JobLine = "
    select id, dry_run, started_at, starter, files, entries, clients_created, refused from import_job
     where practice_id = $1 order by started_at desc, id desc limit 20"
}
statement! {
    /// The report of one run. Primary key.
    pub(super) fn find_report(practice: PracticeId, id: ImportId) -> maybe (Value,) = "
    select report from import_job where practice_id = $1 and id = $2"
}
