//! Jobs: work that follows from a change but must not keep the person waiting.
//!
//! A job is enqueued in the transaction that needs it and identified by a key, so that enqueuing it twice is
//! enqueuing it once. A worker takes due jobs with a lease; the job's own writes and its completion are one
//! transaction. A job that keeps failing rests on the dead-letter page until a person decides.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kernel::{JobId, PracticeId};
use serde_json::Value;

use crate::{App, StoreError, Tx};

/// Tries before a job is left for a person to look at.
const TRIES_MAX: i32 = 10;
/// Jobs taken in one go.
const BATCH: i64 = 10;
/// How long a taken job stays this worker's; afterwards another may take it.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

crate::row! {
    /// A job as the worker and the operations page see it.
    pub struct Job {
        /// The practice it belongs to.
        pub practice_id: PracticeId,
        /// Its id.
        pub id: JobId,
        /// What is to be done; names the handler.
        pub kind: String,
        /// What it is about.
        pub payload: Value,
        /// Tries so far, this one included.
        pub tries: i32,
    }
}

crate::statement! {
    /// Enqueues; a job of the same kind and key that still waits stands for both. Unique: job_key_unique.
    fn insert_job(practice: PracticeId, id: JobId, kind: &str, key: &str, payload: &Value, due: Timestamp, now: Timestamp) -> count = "
    insert into job (practice_id, id, kind, key, payload, due_at, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (practice_id, kind, key) do nothing"
}
crate::statement! {
    /// Takes due jobs of any practice, with a lease. Index: job_due.
    fn claim_jobs(now: Timestamp, lease_until: Timestamp, batch: i64) -> many Job = "
    select practice_id, id, kind, payload, tries from job_claim($1, $2, $3)"
}
crate::statement! {
    /// Marks a job as done, by removing it.
    fn delete_job(practice: PracticeId, id: JobId) -> count = "
    delete from job where practice_id = $1 and id = $2"
}
crate::statement! {
    /// Puts a failed job back, later, or to rest.
    fn postpone_job(practice: PracticeId, id: JobId, due: Timestamp, error: &str, dead: bool) -> count = "
    update job set due_at = $3, leased_until = null, last_error = $4, dead = $5
     where practice_id = $1 and id = $2"
}

/// Enqueues a job with this transaction.
///
/// # Errors
/// The database.
pub async fn enqueue(
    tx: &Tx,
    kind: &'static str,
    key: &str,
    payload: &Value,
    due: Timestamp,
) -> Result<(), StoreError> {
    insert_job(tx, tx.practice(), tx.id(), kind, key, payload, due, tx.now())
        .await
        .map(drop)
}

/// What a handler gives back: a failure's text goes to the log and the operations page, so it holds no PHI.
pub type Outcome = Result<(), String>;
/// A handler's work; it shares the transaction in which the job is completed.
pub type Work<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;
/// What does the jobs of one kind.
pub type Handler = for<'a> fn(&'a App, &'a Tx, &'a Job) -> Work<'a>;

/// The handlers of all kinds; put together once, by the server.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, Handler>);

impl Handlers {
    /// Names the handler of a kind.
    pub fn handle(&mut self, kind: &'static str, handler: Handler) {
        self.0.insert(kind, handler);
    }
}

/// Works off due jobs until none is due; gives the number done. Tests call this to leave nothing over.
///
/// # Errors
/// The database.
pub async fn work_off(app: &App, handlers: &Handlers) -> Result<usize, StoreError> {
    let mut done = 0;
    loop {
        let outside = app.db.begin_outside().await?;
        let now = outside.now();
        let jobs = claim_jobs(&outside, now, now + LEASE, BATCH).await?;
        outside.commit().await?;
        if jobs.is_empty() {
            return Ok(done);
        }
        for job in &jobs {
            work(app, handlers, job).await?;
            done += 1;
        }
    }
}

async fn work(app: &App, handlers: &Handlers, job: &Job) -> Result<(), StoreError> {
    let tx = app.db.begin(job.practice_id).await?;
    let outcome = match handlers.0.get(job.kind.as_str()) {
        Some(handler) => handler(app, &tx, job).await,
        None => Err(format!("no handler for jobs of kind {}", job.kind)),
    };
    let failure = match outcome {
        Ok(()) => {
            delete_job(&tx, job.practice_id, job.id).await?;
            match tx.commit().await {
                Ok(()) => return Ok(()),
                Err(error) => error.to_string(),
            }
        }
        Err(text) => {
            // What the handler wrote goes with its transaction; only the failure is kept.
            drop(tx);
            text
        }
    };
    let dead = job.tries >= TRIES_MAX;
    tracing::warn!(job.id = %job.id, job.kind = %job.kind, job.tries = job.tries, job.dead = dead, error = %failure, "A job failed");
    let tx = app.db.begin(job.practice_id).await?;
    postpone_job(
        &tx,
        job.practice_id,
        job.id,
        tx.now() + backoff(job.tries),
        &failure,
        dead,
    )
    .await?;
    tx.commit().await
}

/// 5 s, 10 s, 20 s … at most an hour.
fn backoff(tries: i32) -> SignedDuration {
    let doublings = u32::try_from(tries.clamp(1, 11)).unwrap_or(1) - 1;
    SignedDuration::from_secs((5_i64 << doublings).min(3600))
}

/// Works until the process ends, looking again at least twice a second; the database being away is waited out.
pub async fn run(app: App, handlers: Handlers) {
    loop {
        if let Err(error) = work_off(&app, &handlers).await {
            tracing::warn!(error = crate::causes(&error), "Jobs can't be taken; trying again");
        }
        #[expect(clippy::disallowed_methods, reason = "a pause between looks, not a rule about time")]
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::backoff;

    #[test]
    fn waits_double_up_to_an_hour() {
        let seconds: Vec<i64> = [1, 2, 3, 10, 11, 40].map(|tries| backoff(tries).as_secs()).into();
        assert_eq!(seconds, [5, 10, 20, 2560, 3600, 3600]);
    }
}
