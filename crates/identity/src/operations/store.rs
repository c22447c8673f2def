//! SQL of the operations pages.

use jiff::Timestamp;
use kernel::{JobId, PracticeId};

platform::row! {
    pub(super) struct DeadJob {
        pub(super) id: JobId,
        pub(super) kind: String,
        pub(super) tries: i32,
        pub(super) last_error: Option<String>,
        pub(super) created_at: Timestamp,
    }
}

platform::statement! {
    /// Jobs that wait for a person, newest first. Index: job_dead.
    pub(super) fn dead(practice: PracticeId) -> many DeadJob = "
    select id, kind, tries, last_error, created_at from job where practice_id = $1 and dead order by created_at desc, id desc limit 100"
}
platform::statement! {
    /// Gives a dead job its tries back.
    pub(super) fn retry(practice: PracticeId, id: JobId, now: Timestamp) -> count = "
    update job set dead = false, tries = 0, due_at = $3, leased_until = null where practice_id = $1 and id = $2 and dead"
}
