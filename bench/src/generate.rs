//! Fills a migrated database with synthetic practices by `COPY`, one transaction per practice, so that a run that was
//! cut off leaves whole practices only.
//!
//! Triggers and foreign keys are off while it writes (`session_replication_role`), or ten million appointments would
//! take hours; what the triggers derive (claims, resources, search rows) is written here in the same shape.

mod names;
mod plan;
mod rows;

use std::pin::pin;
use std::time::Instant;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use futures_util::SinkExt;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio_postgres::{Client, Transaction};

use crate::BenchError;
use crate::database::Place;
use plan::{Amount, Slot};
use rows::Practice;

/// Zone of every generated practice.
const ZONE: &str = "America/New_York";

/// Fill a migrated database with synthetic practices.
#[derive(Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    place: Place,
    /// How much to make
    #[arg(long, value_enum, default_value_t = Scale::Small)]
    scale: Scale,
    /// Make so many practices instead, each as large as the scale says
    #[arg(long, value_name = "COUNT")]
    practices: Option<usize>,
    /// The day around which the calendars lie [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scale {
    /// 1 practice, 2,000 clients, 20,000 appointments
    Small,
    /// 1,000 practices, 1,000,000 clients, 10,000,000 appointments
    Large,
}

impl Scale {
    const fn amount(self) -> Amount {
        match self {
            Self::Small => Amount {
                practices: 1,
                clients: 2_000,
                appointments: 20_000,
            },
            Self::Large => Amount {
                practices: 1_000,
                clients: 1_000,
                appointments: 10_000,
            },
        }
    }

    /// Slugs of the two scales differ, so that both fit into one database.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Small => "bench-small",
            Self::Large => "bench-large",
        }
    }
}

impl Generate {
    pub(crate) async fn run(self) -> Result<(), BenchError> {
        let mut amount = self.scale.amount();
        amount.practices = self.practices.unwrap_or(amount.practices);
        let zone = TimeZone::get(ZONE)?;
        let slots = plan::slots(plan::today(self.today, &zone), &zone)?;
        let database = self.place.open()?;
        let mut client = database.connect().await?;
        // The owner of the tables is bound by their policies unless it is a superuser; only that one may do the rest.
        client
            .batch_execute("set session_replication_role = replica; set synchronous_commit = off; set jit = off")
            .await?;
        let started = Instant::now();
        let mut kept = 0;
        for number in 1..=amount.practices {
            let slug = format!("{}-{number:04}", self.scale.prefix());
            if exists(&client, &slug).await? {
                kept += 1;
                continue;
            }
            fill(&mut client, number, &slug, amount, &slots).await?;
            if number == 1 || number % 25 == 0 || number == amount.practices {
                let seconds = started.elapsed().as_secs_f64();
                eprintln!("{number} of {} practices, {seconds:.1} s", amount.practices);
            }
        }
        finish(&client).await?;
        let made = amount.practices - kept;
        println!(
            "made {made} practices, {} clients, {} appointments in {:.1} s; {kept} were there; first owner owner@{}-0001.example",
            made * amount.clients,
            made * amount.appointments,
            started.elapsed().as_secs_f64(),
            self.scale.prefix(),
        );
        drop(client);
        database.close()
    }
}

/// Whether an earlier run made this practice; since each is made whole, it need not be looked at.
async fn exists(client: &Client, slug: &str) -> Result<bool, BenchError> {
    Ok(client
        .query_opt("select from practice where slug = $1", &[&slug])
        .await?
        .is_some())
}

/// Writes one practice, or nothing of it.
async fn fill(
    client: &mut Client,
    number: usize,
    slug: &str,
    amount: Amount,
    slots: &[Slot],
) -> Result<(), BenchError> {
    let transaction = client.transaction().await?;
    let practice = Practice::plan(number, slug, amount, slots);
    for table in practice.tables(amount, slots) {
        copy(&transaction, table.target, table.text).await?;
    }
    let search = "insert into client_search select found.* from client c, client_search_row(c.practice_id, c.id) found where c.practice_id = $1";
    transaction.execute(search, &[&practice.id]).await?;
    transaction.commit().await?;
    Ok(())
}

/// Sends rows in PostgreSQL's text format.
async fn copy(transaction: &Transaction<'_>, target: &str, text: String) -> Result<(), BenchError> {
    let mut sink = pin!(
        transaction
            .copy_in::<_, Bytes>(&format!("copy {target} from stdin"))
            .await?
    );
    let mut text = Bytes::from(text);
    while !text.is_empty() {
        sink.send(text.split_to(text.len().min(1 << 20))).await?;
    }
    sink.finish().await?;
    Ok(())
}

/// Fresh statistics and visibility, so that the first measurement isn't one of autovacuum.
async fn finish(client: &Client) -> Result<(), BenchError> {
    eprintln!("vacuum and analyze");
    client.batch_execute("set session_replication_role = origin").await?;
    client.batch_execute("vacuum (analyze)").await?;
    client.batch_execute("checkpoint").await?;
    Ok(())
}
