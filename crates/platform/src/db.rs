//! The database: a pool, and transactions that belong to one practice and pipeline their queries.
//!
//! Invariant: no statement runs outside a transaction that has set its practice, so row-level security always
//! has something to compare with; a transaction that is dropped rolls back before its connection is used again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::FutureExt;
use jiff::Timestamp;
use kernel::{PracticeId, Refusal, TypedId};
use postgres_types::ToSql;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

pub use tokio_postgres::{Error as RowError, Row};

use crate::clock::{Clock, id_at};
use crate::events::Subscribers;
use crate::statement::FromRow;

/// What can go wrong with the database. `Display` is for the log; people get a [`Refusal`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A named constraint refused the write. The name carries no shard suffix.
    #[error("constraint {name} refused the write")]
    Constraint {
        /// The constraint's name in the schema, such as `resource_claim_free`.
        name: String,
    },
    /// A trigger or function of ours refused, with a stable message such as `signed_note_immutable`.
    #[error("the database refused: {0}")]
    Raised(String),
    /// Two transactions were in each other's way; the same work may be tried again.
    #[error("transactions collided")]
    Collided(#[source] tokio_postgres::Error),
    /// The database can't be reached, or does not answer in time.
    #[error("database unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Commit was asked of a transaction in which a statement had failed; nothing was written.
    #[error("transaction had failed before commit")]
    Aborted,
    /// A row that must exist does not.
    #[error("expected exactly one row, found {0}")]
    NotOne(usize),
    /// Anything else is a fault of ours.
    #[error("statement failed")]
    Statement(#[source] tokio_postgres::Error),
}

impl StoreError {
    /// Whether a named constraint refused.
    #[must_use]
    pub fn is_constraint(&self, wanted: &str) -> bool {
        matches!(self, Self::Constraint { name } if name == wanted)
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refused) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|source| source.is::<std::io::Error>())
            {
                Self::Unavailable(Box::new(error))
            } else {
                Self::Statement(error)
            };
        };
        let code = refused.code();
        if let (Some(name), "23") = (refused.constraint(), &code.code()[..2]) {
            return Self::Constraint {
                name: without_shard(name).to_owned(),
            };
        }
        match *code {
            SqlState::RAISE_EXCEPTION => Self::Raised(refused.message().to_owned()),
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Collided(error),
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS
            | SqlState::DISK_FULL
            | SqlState::QUERY_CANCELED => Self::Unavailable(Box::new(error)),
            _ => Self::Statement(error),
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<&StoreError> for Refusal {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Collided(_) => Self::Unavailable,
            StoreError::Constraint { .. }
            | StoreError::Raised(_)
            | StoreError::Aborted
            | StoreError::NotOne(_)
            | StoreError::Statement(_) => Self::Fault,
        }
    }
}

/// Constraint names on a distributed table end in the shard's number (`…_102037`).
fn without_shard(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, digits)) if digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => name,
    }
}

/// The database of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    clock: Clock,
    subscribers: Arc<Subscribers>,
}

impl Db {
    /// Makes a pool for the application's role. Nothing is connected yet.
    ///
    /// # Errors
    /// A pool that can't be built.
    pub fn new(
        mut config: tokio_postgres::Config,
        size: usize,
        clock: Clock,
        subscribers: Subscribers,
    ) -> Result<Self, StoreError> {
        config
            .application_name("mentalspace")
            .connect_timeout(Duration::from_secs(5));
        config.options("-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s -c jit=off");
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(6)))
            .build()
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Self {
            pool,
            clock,
            subscribers: Arc::new(subscribers),
        })
    }

    /// A transaction of one practice. It begins with its first query, in the same flush.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn begin(&self, practice: PracticeId) -> Result<Tx, StoreError> {
        let opening = format!("begin; set local app.practice_id = '{practice}'");
        Ok(self.open(self.pool.get().await?, practice, opening))
    }

    /// A transaction of no practice: row-level security shows it nothing but what functions that are meant for
    /// it give (sign-in look-up, the queue's next jobs).
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn begin_outside(&self) -> Result<Tx, StoreError> {
        Ok(self.open(
            self.pool.get().await?,
            PracticeId::from_uuid(uuid::Uuid::nil()),
            "begin".to_owned(),
        ))
    }

    fn open(&self, connection: Object, practice: PracticeId, opening: String) -> Tx {
        Tx {
            connection: Some(connection),
            practice,
            opening,
            now: self.clock.now(),
            begun: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            subscribers: Arc::clone(&self.subscribers),
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.pool.get().await?.batch_execute("").await?)
    }

    /// Connections open and in use, for metrics.
    #[must_use]
    pub fn connections(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size, status.size.saturating_sub(status.available))
    }

    /// Closes the pool; transactions under way finish.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// One transaction of one practice. Queries joined with `try_join!` go out in one flush.
