//! Live notices: open pages learn that something they show has changed, on every server.
//!
//! A notice names a practice and a topic and nothing else; the page then asks for itself again and gets what
//! its person may see. Notices travel by `NOTIFY` within the transaction that made the change.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use kernel::PracticeId;
use tokio::sync::broadcast;
use tokio_postgres::{AsyncMessage, NoTls};

use crate::{StoreError, Tx};

const CHANNEL: &str = "mentalspace_live";
/// Topic under which every page is told to look again after notices may have been missed.
pub const EVERYTHING: &str = "*";

/// That something under a topic of a practice changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The practice's id as text; [`EVERYTHING`] for all.
    pub practice: String,
    /// What changed, such as `calendar` or `clients/0192…`.
    pub topic: String,
}

/// Where open pages of this process listen.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<Notice>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::Sender::new(1024))
    }
}

crate::statement! {
    /// Sends a notice with the commit of this transaction.
    fn send(channel: &str, text: &str) -> one (String,) = "select pg_notify($1, $2)::text"
}

/// Tells open pages of this practice, once the transaction commits, that a topic changed.
///
/// # Errors
/// The database.
pub async fn notify(tx: &Tx, topic: &str) -> Result<(), StoreError> {
    send(tx, CHANNEL, &format!("{} {topic}", tx.practice())).await.map(drop)
}

impl Live {
    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Notice> {
        self.0.subscribe()
    }

    /// Whether a notice is for a page of this practice that shows this topic.
    #[must_use]
    pub fn concerns(notice: &Notice, practice: PracticeId, topic: &str) -> bool {
        notice.practice == EVERYTHING || (notice.topic == topic && notice.practice == practice.to_string())
    }

    /// Carries notices from the database to this process's pages until the process ends, reconnecting when the
    /// database was away; after such a gap every page is told to look again, since notices may have been missed.
    pub async fn carry(self, config: tokio_postgres::Config) {
        let mut wait = Duration::from_millis(200);
        loop {
            if let Err(error) = self.carry_until_broken(&config).await {
                tracing::warn!(
                    error = crate::causes(&error),
                    "Live notices are interrupted; reconnecting"
                );
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "a pause between attempts, not a rule about time"
            )]
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
            // No receiver is not a failure: then no page is open.
            let _receivers = self.0.send(Notice {
                practice: EVERYTHING.to_owned(),
                topic: EVERYTHING.to_owned(),
            });
        }
    }

    async fn carry_until_broken(&self, config: &tokio_postgres::Config) -> Result<(), tokio_postgres::Error> {
        let (client, mut connection) = config.connect(NoTls).await?;
        let messages = stream::poll_fn(move |context| connection.poll_message(context));
        let mut messages = std::pin::pin!(messages);
        let command = format!("listen {CHANNEL}");
        let listen = client.batch_execute(&command);
        let mut listen = std::pin::pin!(listen);
        let mut listening = false;
        loop {
            tokio::select! {
                answer = &mut listen, if !listening => { answer?; listening = true; }
                message = messages.next() => match message {
                    Some(Ok(AsyncMessage::Notification(notice))) => {
                        if let Some((practice, topic)) = notice.payload().split_once(' ') {
                            let _receivers = self.0.send(Notice { practice: practice.to_owned(), topic: topic.to_owned() });
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                    None => return Ok(()),
                },
            }
        }
    }
}
