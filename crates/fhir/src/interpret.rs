//! What each entry of a bundle becomes: a native draft, a kept resource, or a refusal with its reason.
//!
//! Knows what a resource means to a mental-health chart; doesn't know what is already stored.
//! Invariants: one outcome per entry, in the order of the bundle; a refused patient takes every entry of theirs along, so no chart
//! is ever half there; anything that is not refused is native or kept.

mod allergy;
mod condition;
mod coverage;
mod dose;
mod encounter;
mod kept;
mod observation;
mod patient;
mod people;
mod provider;
mod reader;

use std::collections::HashSet;

use crate::bundle::{Bundle, Entry, Problem};
use crate::draft::{Draft, Kept};
use crate::reference::{Index, Reference};
use reader::Reader;

pub use reader::{Code, Refusal, Warning};

/// An entry and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpreted {
    /// The entry's place in the bundle.
    pub index: usize,
    /// `resourceType`; empty where there is none.
    pub kind: String,
    /// The sender's id.
    pub source_id: Option<String>,
    /// The entry's address.
    pub full_url: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Whose chart it belongs to; `None` for a patient, and for what belongs to nobody or to several.
    pub patient: Option<Reference>,
    /// What a person should know about it.
    pub warnings: Vec<Warning>,
    /// Elements that the draft leaves out; empty for what is kept, since that leaves out nothing.
    pub unmapped: Vec<String>,
}

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A record of ours.
    Native(Draft),
    /// The untouched resource, shown in the chart.
    Kept(Kept),
    /// Neither.
    Refused(Refusal),
}

/// How many entries became what; the three sum to the bundle's entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Records of ours.
    pub native: usize,
    /// Untouched resources.
    pub kept: usize,
    /// Refusals.
    pub refused: usize,
}

/// Counts outcomes.
#[must_use]
pub fn count(interpreted: &[Interpreted]) -> Count {
    let mut count = Count::default();
    for entry in interpreted {
        match entry.outcome {
            Outcome::Native(_) => count.native += 1,
            Outcome::Kept(_) => count.kept += 1,
            Outcome::Refused(_) => count.refused += 1,
        }
    }
    count
}

/// Gives each entry its outcome.
///
/// `known` is asked about patients that are not in the bundle: where it answers `true`, their entries become native drafts whose
/// [`Interpreted::patient`] has no target and is for the caller to look up. Where it answers `false` they are kept with a warning.
#[must_use]
pub fn interpret(bundle: &Bundle, known: &dyn Fn(&Reference) -> bool) -> Vec<Interpreted> {
    let index = Index::new(bundle);
    let mut refused = HashSet::new();
    // Patients first: what becomes of the rest depends on them.
    let mut patients: Vec<Option<Interpreted>> = bundle
        .entries
        .iter()
        .map(|entry| (entry.kind == "Patient").then(|| one_patient(bundle, &index, entry)))
        .inspect(|patient| {
            if let Some(Interpreted {
                index,
                outcome: Outcome::Refused(_),
                ..
            }) = patient
            {
                refused.insert(*index);
            }
        })
        .collect();
    let patient = |at: usize, patients: &mut Vec<Option<Interpreted>>| patients.get_mut(at).and_then(Option::take);
    bundle
        .entries
        .iter()
        .map(|entry| patient(entry.index, &mut patients).unwrap_or_else(|| one(&index, entry, &refused, known)))
        .collect()
}

fn one_patient(bundle: &Bundle, index: &Index<'_>, entry: &Entry) -> Interpreted {
    let mut reader = Reader::new(index, entry);
    warn_of_unresolved(&mut reader, &index.all(entry));
    let outcome = match patient::read(&mut reader, bundle.today) {
        Ok(draft) => Outcome::Native(Draft::Client(Box::new(draft))),
        Err(refusal) => Outcome::Refused(refusal),
    };
    let unmapped = if matches!(outcome, Outcome::Native(_)) {
        patient::unmapped(&reader)
    } else {
        Vec::new()
    };
    finish(reader, outcome, None, unmapped)
}

