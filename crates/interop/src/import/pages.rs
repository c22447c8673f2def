//! `/practice/import`: upload bundles, try them or bring them in; `/practice/import/{id}`: what became of each file.

use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use identity::Actor;
use identity::audit::{self, Action, Entry};
use identity::web::{Access, Ask, Failure, Html, Routes, see_other, staff_page, unprocessable};
use kernel::{ImportId, Permission, Refusal, when};
use maud::{Markup, html};
use platform::{App, Tx};
use subtle::ConstantTimeEq;
use ui::form::Field;
use ui::table::{Column, Row, Table, table};

use super::report::{FileReport, Report};
use super::store::{self, JobLine};

/// Bytes of one upload (INT, sizes); more is for the command line.
const UPLOAD_BYTES_MAX: usize = 25 * 1024 * 1024;
const PATH: &str = "/practice/import";
/// Refusals shown on the page; the rest are counted there and whole in the report as JSON.
const REFUSALS_SHOWN: usize = 500;

pub(crate) fn routes() -> Routes {
    let may = Access::Need(Permission::ImportRun);
    Routes::new()
        .page(
            PATH,
            may,
            get(form).post(upload).layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)),
        )
        .page("/practice/import/{id}", may, get(show))
        .page("/practice/import/{id}/report.json", may, get(download))
}

async fn form(ask: Ask) -> Result<Html, Failure> {
    let page = form_page(&ask.tx, &ask.actor, None, false).await?;
    ask.tx.commit().await?;
    Ok(Html(page))
}

async fn form_page(tx: &Tx, actor: &Actor, problem: Option<&str>, dry_run: bool) -> Result<Markup, Failure> {
    let jobs = store::newest_jobs(tx, tx.practice()).await?;
    let errors: Vec<(&str, String)> = problem
        .map(|problem| ("files", problem.to_owned()))
        .into_iter()
        .collect();
    let files = Field::new("files", "FHIR R4 bundles", "").error(problem);
    let trial = Field::new("dry_run", "Only try it", "")
        .optional()
        .help("Nothing is written; you see what would become of each file.");
    let body = html! {
        (ui::form::error_summary(&errors))
        (ui::card("Bring in records", html! {
            (ui::form::upload_form(PATH, &actor.csrf, html! {
                (ui::file_drop(&files, ".json,application/json,application/fhir+json", "JSON files, together at most 25 MB", true))
                (ui::form::checkbox(&trial, dry_run))
                (ui::form::submit_row("Import", Some("/practice")))
            }))
            p.quiet {
                "Patients become clients; problems, visits, findings, allergies and insurance go into their charts; everything else is kept as it came and shown under Outside records. "
                "Importing a file again adds nothing. For larger amounts use " code { "mentalspace import fhir" } "."
            }
        }))
        (ui::panel("Earlier imports", html! {}, table(&jobs_table(actor, &jobs))))
    };
    Ok(staff_page(
        actor,
        "/practice",
        ui::Page {
            has_errors: problem.is_some(),
            ..ui::Page::new("Import", ui::stack(body))
        },
    ))
}

fn jobs_table<'a>(actor: &Actor, jobs: &[JobLine]) -> Table<'a> {
    let row = |job: &JobLine| {
        let refused = if job.refused > 0 {
            ui::badge(ui::Tone::Attention, &format!("{} refused", job.refused))
        } else {
            ui::badge(ui::Tone::Success, "All taken in")
        };
        Row::link(
            format!("{PATH}/{}", job.id),
            vec![
                html! { (when::day(when::date_in(job.started_at, &actor.zone))) ", " (when::clock(job.started_at, &actor.zone)) },
                html! { (job.starter) },
                html! { (job.files) },
                html! { (job.entries) },
                html! { (job.clients_created) },
                html! { @if job.dry_run { (ui::badge(ui::Tone::Neutral, "Tried only")) " " } (refused) },
            ],
        )
    };
    Table {
        caption: "Earlier imports",
        columns: vec![
            Column::fitting("Started"),
            Column::new("By"),
            Column::numeric("Files"),
            Column::numeric("Entries"),
            Column::numeric("New clients"),
            Column::new("Outcome"),
        ],
        rows: jobs.iter().map(row).collect(),
        empty: ui::empty_state(
            "inbox",
            "No imports yet",
            "Choose bundles above. Try them first: a dry run writes nothing.",
            html! {},
        ),
        ..Table::default()
    }
}

