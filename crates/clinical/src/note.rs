//! The note: its sections, states and the rules of signing. Pure; knows neither SQL nor HTML.
//!
//! Invariants: a signed note never changes (`doc_59_…`); a save never overwrites one that its writer had not
//! seen (`doc_6_…`).

use kernel::{FieldProblem, Problems, text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub mod api;
pub mod ops;
pub mod pages;
pub mod paper;
pub mod store;

/// Characters that one section holds: some forty printed pages.
pub const SECTION_CHARACTERS_MAX: usize = 100_000;
/// Hours after the session in which its note is due (DOC, Deadlines).
pub const DUE_HOURS: i64 = 72;

kernel::words! {
    /// Where a note stands.
    NoteStatus {
        /// Being written.
        Draft = "draft",
        /// Final; nothing of it changes any more.
        Signed = "signed",
    }
}

impl NoteStatus {
    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Signed => "Signed",
        }
    }
}

/// The sections of a SOAP note, in order: key, heading, what belongs there.
pub const SECTIONS: [(&str, &str, &str); 4] = [
    (
        "subjective",
        "Subjective",
        "What the client reports, in their words where it matters.",
    ),
    (
        "objective",
        "Objective",
        "What you observed: presentation, mental status, measures.",
    ),
    ("assessment", "Assessment", "Your clinical reading, progress and risk."),
    (
        "plan",
        "Plan",
        "What comes next: interventions, homework, next session.",
    ),
];

/// The text of a SOAP note (DOC-2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Soap {
    /// What the client reports.
    pub subjective: String,
    /// What the clinician observed.
    pub objective: String,
    /// The clinician's reading.
    pub assessment: String,
    /// What comes next.
    pub plan: String,
}

impl Soap {
    /// The sections in order, with their keys.
    #[must_use]
    pub fn sections(&self) -> [(&'static str, &str); 4] {
        [
            ("subjective", self.subjective.as_str()),
            ("objective", self.objective.as_str()),
            ("assessment", self.assessment.as_str()),
            ("plan", self.plan.as_str()),
        ]
    }

    /// The text of a section by its key; empty for an unknown key.
    #[must_use]
    pub fn section(&self, key: &str) -> &str {
        self.sections()
            .into_iter()
            .find(|(known, _)| *known == key)
            .map_or("", |(_, text)| text)
    }

    /// Normalises what was typed, or says which section can't be stored.
    ///
    /// # Errors
    /// A section that is too long or holds control characters.
    pub fn checked(&self) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut keep = |key, typed: &str| {
            problems
                .keep(key, text::lines(typed, SECTION_CHARACTERS_MAX))
                .unwrap_or_default()
        };
        let checked = Self {
            subjective: keep("subjective", &self.subjective),
            objective: keep("objective", &self.objective),
            assessment: keep("assessment", &self.assessment),
            plan: keep("plan", &self.plan),
        };
        if problems.is_empty() {
            Ok(checked)
        } else {
            Err(problems)
        }
    }

    /// What is missing before the note can be signed (DOC-17).
    #[must_use]
    pub fn missing(&self) -> Vec<FieldProblem> {
        let empty = SECTIONS
            .iter()
            .filter(|(key, _, _)| self.section(key).trim().is_empty());
        empty
            .map(|(key, heading, _)| FieldProblem {
                field: key,
                code: "required",
                message: format!("{heading} is empty. Write what applies, or say that nothing does."),
            })
            .collect()
    }

    /// The sections that differ from another text, as a JSON object.
    #[must_use]
    pub fn changed_from(&self, before: &Self) -> serde_json::Value {
        let pairs = self
            .sections()
            .into_iter()
            .filter(|(key, text)| before.section(key) != *text);
        serde_json::Value::Object(pairs.map(|(key, text)| (key.to_owned(), text.into())).collect())
    }
}

/// What is fixed by a signature; its canonical JSON (RFC 8785) is what the hash is taken of.
#[derive(Debug, Serialize)]
pub struct Snapshot<'a> {
    /// The note.
    pub note: kernel::NoteId,
    /// Whose record it is.
    pub client: kernel::ClientId,
    /// Who wrote it.
    pub author: kernel::UserId,
    /// The session.
    pub appointment: kernel::AppointmentId,
    /// Start of the service, RFC 3339.
    pub service_start: String,
    /// End of the service, RFC 3339.
    pub service_end: String,
    /// In person, video or audio.
    pub modality: &'a str,
    /// Kind of note.
    pub note_type: &'a str,
    /// The text.
    pub content: &'a Soap,
}

/// Canonical JSON and its SHA-256.
///
/// # Errors
/// A value that JSON can't express; none of ours.
pub fn seal(snapshot: &Snapshot<'_>) -> Result<(String, Vec<u8>), serde_json::Error> {
    let text = serde_json_canonicalizer::to_string(snapshot)?;
    let hash = Sha256::digest(text.as_bytes()).to_vec();
    Ok((text, hash))
}

/// The words above a signature (DOC-58).
pub const ATTESTATION: &str =
    "I certify that I provided this service and that this note is a true and complete record of it.";

#[cfg(test)]
mod tests {
    use super::*;

    fn soap(subjective: &str, plan: &str) -> Soap {
        Soap {
            subjective: subjective.to_owned(),
            plan: plan.to_owned(),
            ..Soap::default()
        }
    }

    #[test]
    fn doc_17_what_is_missing_is_named_by_its_field() {
        let missing: Vec<&str> = soap("Slept better.", " \n ")
            .missing()
            .iter()
            .map(|problem| problem.field)
            .collect();
        assert_eq!(missing, ["objective", "assessment", "plan"]);
    }

    #[test]
    fn a_save_keeps_only_what_changed() {
        assert_eq!(
            soap("a", "b").changed_from(&soap("a", "c")),
            serde_json::json!({ "plan": "b" })
        );
        assert_eq!(soap("a", "b").changed_from(&soap("a", "b")), serde_json::json!({}));
    }

    #[test]
    fn sections_keep_hostile_text_and_refuse_what_cannot_be_stored() {
        let hostile = soap("<script>alert(1)</script> #import \"x\"\r\n\u{202e}", "");
        assert_eq!(
            hostile.checked().unwrap().subjective,
            "<script>alert(1)</script> #import \"x\"\n\u{202e}"
        );
        assert!(soap("a\u{0}", "").checked().is_err());
        assert!(soap(&"x".repeat(SECTION_CHARACTERS_MAX + 1), "").checked().is_err());
    }

    #[test]
    fn doc_58_one_letter_changes_the_hash() {
        let id = uuid::Uuid::from_u128(1);
        let of = |content: &Soap| {
            let snapshot = Snapshot {
                note: kernel::NoteId::from_uuid(id),
                client: kernel::ClientId::from_uuid(id),
                author: kernel::UserId::from_uuid(id),
                appointment: kernel::AppointmentId::from_uuid(id),
                service_start: String::new(),
                service_end: String::new(),
                modality: "video",
                note_type: "progress_individual",
                content,
            };
            seal(&snapshot).unwrap().1
        };
        assert_eq!(of(&soap("a", "b")), of(&soap("a", "b")));
        assert_ne!(of(&soap("a", "b")), of(&soap("a", "c")));
    }
}