fn one(index: &Index<'_>, entry: &Entry, refused: &HashSet<usize>, known: &dyn Fn(&Reference) -> bool) -> Interpreted {
    let mut reader = Reader::new(index, entry);
    if let Some(problem) = entry.problem {
        let refusal = unusable(&reader, problem);
        return finish(reader, Outcome::Refused(refusal), None, Vec::new());
    }
    let references = index.all(entry);
    let belonging = belonging(&reader, &references);
    if belonging.all_refused(refused) {
        let refusal = reader.refusal(
            Code::PatientRefused,
            "",
            "The patient it belongs to was refused, so it has no chart to go to.",
        );
        return finish(reader, Outcome::Refused(refusal), belonging.patient, Vec::new());
    }
    warn_of_unresolved(&mut reader, &references);
    if belonging.mentioned.iter().any(|mentioned| refused.contains(mentioned)) {
        reader.warn(
            Code::RefusedPatientMentioned,
            "",
            "It also names a patient who was refused.",
        );
    }
    let patient = belonging.patient;
    let draft = if entry.kind == "Practitioner" {
        provider::read(&mut reader)
    } else if !has_native_home(&entry.kind) {
        None
    } else if patient
        .as_ref()
        .is_some_and(|patient| patient.entry().is_some() || known(patient))
    {
        of_patient(&mut reader)
    } else {
        reader.warn(
            Code::PatientMissing,
            "",
            "It names no patient of this file, so it is kept without becoming part of a chart.",
        );
        None
    };
    match draft {
        Some((draft, mapped)) => {
            let unmapped = reader.unmapped(mapped);
            finish(reader, Outcome::Native(draft), patient, unmapped)
        }
        None => {
            let kept = kept::summary(&mut reader);
            finish(reader, Outcome::Kept(kept), patient, Vec::new())
        }
    }
}

fn has_native_home(kind: &str) -> bool {
    matches!(
        kind,
        "Condition" | "Encounter" | "Observation" | "AllergyIntolerance" | "Coverage"
    )
}

/// A draft and the elements it carries; `None` where the resource lacks what a native record cannot do without.
type Read = Option<(Draft, &'static [&'static str])>;

fn of_patient(reader: &mut Reader<'_>) -> Read {
    // What its author withdrew stays findable, but never becomes a problem, a visit or a finding of the chart.
    if reader.is_entered_in_error() {
        reader.warn(
            Code::EnteredInError,
            "status",
            "Its author marked it as entered in error, so it is only kept.",
        );
        return None;
    }
    match reader.entry.kind.as_str() {
        "Condition" => condition::read(reader),
        "Encounter" => encounter::read(reader),
        "Observation" => observation::read(reader),
        "AllergyIntolerance" => allergy::read(reader),
        "Coverage" => coverage::read(reader),
        _ => None,
    }
}

fn finish(reader: Reader<'_>, outcome: Outcome, patient: Option<Reference>, unmapped: Vec<String>) -> Interpreted {
    let entry = reader.entry;
    Interpreted {
        index: entry.index,
        kind: entry.kind.clone(),
        source_id: entry.source_id.clone(),
        full_url: entry.full_url.clone(),
        outcome,
        patient,
        warnings: reader.warnings,
        unmapped,
    }
}

fn unusable(reader: &Reader<'_>, problem: Problem) -> Refusal {
    let entry = format!("entry[{}]", reader.entry.index);
    let (code, path, message) = match problem {
        Problem::NotAnObject => (Code::EntryNotAnObject, entry, "The entry is no JSON object."),
        Problem::ResourceMissing => (
            Code::ResourceMissing,
            format!("{entry}.resource"),
            "The entry holds no resource.",
        ),
        Problem::KindMissing => (
            Code::ResourceTypeMissing,
            format!("{entry}.resource.resourceType"),
            "The resource doesn't say what type it is.",
        ),
        Problem::KindInvalid => (
            Code::ResourceTypeInvalid,
            format!("{entry}.resource.resourceType"),
            "The resource's type is no FHIR resource type.",
        ),
    };
    Refusal {
        code,
        path,
        message: message.to_owned(),
    }
}

fn warn_of_unresolved(reader: &mut Reader<'_>, references: &[(String, Reference)]) {
    for (path, reference) in references.iter().filter(|(_, reference)| reference.is_unresolved()) {
        let literal = reference.literal.as_deref().unwrap_or_default();
        let message = format!(
            "It points to {}, which is not in this file.",
            crate::json::shorten(literal, 120)
        );
        reader.warnings.push(Warning {
            code: Code::ReferenceUnresolved,
            path: path.clone(),
            message,
        });
    }
}

/// To which patients of the bundle an entry belongs.
struct Belonging {
    patient: Option<Reference>,
    mentioned: HashSet<usize>,
}

impl Belonging {
    /// An entry goes with its own patient; one that merely mentions patients goes when all of them do.
    fn all_refused(&self, refused: &HashSet<usize>) -> bool {
        match self.patient.as_ref().and_then(Reference::entry) {
            Some(own) => refused.contains(&own),
            None => !self.mentioned.is_empty() && self.mentioned.is_subset(refused),
        }
    }
}

fn belonging(reader: &Reader<'_>, references: &[(String, Reference)]) -> Belonging {
    let patients: Vec<&Reference> = references
        .iter()
        .map(|(_, reference)| reference)
        .filter(|reference| reference.kind.as_deref() == Some("Patient") && reference.entry().is_some())
        .collect();
    let mentioned: HashSet<usize> = patients.iter().filter_map(|reference| reference.entry()).collect();
    let only = || match mentioned.len() {
        1 => patients.first().map(|reference| (*reference).clone()),
        _ => None,
    };
    Belonging {
        patient: reader.own_patient().or_else(only),
        mentioned,
    }
}
