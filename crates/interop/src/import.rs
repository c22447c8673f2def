//! Import of FHIR R4 bundles: files in, records and a report out.
//!
//! One transaction for each file, so that a bad file costs nothing but itself. Knows files and turns; what an entry means is
//! `fhir`'s to say, and how a record is written is the business of the room that owns it.
//!
//! Invariants (shown by `int_27_…`, `int_34_…`): every entry of a bundle is native, kept or refused; a second import of the same
//! file adds nothing; a dry run writes nothing.

mod bring;
mod key;
pub mod pages;
mod report;
mod shape;
mod share;
mod store;

use std::path::PathBuf;

use clients::ImportError;
use fhir::BundleError;
use identity::Actor;
use identity::audit::{self, Action, Entry, Purpose};
use jiff::Timestamp;
use kernel::{ImportId, Permission, PracticeId};
use platform::{App, StoreError, Tx};
use serde_json::json;

use bring::{Brought, Parsed};
pub use report::{FileReport, Refusal, Report, Warning};

/// Imports files from disk, one after the other.
pub async fn import_files(app: &App, practice: PracticeId, actor: &Actor, files: &[PathBuf], dry_run: bool) -> Report {
    let mut run = Run::new(app, practice, actor, dry_run);
    let mut reports = Vec::with_capacity(files.len());
    for path in files {
        let name = path.display().to_string();
        reports.push(match tokio::fs::read(path).await {
            Ok(bytes) => run.take(&name, bytes).await,
            Err(error) => FileReport::failed(
                &name,
                0,
                "unreadable_file",
                format!("The file could not be read: {error}."),
            ),
        });
    }
    run.end(reports).await.1
}

/// Imports files that were uploaded; gives the run under which the report is found again.
async fn import_uploads(
    app: &App,
    practice: PracticeId,
    actor: &Actor,
    files: Vec<(String, Vec<u8>)>,
    dry_run: bool,
) -> (ImportId, Report) {
    let mut run = Run::new(app, practice, actor, dry_run);
    let mut reports = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        reports.push(run.take(&name, bytes).await);
    }
    run.end(reports).await
}

/// Imports one bundle.
pub async fn import_bundle(
    app: &App,
    practice: PracticeId,
    actor: &Actor,
    file: &str,
    bytes: Vec<u8>,
    dry_run: bool,
) -> FileReport {
    let mut run = Run::new(app, practice, actor, dry_run);
    let report = run.take(file, bytes).await;
    run.end(vec![report.clone()]).await;
    report
}

/// Why a file was not taken in. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("entries could not be written")]
    Import(#[from] ImportError),
    #[error("the reader stopped")]
    Reader(#[from] tokio::task::JoinError),
}

impl From<StoreError> for FileError {
    fn from(error: StoreError) -> Self {
        Self::Import(ImportError::Store(error))
    }
}

impl FileError {
    /// A stable code, and a sentence for people.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::Bundle(error) => (bundle_code(error), sentence(&error.to_string())),
            Self::Import(ImportError::Access(_)) => (
                "not_allowed",
                "Your role doesn't include importing; an owner or administrator can do it.".to_owned(),
            ),
            Self::Import(ImportError::Store(StoreError::Unavailable(_) | StoreError::Collided(_))) => (
                "database_busy",
                "The database didn't answer in time. Nothing of this file was written; import it again.".to_owned(),
            ),
            Self::Import(ImportError::Store(StoreError::Constraint { name })) => (
                "value_not_allowed",
                format!("A value breaks the rule {name}. Nothing of this file was written."),
            ),
            Self::Import(ImportError::Store(_)) | Self::Reader(_) => (
                "fault",
                "Something went wrong on our side. Nothing of this file was written.".to_owned(),
            ),
        }
    }
}

const fn bundle_code(error: &BundleError) -> &'static str {
    match error {
        BundleError::EmptyFile => "empty_file",
        BundleError::Truncated { .. } => "truncated",
        BundleError::NotJson { .. } => "not_json",
        BundleError::TooDeep { .. } => "too_deep",
        BundleError::NotABundle { .. } => "not_a_bundle",
        BundleError::EntriesNotAList => "entries_not_a_list",
        BundleError::NoEntries => "no_entries",
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), characters.as_str())
    })
}

