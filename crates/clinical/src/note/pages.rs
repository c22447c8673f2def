//! Pages of notes: the list, the editor, review and signature, the signed note, its PDF.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::Actor;
use identity::web::{Ask, Failure, Html, Paging, Posted, Query, see_other, staff_page, unprocessable};
use kernel::{NoteId, Permission, Problems, Refusal, when};
use maud::{Markup, html};
use platform::App;
use serde::Deserialize;
use serde_json::json;
use ui::Tone;
use ui::form::Field;

use super::ops::{self, Note, NoteError};
use super::paper::{self, modality_label};
use super::store::{DueLine, NoteLine};
use super::{ATTESTATION, NoteStatus, SECTIONS, Soap, store};

const SECTION: &str = "/notes";
const PAGE: i64 = 50;

/// Paths of a note's pages.
pub mod paths {
    use kernel::{AppointmentId, ClientId, NoteId};

    /// The signed note, or where its draft is written.
    pub fn note(id: NoteId) -> String {
        format!("/notes/{id}")
    }
    /// The editor.
    pub fn edit(id: NoteId) -> String {
        format!("/notes/{id}/edit")
    }
    /// Review before signing, and the signature itself.
    pub fn signature(id: NoteId) -> String {
        format!("/notes/{id}/signature")
    }
    /// Begins the note of a session.
    pub fn begin(appointment: AppointmentId) -> String {
        format!("/appointments/{appointment}/note")
    }
    /// A client's notes.
    pub fn of_client(client: ClientId) -> String {
        format!("/clients/{client}/notes")
    }
}

/// A path's id; what is no id of ours is nothing that exists.
fn id(text: &str) -> Result<NoteId, Failure> {
    text.parse().map_err(|_| Failure(Refusal::NotFound))
}

/// A form of one button: nothing but the token that every form carries.
#[derive(Deserialize)]
pub struct Pressed {}

/// `POST /appointments/{id}/note`: begins the session's note, or goes on with it.
pub async fn begin(
    ask: Ask,
    Path(appointment): Path<String>,
    Posted(Pressed {}): Posted<Pressed>,
) -> Result<Response, Failure> {
    let appointment = appointment.parse().map_err(|_| Failure(Refusal::NotFound))?;
    let note = ops::begin(&ask.tx, &ask.actor, appointment).await?;
    ask.tx.commit().await?;
    Ok(see_other(&paths::note(note)))
}

/// `GET /notes`: what is due, and one's own notes.
pub async fn list(ask: Ask, Query(paging): Query<Paging>) -> Result<Html, Failure> {
    let after = paging.after()?;
    let author = ask.actor.person(Permission::NoteWrite)?;
    let (due, lines) = futures_util::try_join!(
        async {
            store::due(&ask.tx, ask.tx.practice(), author)
                .await
                .map_err(NoteError::from)
        },
        ops::list_own(&ask.tx, &ask.actor, after, PAGE + 1),
    )?;
    let page = identity::web::List::cut(lines, PAGE, |line| (line.service_start, line.id));
    let body = html! {
        @if !due.is_empty() { (ui::card("Waiting for your signature", due_table(&due, &ask))) }
        (table(&page.items, &ask.actor, ask.tx.now(), true, "Your notes", "Notes begin on the calendar: open a session and choose Write note."))
        (ui::pagination(None, page.next.map(|cursor| format!("/notes?cursor={cursor}")).as_deref(), ""))
    };
    let html = staff_page(&ask.actor, SECTION, ui::Page::new("Notes", body));
    ask.tx.commit().await?;
    Ok(Html(html))
}