#[must_use = "a transaction that is not committed rolls back"]
pub struct Tx {
    connection: Option<Object>,
    practice: PracticeId,
    opening: String,
    now: Timestamp,
    begun: AtomicBool,
    failed: AtomicBool,
    subscribers: Arc<Subscribers>,
}

impl Tx {
    /// The practice whose rows this transaction sees.
    pub const fn practice(&self) -> PracticeId {
        self.practice
    }

    /// The instant this transaction was opened: the "now" of everything written in it.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// A fresh id ordered by this transaction's instant.
    pub fn id<I: TypedId>(&self) -> I {
        id_at(self.now)
    }

    /// Those who subscribed to events.
    pub(crate) fn subscribers(&self) -> Arc<Subscribers> {
        Arc::clone(&self.subscribers)
    }

    /// Runs a query for any number of rows. Use [`crate::statement!`], which calls this.
    ///
    /// # Errors
    /// The database refused, or could not be reached.
    pub async fn many<R: FromRow>(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<R>, StoreError> {
        let rows = self.rows(sql, parameters).await?;
        rows.iter()
            .map(R::from_row)
            .collect::<Result<_, _>>()
            .map_err(StoreError::Statement)
    }

    /// Runs a query for one row or none.
    ///
    /// # Errors
    /// As [`Tx::many`]; or more than one row.
    pub async fn maybe<R: FromRow>(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<R>, StoreError> {
        match self.rows(sql, parameters).await?.as_slice() {
            [] => Ok(None),
            [row] => R::from_row(row).map(Some).map_err(StoreError::Statement),
            rows => Err(StoreError::NotOne(rows.len())),
        }
    }

    /// Runs a query for exactly one row.
    ///
    /// # Errors
    /// As [`Tx::maybe`]; or no row.
    pub async fn one<R: FromRow>(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<R, StoreError> {
        self.maybe(sql, parameters).await?.ok_or(StoreError::NotOne(0))
    }

    /// Runs a statement and counts the rows it touched.
    ///
    /// # Errors
    /// As [`Tx::many`].
    pub async fn count(&self, sql: &'static str, parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
        self.begun(async {
            let connection = self.connection()?;
            let statement = connection.prepare_cached(sql).await?;
            Ok(connection.execute(&statement, parameters).await?)
        })
        .await
    }

    /// Runs commands that carry no values (`savepoint …`).
    ///
    /// # Errors
    /// As [`Tx::many`].
    pub async fn command(&self, sql: &'static str) -> Result<(), StoreError> {
        self.begun(async { Ok(self.connection()?.batch_execute(sql).await?) })
            .await
    }

    /// Forgets a failure that a `rollback to savepoint` has undone.
    ///
    /// # Errors
    /// The savepoint does not exist, or the database can't be reached.
    pub async fn rollback_to(&self, command: &'static str) -> Result<(), StoreError> {
        self.connection()?.batch_execute(command).await?;
        self.failed.store(false, Ordering::Relaxed);
        Ok(())
    }

    async fn rows(&self, sql: &'static str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        self.begun(async {
            let connection = self.connection()?;
            let statement = connection.prepare_cached(sql).await?;
            Ok(connection.query(&statement, parameters).await?)
        })
        .await
    }

    fn connection(&self) -> Result<&Object, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Aborted)
    }

    /// Sends `begin` and the practice ahead of the first statement, without waiting for the answer between them.
    async fn begun<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let result = if self.begun.swap(true, Ordering::Relaxed) {
            work.await
        } else {
            let opening = self.connection()?.batch_execute(&self.opening);
            let (opened, result) = futures_util::join!(opening, work);
            opened.map_err(StoreError::from).and(result)
        };
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// A statement had failed before, or the database can't be reached; then nothing was written, or, if the
    /// connection broke during the commit itself, it is unknown whether it was.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let Some(connection) = self.connection.take() else {
            return Err(StoreError::Aborted);
        };
        if !self.begun.load(Ordering::Relaxed) {
            return Ok(());
        }
        if self.failed.load(Ordering::Relaxed) {
            connection.batch_execute("rollback").await?;
            return Err(StoreError::Aborted);
        }
        Ok(connection.batch_execute("commit").await?)
    }

    /// Undoes everything now, rather than when dropped.
    ///
    /// # Errors
    /// The database can't be reached (it then rolls back by itself).
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        match self.connection.take() {
            Some(connection) if self.begun.load(Ordering::Relaxed) => Ok(connection.batch_execute("rollback").await?),
            _ => Ok(()),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let (Some(connection), true) = (&self.connection, self.begun.load(Ordering::Relaxed)) {
            // The first poll queues the command on the connection, ahead of whatever its next user sends.
            let _answer_not_needed = connection.batch_execute("rollback").now_or_never();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_shard;

    #[test]
    fn constraint_names_lose_their_shard() {
        assert_eq!(without_shard("resource_claim_free_102037"), "resource_claim_free");
        assert_eq!(without_shard("app_user_email_unique"), "app_user_email_unique");
        assert_eq!(without_shard("client_2020"), "client_2020");
    }
}
