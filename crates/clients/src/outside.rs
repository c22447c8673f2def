//! What came from other systems: foreign numbers, allergies, coverage, outside professionals, and resources kept as they came.
//!
//! Invariant: a foreign number leads to one record of a kind, so bringing the same thing in twice changes nothing.

pub mod import;
pub mod pages;
pub(crate) mod store;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{ClientId, ImportId, Permission};
use platform::{StoreError, Tx};
use uuid::Uuid;

use crate::client::{Demographics, Status};
use crate::contact::NewContact;

/// A number that another system knows a record by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExternalKey {
    /// The numbering system's URI.
    pub system: String,
    /// The number.
    pub value: String,
}

impl ExternalKey {
    /// A number within its system.
    #[must_use]
    pub fn new(system: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            system: system.into(),
            value: value.into(),
        }
    }
}

/// What became of one row of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported<I> {
    /// The record.
    pub id: I,
    /// Whether it was made now; else it was there already and stays as it is.
    pub created: bool,
}

/// A client from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct ImportedClient {
    /// The number by which a second import knows the client again.
    pub source: ExternalKey,
    /// Every other number.
    pub identifiers: Vec<ExternalKey>,
    /// Who it is.
    pub who: Demographics,
    /// How to reach the person.
    pub contacts: Vec<NewContact>,
    /// When the person died.
    pub deceased_at: Option<Timestamp>,
    /// Where the client stands; `None` is intake, or deceased where the person died.
    pub status: Option<Status>,
}

/// An allergy from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct ImportedAllergy {
    /// The number by which a second import knows it again.
    pub source: ExternalKey,
    /// To what.
    pub title: String,
    /// Code system and code.
    pub code: Option<(String, String)>,
    /// `allergy` or `intolerance`.
    pub kind: Option<String>,
    /// `food`, `medication`, `environment`, `biologic`.
    pub categories: Vec<String>,
    /// `low`, `high`, `unable-to-assess`.
    pub criticality: Option<String>,
    /// `active`, `inactive`, `resolved`; anything else counts as active, the careful reading.
    pub clinical_status: Option<String>,
    /// `confirmed` …
    pub verification_status: Option<String>,
    /// How it shows, in words.
    pub reactions: Option<String>,
    /// When it began.
    pub onset_on: Option<Date>,
    /// When it was written down.
    pub recorded_on: Option<Date>,
    /// Remarks.
    pub remarks: Option<String>,
}

/// A coverage from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct ImportedCoverage {
    /// The number by which a second import knows it again.
    pub source: ExternalKey,
    /// Who pays.
    pub payer: String,
    /// The plan's name.
    pub plan_name: Option<String>,
    /// The member's number.
    pub member_id: Option<String>,
    /// The group's number.
    pub group_number: Option<String>,
    /// How the client is related to the subscriber: `self`, `spouse` …
    pub relationship: Option<String>,
    /// `active`, `cancelled`, `draft`, `entered-in-error`; anything else counts as draft.
    pub status: String,
    /// 1 pays first.
    pub place: Option<u32>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// An outside professional from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct ImportedProvider {
    /// The number by which a second import knows the person again.
    pub source: ExternalKey,
    /// Other numbers, the NPI among them; any known one finds the person too.
    pub identifiers: Vec<ExternalKey>,
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: String,
    /// `Dr.` …
    pub prefix: Option<String>,
    /// `MD` …
    pub suffix: Option<String>,
    /// National Provider Identifier, checked.
    pub npi: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address on one line.
    pub address: Option<String>,
    /// Whether the person practises.
    pub active: bool,
}

/// A foreign resource to be kept exactly as it came.
#[derive(Clone, Debug)]
pub struct KeptResource {
    /// Its number at the source; with the type it is known again.
    pub source: ExternalKey,
    /// `MedicationRequest` …
    pub resource_type: String,
    /// Whose chart it belongs to, if anybody's.
    pub client: Option<ClientId>,
    /// Heading in the chart.
    pub category: Category,
    /// What it is about.
    pub title: String,
    /// A line more.
    pub detail: Option<String>,
    /// The sender's status.
    pub status: Option<String>,
    /// When it happened.
    pub happened_at: Option<Timestamp>,
    /// The JSON text, untouched.
    pub content: String,
    /// The run that brought it.
    pub import: Option<ImportId>,
}