/// `GET /clients/{id}/notes`: the chart's notes.
pub async fn list_of_client(
    ask: Ask,
    Path(client): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Html, Failure> {
    let client = client.parse().map_err(|_| Failure(Refusal::NotFound))?;
    let chart = clients::open_chart(&ask.tx, &ask.actor, client, Permission::NoteRead).await?;
    let lines = ops::list_of_client(&ask.tx, &chart, paging.after()?, PAGE + 1).await?;
    let page = identity::web::List::cut(lines, PAGE, |line| (line.service_start, line.id));
    let next = page
        .next
        .as_ref()
        .map(|cursor| format!("{}?cursor={cursor}", paths::of_client(client)));
    let body = html! {
        (table(&page.items, &ask.actor, ask.tx.now(), false, "Notes", "A session's note is begun from its appointment."))
        (ui::pagination(None, next.as_deref(), ""))
    };
    let html = clients::chart_page(&ask.actor, &chart, "notes", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(html))
}

/// `GET /notes/{id}`: the signed note; one's own draft leads to the editor.
pub async fn show(ask: Ask, Path(note): Path<String>) -> Result<Response, Failure> {
    let note = ops::open(&ask.tx, &ask.actor, id(&note)?).await?;
    if !note.is_signed() {
        ask.tx.commit().await?;
        return Ok(see_other(&paths::edit(note.row.id)));
    }
    let body = html! {
        (ui::card_with_actions("Progress note", ui::link_button_with_icon(&format!("{}/pdf", paths::note(note.row.id)), "printer", "Open as PDF", ui::Kind::Secondary), html! {
            (facts(&note, &ask.actor))
            (text(&note.content))
            @for signature in &note.signatures { (signature_block(signature, &ask.actor)) }
        }))
    };
    let html = clients::chart_page(&ask.actor, &note.chart, "notes", ask.tx.now(), body);
    ask.tx.commit().await?;
    Ok(Html(html).into_response())
}

/// `GET /notes/{id}/edit`: the editor.
pub async fn edit(ask: Ask, Path(note): Path<String>) -> Result<Response, Failure> {
    let note = ops::open(&ask.tx, &ask.actor, id(&note)?).await?;
    if note.is_signed() {
        ask.tx.commit().await?;
        return Ok(see_other(&paths::note(note.row.id)));
    }
    let earlier = ops::list_of_client(&ask.tx, &note.chart, None, 5).await?;
    let html = editor(
        &ask,
        &note,
        &note.content,
        note.row.revision,
        &Problems::default(),
        &earlier,
    );
    ask.tx.commit().await?;
    Ok(Html(html).into_response())
}

/// The editor's fields as posted.
#[derive(Debug, Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    revision: String,
    #[serde(default)]
    subjective: String,
    #[serde(default)]
    objective: String,
    #[serde(default)]
    assessment: String,
    #[serde(default)]
    plan: String,
    /// Which button was pressed: `review` leads to the signature.
    #[serde(default)]
    then: String,
    /// The open page that sends, and below how many changes it has made.
    #[serde(default, rename = "_editor")]
    editor: String,
    #[serde(default, rename = "_change")]
    change: String,
}

impl Typed {
    fn soap(&self) -> Soap {
        Soap {
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
        }
    }

    fn revision(&self) -> i64 {
        self.revision.parse().unwrap_or(-1)
    }

    fn editor(&self) -> Option<ops::Editor<'_>> {
        let is_named = !self.editor.is_empty() && self.editor.len() <= 64;
        self.change.parse().ok().filter(|_| is_named).map(|change| ops::Editor {
            name: &self.editor,
            change,
        })
    }
}