/// What was sent.
#[derive(Default)]
struct Upload {
    token: String,
    dry_run: bool,
    files: Vec<(String, Vec<u8>)>,
}

async fn upload(ask: Ask, multipart: Result<Multipart, MultipartRejection>) -> Result<Response, Failure> {
    // The transaction ends here, so that a slow upload holds no connection.
    let (app, actor, tx) = ask.into_parts();
    tx.commit().await?;
    let Ok(multipart) = multipart else {
        return Err(unreadable());
    };
    let upload = match read(multipart).await {
        Ok(upload) => upload,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refused(&app, &actor, "The files are larger than 25 MB together. Nothing was imported; send fewer at a time, or use the command line.", false).await;
        }
        Err(_) => return Err(unreadable()),
    };
    if actor.csrf.is_empty() || !bool::from(upload.token.as_bytes().ct_eq(actor.csrf.as_bytes())) {
        let words = "This form was opened before you last signed in. Nothing was imported; open it again and choose the files once more.";
        return Err(Failure(Refusal::Forbidden(words.to_owned())));
    }
    if upload.files.is_empty() {
        return refused(&app, &actor, "Choose at least one file.", upload.dry_run).await;
    }
    let (id, _) = super::import_uploads(&app, actor.practice, &actor, upload.files, upload.dry_run).await;
    Ok(see_other(&format!("{PATH}/{id}")))
}

async fn refused(app: &App, actor: &Actor, problem: &str, dry_run: bool) -> Result<Response, Failure> {
    let tx = app.db.begin(actor.practice).await?;
    let page = form_page(&tx, actor, Some(problem), dry_run).await?;
    tx.commit().await?;
    Ok(unprocessable(page))
}

fn unreadable() -> Failure {
    Failure(Refusal::Malformed(
        "The upload broke off or could not be read. Nothing was imported. Send it again.".to_owned(),
    ))
}

async fn read(mut multipart: Multipart) -> Result<Upload, MultipartError> {
    let mut upload = Upload::default();
    while let Some(field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            ui::form::TOKEN_FIELD => upload.token = field.text().await?,
            "dry_run" => upload.dry_run = field.text().await? == "on",
            "files" => {
                let name: String = field
                    .file_name()
                    .unwrap_or_default()
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200)
                    .collect();
                let bytes = field.bytes().await?;
                // A browser sends one nameless, empty part where nothing was chosen.
                if !name.is_empty() || !bytes.is_empty() {
                    upload.files.push((name, bytes.to_vec()));
                }
            }
            _ => {}
        }
    }
    Ok(upload)
}

async fn find(ask: &Ask, id: &str) -> Result<(ImportId, Report), Failure> {
    let id: ImportId = id.parse().map_err(|_| Refusal::NotFound)?;
    let entry = Entry::new(Action::Read, "import_job").id(id.uuid());
    let (found, ()) = futures_util::try_join!(
        store::find_report(&ask.tx, ask.tx.practice(), id),
        audit::record(&ask.tx, &ask.actor, entry)
    )?;
    let (report,) = found.ok_or(Refusal::NotFound)?;
    Ok((
        id,
        serde_json::from_value(report).map_err(|error| Failure::fault(&error))?,
    ))
}

async fn download(ask: Ask, Path(id): Path<String>) -> Result<identity::web::Json<Report>, Failure> {
    let (_, report) = find(&ask, &id).await?;
    ask.tx.commit().await?;
    Ok(identity::web::Json(report))
}

async fn show(ask: Ask, Path(id): Path<String>) -> Result<Html, Failure> {
    let (id, report) = find(&ask, &id).await?;
    ask.tx.commit().await?;
    let title = if report.dry_run {
        "Dry run of an import"
    } else {
        "Import"
    };
    let report_path = format!("{PATH}/{id}/report.json");
    let actions = html! {
        (ui::link_button(&report_path, "Report as JSON", ui::Kind::Secondary))
        (ui::link_button(PATH, if report.dry_run { "Import the files" } else { "Import more" }, ui::Kind::Primary))
    };
    let page = ui::Page {
        actions,
        ..ui::Page::new(title, ui::stack(report_body(&report)))
    };
    Ok(Html(staff_page(&ask.actor, "/practice", page)))
}

