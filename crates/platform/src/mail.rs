//! Mail: written into an outbox with the change that causes it, sent by a job.
//!
//! Without an SMTP server configured, mail stays in the outbox page, where an administrator can read it; with
//! one, a job sends it and retries. Mail carries no PHI, only "you have …" and a link (IAM-80).

use jiff::Timestamp;
use kernel::{MailId, PracticeId};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde_json::json;

use crate::config::Smtp;
use crate::jobs::{Job, Work};
use crate::{App, StoreError, Tx, jobs};

/// The kind of job that sends one mail.
pub const SEND: &str = "mail.send";

crate::row! {
    /// A mail of the outbox.
    pub struct Mail {
        /// Its id.
        pub id: MailId,
        /// When it was written.
        pub created_at: Timestamp,
        /// The recipient's address.
        pub recipient: String,
        /// Subject, without PHI.
        pub subject: String,
        /// Plain text, without PHI.
        pub body: String,
        /// When the mail server took it; `None` while it waits or stays in the outbox.
        pub sent_at: Option<Timestamp>,
    }
}

crate::statement! {
    /// Writes a mail into the outbox.
    fn insert_mail(practice: PracticeId, id: MailId, now: Timestamp, recipient: &str, subject: &str, body: &str) -> count = "
    insert into mail (practice_id, id, created_at, recipient, subject, body) values ($1, $2, $3, $4, $5, $6)"
}
crate::statement! {
    /// One mail.
    fn find_mail(practice: PracticeId, id: MailId) -> maybe Mail = "
    select id, created_at, recipient, subject, body, sent_at from mail where practice_id = $1 and id = $2"
}
crate::statement! {
    /// Notes that the mail server took it.
    fn mark_sent(practice: PracticeId, id: MailId, now: Timestamp) -> count = "
    update mail set sent_at = $3 where practice_id = $1 and id = $2 and sent_at is null"
}
crate::statement! {
    /// The newest mail. Index: mail_newest.
    pub fn outbox(practice: PracticeId) -> many Mail = "
    select id, created_at, recipient, subject, body, sent_at from mail
     where practice_id = $1 order by created_at desc, id desc limit 100"
}

/// Writes a mail with this transaction; it leaves after the commit.
///
/// # Errors
/// The database.
pub async fn write(tx: &Tx, recipient: &str, subject: &str, body: &str) -> Result<(), StoreError> {
    let id: MailId = tx.id();
    insert_mail(tx, tx.practice(), id, tx.now(), recipient, subject, body).await?;
    jobs::enqueue(tx, SEND, &id.to_string(), &json!({ "mail": id }), tx.now()).await
}

/// Sends the mail of a job, if a mail server is configured and it has not left yet.
pub fn send<'a>(app: &'a App, tx: &'a Tx, job: &'a Job) -> Work<'a> {
    Box::pin(async move {
        let Some(server) = &app.config.smtp else { return Ok(()) };
        let id: MailId = serde_json::from_value(job.payload["mail"].clone()).map_err(|error| error.to_string())?;
        let mail = find_mail(tx, tx.practice(), id)
            .await
            .map_err(|error| error.to_string())?;
        let Some(mail) = mail.filter(|mail| mail.sent_at.is_none()) else {
            return Ok(());
        };
        deliver(server, &mail).await?;
        mark_sent(tx, tx.practice(), id, tx.now())
            .await
            .map_err(|error| error.to_string())?;
        Ok(())
    })
}

async fn deliver(server: &Smtp, mail: &Mail) -> Result<(), String> {
    let say = |error: &dyn std::fmt::Display| error.to_string();
    let message = Message::builder()
        .message_id(Some(format!("<{}@mentalspace>", mail.id)))
        .from(server.from.parse().map_err(|error| say(&error))?)
        .to(mail.recipient.parse().map_err(|error| say(&error))?)
        .subject(&mail.subject)
        .body(mail.body.clone())
        .map_err(|error| say(&error))?;
    let mut transport = if server.tls {
        AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&server.host).map_err(|error| say(&error))?
    } else {
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
    }
    .port(server.port)
    .timeout(Some(std::time::Duration::from_secs(15)));
    if let (Some(user), Some(password)) = (&server.user, &server.password) {
        transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
    }
    transport
        .build()
        .send(message)
        .await
        .map(drop)
        .map_err(|error| say(&error))
}
