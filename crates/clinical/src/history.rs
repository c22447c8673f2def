//! History: problems, findings and encounters, mostly brought in from elsewhere. The chart shows them; the
//! bridge to FHIR reads and writes them here and nowhere else.

pub mod chart;
pub mod store;

use kernel::{ClientId, ConditionId, EncounterId, ObservationId};

/// A problem or diagnosis to keep.
#[derive(Clone, Debug, Default)]
pub struct NewCondition {
    /// Its id here; a second import gives the same one.
    pub id: Option<ConditionId>,
    /// SNOMED CT code.
    pub snomed_code: Option<String>,
    /// ICD-10-CM code, where the source has it.
    pub icd10cm_code: Option<String>,
    /// What people call it.
    pub description: String,
    /// FHIR condition-clinical code.
    pub clinical_status: String,
    /// FHIR condition-ver-status code.
    pub verification_status: String,
    /// FHIR date or instant, as precise as known.
    pub onset: Option<String>,
    /// As onset.
    pub abated: Option<String>,
    /// As onset.
    pub recorded: Option<String>,
    /// The source's reference to the encounter.
    pub encounter_source: Option<String>,
}

/// An encounter that happened elsewhere or earlier.
#[derive(Clone, Debug, Default)]
pub struct NewEncounter {
    /// Its id here.
    pub id: Option<EncounterId>,
    /// HL7 v3 ActCode class, such as AMB.
    pub class: String,
    /// What kind of encounter.
    pub description: String,
    /// FHIR encounter status.
    pub status: String,
    /// Start.
    pub started_at: Option<jiff::Timestamp>,
    /// End.
    pub ended_at: Option<jiff::Timestamp>,
    /// Who treated.
    pub provider: Option<String>,
    /// Where.
    pub organization: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// A finding.
#[derive(Clone, Debug, Default)]
pub struct NewObservation {
    /// Its id here.
    pub id: Option<ObservationId>,
    /// `survey`, `social-history` or `vital-signs`.
    pub category: String,
    /// Code system's URL.
    pub code_system: Option<String>,
    /// Code.
    pub code: Option<String>,
    /// What was found out.
    pub description: String,
    /// The value as people read it, with its unit.
    pub value_text: String,
    /// Parts, each with `description` and `value`.
    pub components: serde_json::Value,
    /// FHIR observation status.
    pub status: String,
    /// When.
    pub effective_at: Option<jiff::Timestamp>,
}

/// Keeps problems of a client, all in one statement.
///
/// # Errors
/// The database.
pub async fn add_conditions(
    tx: &platform::Tx,
    client: ClientId,
    source: &str,
    conditions: &[NewCondition],
) -> Result<(), platform::StoreError> {
    let of = |field: fn(&NewCondition) -> Option<&str>| conditions.iter().map(field).collect::<Vec<_>>();
    let ids: Vec<ConditionId> = conditions.iter().map(|one| one.id.unwrap_or_else(|| tx.id())).collect();
    store::insert_conditions(
        tx,
        tx.practice(),
        client,
        &ids,
        &of(|one| one.snomed_code.as_deref()),
        &of(|one| one.icd10cm_code.as_deref()),
        &of(|one| Some(&one.description)),
        &of(|one| Some(&one.clinical_status)),
        &of(|one| Some(&one.verification_status)),
        &of(|one| one.onset.as_deref()),
        &of(|one| one.abated.as_deref()),
        &of(|one| one.recorded.as_deref()),
        &of(|one| one.encounter_source.as_deref()),
        source,
        tx.now(),
    )
    .await
    .map(drop)
}

/// Keeps encounters of a client, all in one statement.
///
/// # Errors
/// The database.
pub async fn add_encounters(
    tx: &platform::Tx,
    client: ClientId,
    source: &str,
    encounters: &[NewEncounter],
) -> Result<(), platform::StoreError> {
    let of = |field: fn(&NewEncounter) -> Option<&str>| encounters.iter().map(field).collect::<Vec<_>>();
    let at = |field: fn(&NewEncounter) -> Option<jiff::Timestamp>| encounters.iter().map(field).collect::<Vec<_>>();
    let ids: Vec<EncounterId> = encounters.iter().map(|one| one.id.unwrap_or_else(|| tx.id())).collect();
    store::insert_encounters(
        tx,
        tx.practice(),
        client,
        &ids,
        &of(|one| Some(&one.class)),
        &of(|one| Some(&one.description)),
        &of(|one| Some(&one.status)),
        &at(|one| one.started_at),
        &at(|one| one.ended_at),
        &of(|one| one.provider.as_deref()),
        &of(|one| one.organization.as_deref()),
        &of(|one| one.reason.as_deref()),
        source,
        tx.now(),
    )
    .await
    .map(drop)
}

/// Keeps findings of a client, all in one statement.
///
/// # Errors
/// The database.
pub async fn add_observations(
    tx: &platform::Tx,
    client: ClientId,
    source: &str,
    observations: &[NewObservation],
) -> Result<(), platform::StoreError> {
    let of = |field: fn(&NewObservation) -> Option<&str>| observations.iter().map(field).collect::<Vec<_>>();
    let ids: Vec<ObservationId> = observations
        .iter()
        .map(|one| one.id.unwrap_or_else(|| tx.id()))
        .collect();
    let at: Vec<Option<jiff::Timestamp>> = observations.iter().map(|one| one.effective_at).collect();
    let components: Vec<&serde_json::Value> = observations.iter().map(|one| &one.components).collect();
    store::insert_observations(
        tx,
        tx.practice(),
        client,
        &ids,
        &of(|one| Some(&one.category)),
        &of(|one| one.code_system.as_deref()),
        &of(|one| one.code.as_deref()),
        &of(|one| Some(&one.description)),
        &of(|one| Some(&one.value_text)),
        &components,
        &of(|one| Some(&one.status)),
        &at,
        source,
        tx.now(),
    )
    .await
    .map(drop)
}