fn report_body(report: &Report) -> Markup {
    let number = |count: usize| count.to_string();
    let (clients, native, kept, refused) = (
        number(report.clients_created),
        number(report.native),
        number(report.kept),
        number(report.refused),
    );
    let (native_new, kept_new) = (
        format!("{} new", report.native_created),
        format!("{} new", report.kept_created),
    );
    let failed = report.files.iter().filter(|file| file.failed).count();
    let tone = if report.is_whole() {
        ui::Tone::Success
    } else {
        ui::Tone::Attention
    };
    let summary = match (report.dry_run, failed) {
        (true, _) => "Nothing was written. This is what an import of these files would do.".to_owned(),
        (false, 0) if report.is_whole() => "Everything was taken in.".to_owned(),
        (false, 0) => "Some entries were refused; everything else was taken in.".to_owned(),
        (false, 1) => "One file could not be taken in; the others were.".to_owned(),
        (false, failed) => format!("{failed} files could not be taken in; the others were."),
    };
    html! {
        (ui::banner(&ui::Banner { tone, text: summary, ..ui::Banner::default() }))
        (ui::stats(&[
            ui::Stat { label: if report.dry_run { "Clients to be registered" } else { "Clients registered" }, value: &clients, ..ui::Stat::default() },
            ui::Stat { label: "Entries in charts", value: &native, note: &native_new, ..ui::Stat::default() },
            ui::Stat { label: "Entries kept as they came", value: &kept, note: &kept_new, ..ui::Stat::default() },
            ui::Stat { label: "Entries refused", value: &refused, ..ui::Stat::default() },
        ]))
        (ui::panel("Files", html! {}, table(&files_table(&report.files))))
        @if !report.refusals.is_empty() { (ui::panel("Refused", html! {}, table(&refusals_table(report)))) }
    }
}

fn files_table(files: &[FileReport]) -> Table<'static> {
    let row = |file: &FileReport| {
        let warnings: usize = file.warning_counts.values().sum();
        let counts = [
            file.entries,
            file.clients_created,
            file.native,
            file.kept,
            file.refused,
            warnings,
        ];
        let mut cells =
            vec![html! { (file.file) @if file.failed { " " (ui::badge(ui::Tone::Danger, "Not taken in")) } }];
        cells.extend(counts.map(|count| html! { (count) }));
        Row::plain(cells)
    };
    let numbers = ["Entries", "New clients", "In charts", "Kept", "Refused", "Warnings"];
    Table {
        caption: "What became of each file",
        columns: std::iter::once(Column::new("File"))
            .chain(numbers.map(Column::numeric))
            .collect(),
        rows: files.iter().map(row).collect(),
        empty: ui::empty_state("inbox", "No files", "This import held no files.", html! {}),
        ..Table::default()
    }
}

fn refusals_table(report: &Report) -> Table<'static> {
    let row = |refusal: &super::Refusal| {
        let place = refusal
            .entry
            .map_or_else(|| "Whole file".to_owned(), |entry| format!("Entry {entry}"));
        Row::plain(vec![
            html! { (refusal.file) },
            html! { (place) },
            html! { (refusal.message) },
            html! { code { (refusal.reason) } },
        ])
    };
    let summary = if report.refusals.len() > REFUSALS_SHOWN {
        "The first 500; all of them are in the report as JSON."
    } else {
        ""
    };
    Table {
        caption: "What was refused, and why",
        columns: vec![
            Column::new("File"),
            Column::fitting("Where"),
            Column::new("Why"),
            Column::new("Reason code"),
        ],
        rows: report.refusals.iter().take(REFUSALS_SHOWN).map(row).collect(),
        summary,
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_25_the_report_page_escapes_what_files_say() {
        let report = Report::of(
            false,
            vec![FileReport::failed("<b>x</b>.json", 0, "truncated", "<script>")],
        );
        let page = report_body(&report).into_string();
        assert!(
            page.contains("&lt;b&gt;x&lt;/b&gt;.json") && !page.contains("<script>"),
            "{page}"
        );
        assert!(page.contains("One file could not be taken in"));
    }
}