/// An import under way. A dry run does all its files in one transaction, so that what they share is counted once.
struct Run<'a> {
    app: &'a App,
    practice: PracticeId,
    actor: &'a Actor,
    dry_run: bool,
    id: ImportId,
    began: Timestamp,
    rehearsal: Option<Tx>,
}

impl<'a> Run<'a> {
    fn new(app: &'a App, practice: PracticeId, actor: &'a Actor, dry_run: bool) -> Self {
        Self {
            app,
            practice,
            actor,
            dry_run,
            id: app.clock.id(),
            began: app.clock.now(),
            rehearsal: None,
        }
    }

    async fn take(&mut self, file: &str, bytes: Vec<u8>) -> FileReport {
        if let Err(error) = self.actor.need(Permission::ImportRun) {
            let (code, words) = FileError::Import(error.into()).words();
            return FileReport::failed(file, 0, code, words);
        }
        let today = self.actor.today(self.app.clock.now());
        let parsed = match bring::parse(bytes, today).await {
            Ok(parsed) => parsed,
            Err(error) => return failed(file, 0, &error),
        };
        let entries = parsed.len();
        let outcome = if self.dry_run {
            self.rehearse(parsed).await
        } else {
            self.perform(parsed).await
        };
        match outcome {
            Ok((parsed, brought)) => parsed.report(file, &brought),
            Err(error) => failed(file, entries, &error),
        }
    }

    async fn perform(&self, parsed: Parsed) -> Result<(Parsed, Brought), FileError> {
        let tx = self.app.db.begin(self.practice).await?;
        store::take_turn(&tx, self.practice).await?;
        let (parsed, brought) = bring::bring(&tx, self.actor, self.id, parsed).await?;
        bring::announce(&tx, self.actor, self.id, &parsed, &brought).await?;
        tx.commit().await?;
        Ok((parsed, brought))
    }

    async fn rehearse(&mut self, parsed: Parsed) -> Result<(Parsed, Brought), FileError> {
        let tx = match self.rehearsal.take() {
            Some(tx) => tx,
            None => {
                let tx = self.app.db.begin(self.practice).await?;
                store::take_turn(&tx, self.practice).await?;
                tx
            }
        };
        tx.command("savepoint one_file").await?;
        let outcome = bring::bring(&tx, self.actor, self.id, parsed).await;
        match &outcome {
            Ok(_) => tx.command("release savepoint one_file").await?,
            Err(_) => tx.rollback_to("rollback to savepoint one_file").await?,
        }
        self.rehearsal = Some(tx);
        outcome
    }

    /// Undoes a dry run, and keeps the report. That it can't be kept is no reason to hide it from who asked.
    async fn end(mut self, files: Vec<FileReport>) -> (ImportId, Report) {
        let report = Report::of(self.dry_run, files);
        if self.actor.may(Permission::ImportRun)
            && let Err(error) = self.keep(&report).await
        {
            tracing::error!(
                error = platform::causes(&error),
                "The report of an import could not be kept"
            );
        }
        (self.id, report)
    }

    async fn keep(&mut self, report: &Report) -> Result<(), StoreError> {
        if let Some(tx) = self.rehearsal.take() {
            tx.rollback().await?;
        }
        let tx = self.app.db.begin(self.practice).await?;
        let whole = serde_json::to_value(report).unwrap_or_default();
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let entries = report.files.iter().map(|file| file.entries).sum();
        let detail = json!({ "dry_run": report.dry_run, "files": report.files.len(), "entries": entries });
        let entry = Entry::new(Action::Create, "import_job")
            .id(self.id.uuid())
            .purpose(Purpose::Operations)
            .detail(detail);
        store::insert_job(
            &tx,
            self.practice,
            self.id,
            report.dry_run,
            self.began,
            tx.now(),
            self.actor.user,
            &self.actor.name,
            number(report.files.len()),
            number(entries),
            number(report.clients_created),
            number(report.refusals.len()),
            &whole,
        )
        .await?;
        audit::record(&tx, self.actor, entry).await?;
        tx.commit().await
    }
}

fn failed(file: &str, entries: usize, error: &FileError) -> FileReport {
    let (code, words) = error.words();
    if !matches!(error, FileError::Bundle(_)) {
        tracing::error!(error = platform::causes(error), "A file could not be imported");
    }
    FileReport::failed(file, entries, code, words)
}
