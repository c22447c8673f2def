//! What an import did, for people and for scripts. Pure.
//!
//! Invariant: `native + kept + refused` is the number of entries of every bundle that could be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Warnings kept word by word for each file; beyond that they are only counted.
const WARNINGS_MAX: usize = 100;

/// An import of one or more files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Nothing was written; the numbers are what would have been.
    pub dry_run: bool,
    /// Clients registered.
    pub clients_created: usize,
    /// Entries that are records of ours.
    pub native: usize,
    /// Of those, how many were made now and not known before.
    pub native_created: usize,
    /// Entries kept as they came.
    pub kept: usize,
    /// Of those, how many were not known before.
    pub kept_created: usize,
    /// Entries taken in neither way.
    pub refused: usize,
    /// Each refused entry, and each file that could not be read or stored.
    pub refusals: Vec<Refusal>,
    /// File by file.
    pub files: Vec<FileReport>,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name or path, as it was given.
    pub file: String,
    /// Nothing of it was taken in; the refusal without an entry says why.
    pub failed: bool,
    /// Entries of its bundle; 0 where it could not be read.
    pub entries: usize,
    /// Clients registered.
    pub clients_created: usize,
    /// As in [`Report`].
    pub native: usize,
    /// As in [`Report`].
    pub native_created: usize,
    /// As in [`Report`].
    pub kept: usize,
    /// As in [`Report`].
    pub kept_created: usize,
    /// As in [`Report`].
    pub refused: usize,
    /// As in [`Report`], of this file.
    #[serde(skip)]
    pub refusals: Vec<Refusal>,
    /// Entries by resource type.
    pub types: BTreeMap<String, usize>,
    /// How often each kind of warning was given.
    pub warning_counts: BTreeMap<String, usize>,
    /// The first warnings.
    pub warnings: Vec<Warning>,
}

/// Something that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The file.
    pub file: String,
    /// The entry's place in the bundle, from 0; absent where the whole file is meant.
    pub entry: Option<usize>,
    /// Stable code, such as `birth_date_impossible` or `truncated`.
    pub reason: String,
    /// The reason as a sentence.
    pub message: String,
}

/// Something worth knowing about an entry that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The entry's place in the bundle, from 0.
    pub entry: usize,
    /// Where: `entry[3].resource.onsetDateTime`.
    pub path: String,
    /// Stable code.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

impl FileReport {
    /// A file of which nothing was taken in.
    #[must_use]
    pub fn failed(file: &str, entries: usize, reason: &str, message: impl Into<String>) -> Self {
        let refusal = Refusal {
            file: file.to_owned(),
            entry: None,
            reason: reason.to_owned(),
            message: message.into(),
        };
        Self {
            file: file.to_owned(),
            failed: true,
            entries,
            refused: entries,
            refusals: vec![refusal],
            ..Self::default()
        }
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        *self.warning_counts.entry(warning.reason.clone()).or_default() += 1;
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(warning);
        }
    }
}

impl Report {
    /// Adds files up.
    #[must_use]
    pub fn of(dry_run: bool, files: Vec<FileReport>) -> Self {
        let sum = |of: fn(&FileReport) -> usize| files.iter().map(of).sum();
        Self {
            dry_run,
            clients_created: sum(|file| file.clients_created),
            native: sum(|file| file.native),
            native_created: sum(|file| file.native_created),
            kept: sum(|file| file.kept),
            kept_created: sum(|file| file.kept_created),
            refused: sum(|file| file.refused),
            refusals: files.iter().flat_map(|file| file.refusals.iter().cloned()).collect(),
            files,
        }
    }

    /// Whether every file and every entry was taken in.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.refusals.is_empty()
    }

    /// The report in words: a line for each file, a line for each refusal, the sums.
    #[must_use]
    pub fn as_text(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            let state = if file.failed {
                "refused whole".to_owned()
            } else {
                format!(
                    "{} native ({} new), {} kept ({} new), {} refused",
                    file.native, file.native_created, file.kept, file.kept_created, file.refused
                )
            };
            put(
                &mut text,
                format_args!("{}: {} entries, {state}", file.file, file.entries),
            );
            for (reason, count) in &file.warning_counts {
                put(&mut text, format_args!("  {count} × warning {reason}"));
            }
        }
        for refusal in &self.refusals {
            let place = refusal
                .entry
                .map(|entry| format!(", entry {entry}"))
                .unwrap_or_default();
            put(
                &mut text,
                format_args!(
                    "refused: {}{place}: {} ({})",
                    refusal.file, refusal.message, refusal.reason
                ),
            );
        }
        let verb = if self.dry_run {
            "would be registered; dry run, nothing was written"
        } else {
            "registered"
        };
        put(
            &mut text,
            format_args!("{} files, {} clients {verb}", self.files.len(), self.clients_created),
        );
        let entries = self.native + self.kept + self.refused;
        let _infallible = write!(
            text,
            "{entries} entries: {} native ({} new), {} kept ({} new), {} refused",
            self.native, self.native_created, self.kept, self.kept_created, self.refused
        );
        text
    }
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    let _infallible = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_25_a_report_adds_its_files_up_and_names_every_refusal() {
        let good = FileReport {
            file: "a.json".into(),
            entries: 5,
            clients_created: 1,
            native: 3,
            native_created: 3,
            kept: 2,
            kept_created: 2,
            ..FileReport::default()
        };
        let report = Report::of(
            false,
            vec![
                good,
                FileReport::failed("b.json", 0, "truncated", "The file ends too early."),
            ],
        );
        assert_eq!(
            (report.clients_created, report.native, report.kept, report.refused),
            (1, 3, 2, 0)
        );
        assert!(!report.is_whole());
        let text = report.as_text();
        assert!(
            text.contains("refused: b.json: The file ends too early. (truncated)"),
            "{text}"
        );
        assert!(
            text.ends_with("5 entries: 3 native (3 new), 2 kept (2 new), 0 refused"),
            "{text}"
        );
    }

    #[test]
    fn warnings_are_counted_beyond_those_shown() {
        let mut file = FileReport::default();
        for entry in 0..300 {
            file.warn(Warning {
                entry,
                path: String::new(),
                reason: "date_invalid".into(),
                message: String::new(),
            });
        }
        assert_eq!(
            (file.warnings.len(), file.warning_counts["date_invalid"]),
            (WARNINGS_MAX, 300)
        );
    }
}