/// `POST /notes/{id}/draft`: autosave. Answers JSON with the new revision, or 412 with both texts.
pub async fn autosave(ask: Ask, Path(note): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response, Failure> {
    let note = id(&note)?;
    match ops::save(
        &ask.tx,
        &ask.actor,
        note,
        typed.revision(),
        &typed.soap(),
        typed.editor(),
    )
    .await
    {
        Ok(revision) => {
            let saved_at = when::clock(ask.tx.now(), &ask.actor.zone);
            ask.tx.commit().await?;
            Ok(identity::web::Json(json!({ "revision": revision.to_string(), "saved_at": saved_at })).into_response())
        }
        Err(NoteError::Stale { current }) => {
            let ask = ask.again().await?;
            let stored = ops::open(&ask.tx, &ask.actor, note).await?;
            let html = conflict(&stored, &typed.soap(), current);
            ask.tx.commit().await?;
            Ok((StatusCode::PRECONDITION_FAILED, Html(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /notes/{id}`: saves the draft as the plain form sends it, then goes on to the review if that was pressed.
pub async fn save(ask: Ask, Path(note): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response, Failure> {
    let note = id(&note)?;
    let problems = match ops::save(
        &ask.tx,
        &ask.actor,
        note,
        typed.revision(),
        &typed.soap(),
        typed.editor(),
    )
    .await
    {
        Ok(_) => {
            ask.tx.commit().await?;
            let next = if typed.then == "review" {
                paths::signature(note)
            } else {
                paths::edit(note)
            };
            return Ok(see_other(&next));
        }
        Err(NoteError::Stale { current }) => {
            let ask = ask.again().await?;
            let stored = ops::open(&ask.tx, &ask.actor, note).await?;
            let html = stale_page(&ask, &stored, &typed.soap(), current);
            ask.tx.commit().await?;
            return Ok((StatusCode::PRECONDITION_FAILED, Html(html)).into_response());
        }
        Err(NoteError::Invalid(problems)) => problems,
        Err(error) => return Err(error.into()),
    };
    let ask = ask.again().await?;
    let stored = ops::open(&ask.tx, &ask.actor, note).await?;
    let html = editor(&ask, &stored, &typed.soap(), typed.revision(), &problems, &[]);
    ask.tx.commit().await?;
    Ok(unprocessable(html))
}

/// `GET /notes/{id}/signature`: the whole text once more, what is missing, and the words to sign under.
pub async fn review(ask: Ask, Path(note): Path<String>) -> Result<Response, Failure> {
    let note = ops::open(&ask.tx, &ask.actor, id(&note)?).await?;
    if note.is_signed() {
        ask.tx.commit().await?;
        return Ok(see_other(&paths::note(note.row.id)));
    }
    let html = review_page(&ask, &note, &Problems::default());
    ask.tx.commit().await?;
    Ok(Html(html).into_response())
}

/// What the signature's form posts.
#[derive(Debug, Default, Deserialize)]
pub struct Signing {
    #[serde(default)]
    revision: String,
    #[serde(default)]
    password: String,
}

/// `POST /notes/{id}/signature`: signs.
pub async fn sign(ask: Ask, Path(note): Path<String>, Posted(form): Posted<Signing>) -> Result<Response, Failure> {
    let note = id(&note)?;
    let problems = match identity::prove_password(&ask.app, &ask.tx, &ask.actor, &form.password).await? {
        Err(sentence) => {
            let mut problems = Problems::default();
            problems.add("password", "wrong", sentence);
            problems
        }
        Ok(proof) => match ops::sign(&ask.tx, &ask.actor, note, form.revision.parse().unwrap_or(-1), &proof).await {
            Ok(()) | Err(NoteError::Signed) => {
                ask.tx.commit().await?;
                return Ok(see_other(&paths::note(note)));
            }
            Err(NoteError::Incomplete(problems)) => problems,
            Err(NoteError::Stale { .. }) => {
                let mut problems = Problems::default();
                problems.add("revision", "stale_version", "The note changed after you opened this review. This is the text stored now; read it and sign again.");
                problems
            }
            Err(error) => return Err(error.into()),
        },
    };
    let ask = ask.again().await?;
    let stored = ops::open(&ask.tx, &ask.actor, note).await?;
    let html = review_page(&ask, &stored, &problems);
    ask.tx.commit().await?;
    Ok(unprocessable(html))
}

/// `GET /notes/{id}/pdf`: the note on paper; a draft is marked as one.
pub async fn pdf(State(app): State<App>, ask: Ask, Path(note): Path<String>) -> Result<Response, Failure> {
    let note = ops::open(&ask.tx, &ask.actor, id(&note)?).await?;
    let entry = identity::audit::Entry::new(identity::audit::Action::Print, "clinical_note")
        .id(note.row.id.uuid())
        .client(note.row.client_id);
    identity::audit::record(&ask.tx, &ask.actor, entry).await?;
    let document = paper::document(&note, &ask.actor, ask.tx.now());
    // Laying out takes processor time: not on the threads that answer everybody, nor while a connection is held.
    ask.tx.commit().await?;
    let printed = tokio::task::spawn_blocking(move || app.printer.pdf(&document)).await;
    let bytes = printed
        .map_err(|error| Failure::fault(&error))?
        .map_err(|error| Failure::fault(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"note.pdf\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

fn editor(ask: &Ask, note: &Note, typed: &Soap, revision: i64, problems: &Problems, earlier: &[NoteLine]) -> Markup {
    let actor = &ask.actor;
    let fields = html! {
        (summary(problems))
        (ui::form::hidden("revision", &revision.to_string()))
        @for (key, heading, help) in SECTIONS {
            (ui::form::textarea(&Field {
                name: key, label: heading, value: typed.section(key), help: Some(help), error: problems.of(key),
                required: true, rows: Some(6), autocomplete: Some("off"), ..Field::default()
            }))
        }
        (ui::form::actions(html! {
            (ui::submit_button("Review and sign", ui::Kind::Primary, "then", "review"))
            (ui::button("Save draft", ui::Kind::Secondary))
        }))
    };
    let form = ui::form::autosaved_form(
        &paths::note(note.row.id),
        &format!("/notes/{}/draft", note.row.id),
        &actor.csrf,
        html! {
            (ui::spread(html! {
                h2 { "Progress note" " " (ui::badge(Tone::Attention, "Draft")) }
                (ui::save_state(&format!("Saved {}", when::clock(note.row.updated_at, &actor.zone))))
            }))
            (fields)
        },
    );
    let context = html! {
        (ui::card("This session", facts(note, actor)))
        @if !earlier.is_empty() {
            (ui::card("Earlier notes", html! {
                ul.plain-list { @for line in earlier.iter().filter(|line| line.id != note.row.id) {
                    li { a href=(paths::note(line.id)) target="_blank" { (when::day(when::date_in(line.service_start, &actor.zone))) } " · " (line.status.label()) }
                } }
            }))
        }
    };
    clients::chart_page(actor, &note.chart, "notes", ask.tx.now(), ui::split(form, context))
}

fn review_page(ask: &Ask, note: &Note, problems: &Problems) -> Markup {
    let missing = Problems(note.content.missing());
    let body = html! {
        (summary(problems))
        @if !missing.is_empty() && problems.is_empty() {
            (ui::banner(&ui::Banner { tone: Tone::Attention, text: "Some sections are still empty. They are listed below; the note can be signed once they are written.".to_owned(), ..Default::default() }))
            ul { @for problem in &missing.0 { li { a href=(format!("{}#field-{}", paths::edit(note.row.id), problem.field)) { (problem.message) } } } }
        }
        (ui::card("Progress note", html! { (facts(note, &ask.actor)) (text(&note.content)) }))
        (ui::card("Sign", ui::form::form(&paths::signature(note.row.id), &ask.actor.csrf, html! {
            (ui::form::hidden("revision", &note.row.revision.to_string()))
            p.attestation { (ATTESTATION) }
            p { "Signed as " strong { (ops::credential_line(&ask.actor.name, ask.actor.credentials.as_deref())) } ". A signed note can't be changed any more." }
            (ui::form::password(&Field { error: problems.of("password"), autocomplete: Some("current-password"), width: ui::form::Width::Medium, ..Field::new("password", "Your password", "") }))
            (ui::form::submit_row("Sign note", Some(&paths::edit(note.row.id))))
        })))
    };
    clients::chart_page(&ask.actor, &note.chart, "notes", ask.tx.now(), body)
}

/// Both texts side by side, section by section, and a way to keep one's own.
fn conflict(stored: &Note, typed: &Soap, current: i64) -> Markup {
    html! {
        section.conflict role="alert" {
            h2 { "This note was changed in another place" }
            p { "Nothing was overwritten. Compare the texts; then keep yours, or reload to go on with the stored one. The other text stays in the note's history." }
            @for (key, heading, _) in SECTIONS {
                @if stored.content.section(key) != typed.section(key) {
                    h3 { (heading) }
                    (ui::diff("Stored now", stored.content.section(key), "Yours", typed.section(key)))
                }
            }
            (ui::form::actions(html! {
                (ui::submit_button("Keep mine", ui::Kind::Primary, "revision", &current.to_string()))
                (ui::link_button(&paths::edit(stored.row.id), "Go on with the stored text", ui::Kind::Secondary))
            }))
        }
    }
}

fn stale_page(ask: &Ask, stored: &Note, typed: &Soap, current: i64) -> Markup {
    let body = ui::form::form(
        &paths::note(stored.row.id),
        &ask.actor.csrf,
        html! {
            @for (key, _, _) in SECTIONS { (ui::form::hidden(key, typed.section(key))) }
            (conflict(stored, typed, current))
        },
    );
    clients::chart_page(&ask.actor, &stored.chart, "notes", ask.tx.now(), body)
}

fn summary(problems: &Problems) -> Markup {
    let items: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    html! { @if !items.is_empty() { (ui::form::error_summary(&items)) } }
}

fn facts(note: &Note, actor: &Actor) -> Markup {
    let (from, until) = (note.row.service_start, note.row.service_end);
    ui::description_list(&[
        (
            "Date of service",
            html! { (when::day(when::date_in(from, &actor.zone))) },
        ),
        (
            "Time",
            html! { (when::clock(from, &actor.zone)) "–" (when::clock(until, &actor.zone)) " (" (until.duration_since(from).as_mins()) " min)" },
        ),
        ("Setting", html! { (modality_label(&note.row.modality)) }),
        (
            "Clinician",
            html! { (ops::credential_line(&note.row.author_name, note.row.author_credentials.as_deref())) },
        ),
    ])
}

fn text(content: &Soap) -> Markup {
    html! {
        div.prose {
            @for (key, heading, _) in SECTIONS {
                h3 { (heading) }
                @for paragraph in content.section(key).split('\n').filter(|line| !line.trim().is_empty()) { p { (paragraph) } }
            }
        }
    }
}

fn signature_block(signature: &store::SignatureRow, actor: &Actor) -> Markup {
    let at = signature.signed_at.to_zoned(actor.zone.clone());
    html! {
        div.signature-block {
            p.attestation { (signature.attestation) }
            p { strong { (signature.credential_line) } " · " (when::day(at.date())) " " (at.strftime("%H:%M %Z")) " · " (signature.method) }
            p.quiet { "Version 1, SHA-256 " code { (paper::hex(&signature.hash)) } }
        }
    }
}

fn table(
    lines: &[NoteLine],
    actor: &Actor,
    now: jiff::Timestamp,
    with_client: bool,
    caption: &str,
    empty: &str,
) -> Markup {
    use ui::table::{Column, Row, Table};
    let mut columns = vec![Column::new("Service")];
    if with_client {
        columns.push(Column::new("Client"));
    }
    columns.extend([Column::new("Author"), Column::new("State")]);
    let rows = lines.iter().map(|line| {
        let mut cells = vec![html! { (when::near(line.service_start, now, &actor.zone)) }];
        if with_client {
            cells.push(html! { (line.client_name) });
        }
        cells.extend([html! { (line.author_name) }, state(line, now)]);
        Row {
            href: Some(paths::note(line.id)),
            cells,
            ..Row::default()
        }
    });
    ui::table::table(&Table {
        caption,
        columns,
        rows: rows.collect(),
        empty: ui::empty_state("file-text", "No notes yet", empty, html! {}),
        ..Table::default()
    })
}

fn state(line: &NoteLine, now: jiff::Timestamp) -> Markup {
    match line.status {
        NoteStatus::Signed => html! { "Signed" },
        NoteStatus::Draft if line.due_at < now => ui::badge(Tone::Danger, "Overdue"),
        NoteStatus::Draft => ui::badge(Tone::Attention, "Draft"),
    }
}

/// Sessions that lack a signed note, one press from writing (DOC-67).
fn due_table(due: &[DueLine], ask: &Ask) -> Markup {
    due_list(due, &ask.actor, ask.tx.now())
}

/// As a list, for the notes page and the dashboard.
#[must_use]
pub fn due_list(due: &[DueLine], actor: &Actor, now: jiff::Timestamp) -> Markup {
    html! {
        ul.plain-list.due-list { @for line in due {
            li { (ui::spread(html! {
                span { strong { (line.client_name) } " · " (when::near(line.service_start, now, &actor.zone)) }
                (ui::cluster(html! {
                    @if line.due_at < now { (ui::badge(Tone::Danger, "Overdue")) } @else { span.quiet { "due " (when::near(line.due_at, now, &actor.zone)) } }
                    @match line.note_id {
                        Some(note) => (ui::link_button(&paths::edit(note), "Go on writing", ui::Kind::Secondary)),
                        None => (ui::post_button(&paths::begin(line.appointment_id), &actor.csrf, "Write note", ui::Kind::Secondary)),
                    }
                }))
            })) }
        } }
    }
}
