//! Pages for whoever keeps the practice running: mail that left or waits, jobs that failed.

mod store;

use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};
use kernel::{JobId, Permission, Refusal};
use maud::html;
use platform::mail;
use serde_json::json;
use ui::table::{Column, Row, Table, table};

use crate::audit::{self, Action, Entry, Purpose};
use crate::web::{Access, Ask, Failure, Html, Posted, Routes, see_other, staff_page};

const SECTION: &str = "/practice";

/// Routes of operations.
pub(crate) fn routes() -> Routes {
    let need = Access::Need(Permission::OperationsRead);
    Routes::new()
        .page("/practice/outbox", need, get(outbox))
        .page("/practice/jobs", need, get(jobs))
        .page("/practice/jobs/{id}/retry", need, post(retry))
}

async fn outbox(ask: Ask) -> Result<Html, Failure> {
    let Ask { app, actor, tx } = ask;
    let entry = Entry::new(Action::Search, "mail").purpose(Purpose::Administration);
    let (mails, ()) = futures_util::try_join!(mail::outbox(&tx, actor.practice), audit::record(&tx, &actor, entry))?;
    let rows = mails.iter().map(|mail| Row::plain(vec![
        html! { (kernel::when::near(mail.created_at, tx.now(), &actor.zone)) },
        html! { (mail.recipient) },
        html! { details { summary { (mail.subject) } pre.mail-text { (mail.body) } } },
        html! { @if mail.sent_at.is_some() { (ui::dot(ui::Tone::Success, "Sent")) } @else if app.config.smtp.is_some() { (ui::dot(ui::Tone::Attention, "Waiting")) } @else { (ui::dot(ui::Tone::Info, "Kept here")) } },
    ]));
    let list = table(&Table {
        caption: "Mail, newest first",
        columns: vec![
            Column::new("Written"),
            Column::new("To"),
            Column::new("Subject"),
            Column::new("State"),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "mail",
            "No mail yet",
            "Invitations and notices that leave the practice are listed here.",
            html! {},
        ),
        summary: if mails.len() >= 100 { "The newest 100" } else { "" },
        ..Default::default()
    });
    tx.commit().await?;
    let body = html! {
        @if app.config.smtp.is_none() { p { "No mail server is configured, so mail stays here. Open a message to copy its link." } }
        (list)
    };
    Ok(Html(staff_page(&actor, SECTION, ui::Page::new("Outbox", body))))
}

async fn jobs(ask: Ask) -> Result<Html, Failure> {
    let Ask { actor, tx, .. } = ask;
    let entry = Entry::new(Action::Search, "job").purpose(Purpose::Administration);
    let (dead, ()) = futures_util::try_join!(store::dead(&tx, actor.practice), audit::record(&tx, &actor, entry))?;
    let rows = dead.iter().map(|job| Row::plain(vec![
        html! { (kernel::when::near(job.created_at, tx.now(), &actor.zone)) },
        html! { (job.kind) },
        html! { (job.tries) },
        html! { (job.last_error.as_deref().unwrap_or_default()) },
        html! { (ui::form::post_button(&format!("/practice/jobs/{}/retry", job.id), &actor.csrf, "Try again", ui::Kind::Secondary)) },
    ]));
    let list = table(&Table {
        caption: "Failed jobs, newest first",
        columns: vec![
            Column::new("Made"),
            Column::new("What"),
            Column::numeric("Tries"),
            Column::new("Why it failed"),
            Column::actions(),
        ],
        rows: rows.collect(),
        empty: ui::empty_state(
            "check-circle",
            "Nothing failed",
            "Work that keeps failing rests here until somebody decides.",
            html! {},
        ),
        summary: if dead.len() >= 100 { "The newest 100" } else { "" },
        ..Default::default()
    });
    tx.commit().await?;
    Ok(Html(staff_page(&actor, SECTION, ui::Page::new("Failed jobs", list))))
}

async fn retry(
    ask: Ask,
    Path(id): Path<String>,
    Posted(_): Posted<serde::de::IgnoredAny>,
) -> Result<Response, Failure> {
    let Ask { actor, tx, .. } = ask;
    let id: JobId = id.parse().map_err(|_| Failure(Refusal::NotFound))?;
    if store::retry(&tx, actor.practice, id, tx.now()).await? == 0 {
        return Err(Failure(Refusal::NotFound));
    }
    let entry = Entry::new(Action::Execute, "job")
        .id(id.uuid())
        .purpose(Purpose::Administration);
    audit::record(&tx, &actor, entry.detail(json!({ "retry": true }))).await?;
    tx.commit().await?;
    Ok(see_other("/practice/jobs"))
}
