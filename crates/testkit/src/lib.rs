//! Testkit: what tests of every room need, and nothing that ships.
//!
//! Each test gets a database of its own, cloned from a migrated template, on the PostgreSQL that
//! `scripts/with-postgres` started; people with roles; and a clock that stands until it is moved.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't be set up should stop with its reason"
)]

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{PracticeId, Role, UserId};
use platform::events::Subscribers;
use platform::{App, Clock, Config, Db};
use tokio_postgres::{Client, NoTls};

/// Monday 2026-03-02 09:00 in New York: where the clock of every test starts.
pub const START: &str = "2026-03-02T14:00:00Z";

/// A database of one test, with one practice in it.
pub struct TestDb {
    /// The database as the application's role sees it.
    pub db: Db,
    /// The house around it.
    pub app: App,
    /// The practice, in New York.
    pub practice: PracticeId,
    /// The clock.
    pub clock: Clock,
    /// How the application connects.
    pub config: tokio_postgres::Config,
    /// How the superuser connects.
    pub superuser: tokio_postgres::Config,
    name: String,
}

fn server() -> tokio_postgres::Config {
    let url = std::env::var("MENTALSPACE_TEST_URL")
        .expect("start tests through scripts/with-postgres, which sets MENTALSPACE_TEST_URL");
    url.parse().expect("MENTALSPACE_TEST_URL is a connection string")
}

async fn connect(config: &tokio_postgres::Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}

/// The template's name changes with the migrations, so a stale one is never cloned.
fn template() -> String {
    format!("mentalspace_template_{}", platform::migrate::fingerprint())
}

async fn make_template(server: &tokio_postgres::Config) {
    let admin = connect(server).await;
    admin.batch_execute("select pg_advisory_lock(90210)").await.unwrap();
    let name = template();
    let known = admin
        .query_opt(
            "select from pg_database where datname = $1 and datallowconn is false",
            &[&name],
        )
        .await
        .unwrap();
    if known.is_none() {
        admin
            .batch_execute(&format!("drop database if exists {name}"))
            .await
            .unwrap();
        admin.batch_execute(&format!("create database {name}")).await.unwrap();
        let mut owner = server.clone();
        platform::migrate::run(owner.dbname(&name))
            .await
            .expect("migrations apply to an empty database");
        admin
            .batch_execute(&format!("alter database {name} with allow_connections false"))
            .await
            .unwrap();
    }
    admin.batch_execute("select pg_advisory_unlock(90210)").await.unwrap();
}

impl TestDb {
    /// A fresh database with one practice and nothing subscribed.
    pub async fn new() -> Self {
        Self::with(Subscribers::default()).await
    }

    /// As [`TestDb::new`], with subscribers.
    pub async fn with(subscribers: Subscribers) -> Self {
        let server = server();
        make_template(&server).await;
        let name = format!("test_{:016x}", rand::random::<u64>());
        let admin = connect(&server).await;
        admin
            .batch_execute(&format!("create database {name} template {}", template()))
            .await
            .expect("the template clones");
        let mut superuser = server.clone();
        superuser.dbname(&name);
        let mut config = superuser.clone();
        config.user("mentalspace_app");
        let clock = Clock::set_at(START.parse().unwrap());
        let db = Db::new(config.clone(), 24, clock.clone(), subscribers).unwrap();
        let folder = std::env::temp_dir().join(&name);
        let app = App {
            db: db.clone(),
            clock: clock.clone(),
            config: Arc::new(Config {
                data: folder.clone(),
                ..Config::default()
            }),
            keys: Arc::new(platform::keys::Keys::from_master([42; 32])),
            files: Arc::new(platform::files::Folder::new(folder.join("files"))),
            live: platform::live::Live::default(),
            printer: Arc::new(NoPrinter),
        };
        let practice: PracticeId = clock.id();
        let test = Self {
            db,
            app,
            practice,
            clock,
            config,
            superuser,
            name,
        };
        test.open_practice(practice, "maple-street").await;
        test
    }

    /// Opens a practice in New York.
    pub async fn open_practice(&self, practice: PracticeId, slug: &str) {
        let sql = format!(
            "select practice_open('{practice}', '{slug}', 'Practice {slug}', 'America/New_York', false, '{}')",
            self.clock.now()
        );
        self.superuser_sql(&sql).await;
    }

    /// A second practice, to try to reach the first from.
    pub async fn other_practice(&self) -> PracticeId {
        let practice: PracticeId = self.clock.id();
        self.open_practice(practice, &format!("other-{:08x}", rand::random::<u32>()))
            .await;
        practice
    }

    /// Runs SQL as the superuser, past every policy.
    pub async fn superuser_sql(&self, sql: &str) {
        connect(&self.superuser)
            .await
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// A superuser's connection, for looking at what really stands in the tables.
    pub async fn superuser(&self) -> Client {
        connect(&self.superuser).await
    }

    /// A connection of the application's role, for trying what it may not do.
    pub async fn application(&self) -> Client {
        connect(&self.config).await
    }

    /// A new active member of staff with one role, as an actor.
    pub async fn actor(&self, role: Role) -> identity::Actor {
        self.actor_in(self.practice, &[role]).await
    }

    /// A new active member of staff of a practice with roles, as an actor.
    pub async fn actor_in(&self, practice: PracticeId, roles: &[Role]) -> identity::Actor {
        let user: UserId = self.clock.id();
        let (now, given) = (self.clock.now(), roles.first().map_or("Nobody", |role| role.label()));
        self.superuser_sql(&format!(
            "insert into app_user (practice_id, id, email, given_name, family_name, status, bookable, created_at, updated_at)
             values ('{practice}', '{user}', '{user}@example.test', '{given}', 'Tester', 'active', true, '{now}', '{now}')"
        ))
        .await;
        for role in roles {
            self.superuser_sql(&format!("insert into user_role (practice_id, user_id, role, granted_at) values ('{practice}', '{user}', '{role}', '{now}')")).await;
        }
        let mut actor = identity::Actor::house(
            practice,
            &format!("{given} Tester"),
            TimeZone::get("America/New_York").unwrap(),
        );
        actor.user = Some(user);
        actor.roles = roles.to_vec();
        actor.practice_name = "Practice maple-street".to_owned();
        actor
    }

    /// Moves the clock.
    pub fn advance(&self, by: SignedDuration) -> Timestamp {
        self.clock.advance(by);
        self.clock.now()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db.close();
        let (name, server, data) = (self.name.clone(), server(), self.app.config.data.clone());
        // A thread of its own, since a destructor can't wait on the test's runtime.
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let admin = connect(&server).await;
                let _stays_until_the_server_goes = admin
                    .batch_execute(&format!("drop database if exists {name} with (force)"))
                    .await;
            });
            std::fs::remove_dir_all(data)
        });
        let _nothing_was_stored = cleaned.join();
    }
}

struct NoPrinter;

impl print::Printer for NoPrinter {
    fn pdf(&self, document: &print::Document) -> Result<Vec<u8>, print::PrintError> {
        Ok(format!("%PDF-test {}", document.title).into_bytes())
    }
}