kernel::words! {
    /// Headings of the chart for kept resources.
    Category {
        /// Problems and visits that could not become native.
        History = "history",
        /// Prescriptions, dispensed and administered drugs.
        Medication = "medication",
        /// Laboratory and other findings.
        Result = "result",
        /// Reports.
        Report = "report",
        /// Images.
        Imaging = "imaging",
        /// Vaccinations.
        Immunization = "immunization",
        /// Procedures and orders.
        Procedure = "procedure",
        /// Plans and goals of care.
        Plan = "plan",
        /// Who cares for the person.
        CareTeam = "care_team",
        /// Documents.
        Document = "document",
        /// Claims, explanations of benefit, insurance.
        Billing = "billing",
        /// Organizations, places and people outside.
        Directory = "directory",
        /// Implants, aids.
        Device = "device",
        /// Anything else.
        Other = "other",
        /// The original of a record that became native; not listed.
        Source = "source",
    }
}

impl Category {
    /// The heading.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::History => "History",
            Self::Medication => "Medications",
            Self::Result => "Results",
            Self::Report => "Reports",
            Self::Imaging => "Imaging",
            Self::Immunization => "Immunizations",
            Self::Procedure => "Procedures and orders",
            Self::Plan => "Plans and goals",
            Self::CareTeam => "Care team",
            Self::Document => "Documents",
            Self::Billing => "Billing",
            Self::Directory => "Directory",
            Self::Device => "Devices",
            Self::Other => "Other",
            Self::Source => "Originals",
        }
    }

    /// The right that seeing such a resource needs.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Billing => Permission::CoverageRead,
            _ => Permission::ClinicalRead,
        }
    }
}

/// The record that a foreign number leads to. `kind` is the table's name.
///
/// # Errors
/// The database.
pub async fn identify(tx: &Tx, kind: &str, system: &str, value: &str) -> Result<Option<Uuid>, StoreError> {
    Ok(identify_many(tx, kind, &[ExternalKey::new(system, value)])
        .await?
        .pop()
        .flatten())
}

/// The records that foreign numbers lead to, in the order asked.
///
/// # Errors
/// The database.
pub async fn identify_many(tx: &Tx, kind: &str, keys: &[ExternalKey]) -> Result<Vec<Option<Uuid>>, StoreError> {
    let mut found = vec![None; keys.len()];
    if keys.is_empty() {
        return Ok(found);
    }
    let (systems, values): (Vec<&str>, Vec<&str>) =
        keys.iter().map(|key| (key.system.as_str(), key.value.as_str())).unzip();
    for (place, record) in store::identify(tx, tx.practice(), kind, &systems, &values).await? {
        if let Some(slot) = usize::try_from(place)
            .ok()
            .and_then(|place| place.checked_sub(1))
            .and_then(|index| found.get_mut(index))
        {
            *slot = Some(record);
        }
    }
    Ok(found)
}

/// Notes foreign numbers of records; a number that already leads somewhere keeps leading there. Gives how many are new.
///
/// # Errors
/// The database.
pub async fn name_records(
    tx: &Tx,
    kind: &str,
    client: Option<ClientId>,
    names: &[(ExternalKey, Uuid)],
) -> Result<u64, StoreError> {
    if names.is_empty() {
        return Ok(0);
    }
    let systems: Vec<&str> = names.iter().map(|(key, _)| key.system.as_str()).collect();
    let values: Vec<&str> = names.iter().map(|(key, _)| key.value.as_str()).collect();
    let records: Vec<Uuid> = names.iter().map(|(_, record)| *record).collect();
    store::name(tx, tx.practice(), kind, &systems, &values, &records, client, tx.now()).await
}
