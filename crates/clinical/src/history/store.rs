//! SQL of the history, and nothing else.

use jiff::Timestamp;
use kernel::{ClientId, ConditionId, EncounterId, ObservationId, PracticeId};
use serde_json::Value;

platform::row! {
    /// A problem.
    pub struct ConditionRow {
        /// Its id.
        pub id: ConditionId,
        /// Whose it is.
        pub client_id: ClientId,
        /// SNOMED CT.
        pub snomed_code: Option<String>,
        /// ICD-10-CM.
        pub icd10cm_code: Option<String>,
        /// What people call it.
        pub description: String,
        /// FHIR condition-clinical.
        pub clinical_status: String,
        /// FHIR condition-ver-status.
        pub verification_status: String,
        /// As precise as known.
        pub onset_on: Option<String>,
        /// As precise as known.
        pub abated_on: Option<String>,
        /// As precise as known.
        pub recorded_on: Option<String>,
        /// Counts changes.
        pub version: i64,
        /// Last change.
        pub updated_at: Timestamp,
    }
}
platform::row! {
    /// An encounter from elsewhere or earlier.
    pub struct EncounterRow {
        /// Its id.
        pub id: EncounterId,
        /// Whose it is.
        pub client_id: ClientId,
        /// HL7 v3 ActCode class.
        pub class: String,
        /// What kind.
        pub description: String,
        /// FHIR status.
        pub status: String,
        /// Start.
        pub started_at: Option<Timestamp>,
        /// End.
        pub ended_at: Option<Timestamp>,
        /// Who treated.
        pub provider: Option<String>,
        /// Where.
        pub organization: Option<String>,
        /// Why.
        pub reason: Option<String>,
        /// Counts changes.
        pub version: i64,
        /// When it came here.
        pub created_at: Timestamp,
    }
}
platform::row! {
    /// A finding.
    pub struct ObservationRow {
        /// Its id.
        pub id: ObservationId,
        /// Category.
        pub category: String,
        /// Code.
        pub code: Option<String>,
        /// What was found out.
        pub description: String,
        /// The value as people read it.
        pub value_text: String,
        /// When.
        pub effective_at: Option<Timestamp>,
    }
}

platform::statement! {
    /// Keeps problems; one known by its id stays as it is. Primary key.
    pub fn insert_conditions(practice: PracticeId, client: ClientId, ids: &[ConditionId], snomed: &[Option<&str>], icd10cm: &[Option<&str>], description: &[Option<&str>], clinical: &[Option<&str>], verification: &[Option<&str>], onset: &[Option<&str>], abated: &[Option<&str>], recorded: &[Option<&str>], encounter: &[Option<&str>], source: &str, now: Timestamp) -> count = "
    insert into condition (practice_id, id, client_id, snomed_code, icd10cm_code, description, clinical_status, verification_status, onset_on, abated_on, recorded_on, encounter_source, source, created_at, updated_at)
    select $1, id, $2, snomed, icd10cm, description, clinical, verification, onset, abated, recorded, encounter, $13, $14, $14
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
        as row (id, snomed, icd10cm, description, clinical, verification, onset, abated, recorded, encounter)
    on conflict (practice_id, id) do nothing"
}
platform::statement! {
    /// Keeps encounters; one known by its id stays as it is. Primary key.
    pub fn insert_encounters(practice: PracticeId, client: ClientId, ids: &[EncounterId], class: &[Option<&str>], description: &[Option<&str>], status: &[Option<&str>], started: &[Option<Timestamp>], ended: &[Option<Timestamp>], provider: &[Option<&str>], organization: &[Option<&str>], reason: &[Option<&str>], source: &str, now: Timestamp) -> count = "
    insert into past_encounter (practice_id, id, client_id, class, description, status, started_at, ended_at, provider, organization, reason, source, created_at)
    select $1, id, $2, class, description, status, started, ended, provider, organization, reason, $12, $13
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::text[])
        as row (id, class, description, status, started, ended, provider, organization, reason)
    on conflict (practice_id, id) do nothing"
}
platform::statement! {
    /// Keeps findings; one known by its id stays as it is. Primary key.
    pub fn insert_observations(practice: PracticeId, client: ClientId, ids: &[ObservationId], category: &[Option<&str>], code_system: &[Option<&str>], code: &[Option<&str>], description: &[Option<&str>], value: &[Option<&str>], components: &[&Value], status: &[Option<&str>], effective: &[Option<Timestamp>], source: &str, now: Timestamp) -> count = "
    insert into observation (practice_id, id, client_id, category, code_system, code, description, value_text, components, status, effective_at, source, created_at)
    select $1, id, $2, category, code_system, code, description, value, components, status, effective, $12, $13
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::jsonb[], $10::text[], $11::timestamptz[])
        as row (id, category, code_system, code, description, value, components, status, effective)
    on conflict (practice_id, id) do nothing"
}
platform::statement! {
    /// A client's problems, active ones first. Index: condition_client.
    pub fn conditions(practice: PracticeId, client: ClientId) -> many ConditionRow = "
    select id, client_id, snomed_code, icd10cm_code, description, clinical_status, verification_status, onset_on, abated_on, recorded_on, version, updated_at
      from condition where practice_id = $1 and client_id = $2
     order by clinical_status in ('active', 'recurrence', 'relapse') desc, onset_on desc nulls last, id limit 500"
}
platform::statement! {
    /// One problem. Primary key.
    pub fn find_condition(practice: PracticeId, id: ConditionId) -> maybe ConditionRow = "
    select id, client_id, snomed_code, icd10cm_code, description, clinical_status, verification_status, onset_on, abated_on, recorded_on, version, updated_at
      from condition where practice_id = $1 and id = $2"
}
platform::statement! {
    /// A client's encounters, newest first. Index: past_encounter_client.
    pub fn encounters(practice: PracticeId, client: ClientId) -> many EncounterRow = "
    select id, client_id, class, description, status, started_at, ended_at, provider, organization, reason, version, created_at
      from past_encounter where practice_id = $1 and client_id = $2 order by started_at desc nulls last, id limit 2000"
}
platform::statement! {
    /// One encounter. Primary key.
    pub fn find_encounter(practice: PracticeId, id: EncounterId) -> maybe EncounterRow = "
    select id, client_id, class, description, status, started_at, ended_at, provider, organization, reason, version, created_at
      from past_encounter where practice_id = $1 and id = $2"
}
platform::statement! {
    /// A client's newest findings. Index: observation_client.
    pub fn observations(practice: PracticeId, client: ClientId, limit: i64) -> many ObservationRow = "
    select id, category, code, description, value_text, effective_at
      from observation where practice_id = $1 and client_id = $2 order by effective_at desc nulls last, id limit $3"
}
