//! Clients as programs read them: a page of patients with identifiers and contact points, within the asker's reach.
//!
//! For FHIR and exports. It knows no resource format; `interop` writes that.

use futures_util::try_join;
use identity::Actor;
use identity::audit::{self, Action, Entry};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{ClientId, Permission, PracticeId, UserId};
use platform::{Tx, statement};
use serde_json::json;

use super::Sex;
use super::Status;
use crate::chart::ChartError;
use crate::contact;
pub use crate::contact::store::ContactRow;

/// Which patients are wanted. Absent conditions hold for everybody.
#[derive(Clone, Debug, Default)]
pub struct PatientFilter {
    /// Only these.
    pub ids: Option<Vec<ClientId>>,
    /// A foreign number or the record number: system (absent for any) and value.
    pub identifier: Option<(Option<String>, String)>,
    /// Beginning of the family name, in any letters' case.
    pub family: Option<String>,
    /// Beginning of the given name.
    pub given: Option<String>,
    /// Beginning of any part of the name.
    pub name: Option<String>,
    /// Born on or after.
    pub born_from: Option<Date>,
    /// Born on or before.
    pub born_until: Option<Date>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// A phone (E.164) or e-mail as stored.
    pub telecom: Option<String>,
    /// Changed at or after.
    pub updated_from: Option<Timestamp>,
    /// Behind this client in the order of ids.
    pub after: Option<ClientId>,
}

platform::row! {
    /// A patient's own facts.
    pub struct PatientRow {
        /// The client.
        pub id: ClientId,
        /// The record number.
        pub mrn: String,
        /// Family name.
        pub family: String,
        /// Given name.
        pub given: String,
        /// Other given names.
        pub middle: Option<String>,
        /// `Jr.` …
        pub suffix: Option<String>,
        /// The name the person goes by.
        pub preferred_name: Option<String>,
        /// Earlier names.
        pub previous_names: Vec<String>,
        /// Day of birth.
        pub birth_date: Option<Date>,
        /// Only year or month is known.
        pub birth_date_estimated: bool,
        /// When the person died.
        pub deceased_at: Option<Timestamp>,
        /// Administrative sex.
        pub sex_administrative: Sex,
        /// HL7 v3 code.
        pub marital_status: Option<String>,
        /// BCP 47.
        pub languages: Vec<String>,
        /// CDC codes.
        pub race: Vec<String>,
        /// CDC codes.
        pub ethnicity: Vec<String>,
        /// Where the client stands.
        pub status: Status,
        /// Version, for ETags.
        pub version: i64,
        /// When last changed.
        pub updated_at: Timestamp,
    }
}
platform::row! {
    /// A foreign number of a patient.
    pub struct IdentifierRow {
        /// Whose it is.
        pub record_id: ClientId,
        /// The numbering system.
        pub system: String,
        /// The number.
        pub value: String,
    }
}

/// A patient whole.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The facts.
    pub who: PatientRow,
    /// Foreign numbers.
    pub identifiers: Vec<IdentifierRow>,
    /// Current contact points.
    pub contacts: Vec<ContactRow>,
}

statement! {
    /// Patients by id. Index: primary key; narrower ones where a condition has one.
    fn find(practice: PracticeId, whole: bool, user: Option<UserId>, today: Date, ids: Option<&[ClientId]>, system: Option<&str>, value: Option<&str>, family: Option<&str>, given: Option<&str>, name: Option<&str>, born_from: Option<Date>, born_until: Option<Date>, sex: Option<Sex>, telecom: Option<&str>, updated_from: Option<Timestamp>, after: Option<ClientId>, limit: i64) -> many PatientRow = "
    select c.id, c.mrn, c.family, c.given, c.middle, c.suffix, c.preferred_name, c.previous_names, c.birth_date, c.birth_date_estimated, c.deceased_at,
           c.sex_administrative, c.marital_status, c.languages, c.race, c.ethnicity, c.status, c.version, c.updated_at
      from client c
     where c.practice_id = $1 and c.status not in ('entered_in_error', 'merged')
       and ($2 or c.id in (select a.client_id from assignment a where a.practice_id = $1 and a.user_id = $3 and a.valid_from <= $4 and (a.valid_to is null or a.valid_to > $4)))
       and ($5::uuid[] is null or c.id = any($5))
       and ($7::text is null or c.mrn = $7 and $6::text is null
            or c.id in (select e.record_id from external_identifier e where e.practice_id = $1 and e.kind = 'client' and e.value = $7 and ($6::text is null or e.system = $6)))
       and ($8::text is null or starts_with(c.sort_name, lower($8)))
       and ($9::text is null or starts_with(lower(c.given), lower($9)))
       and ($10::text is null or starts_with(c.sort_name, lower($10)) or starts_with(lower(c.given), lower($10)) or starts_with(lower(c.preferred_name), lower($10)) or starts_with(lower(c.middle), lower($10)))
       and ($11::date is null or c.birth_date >= $11) and ($12::date is null or c.birth_date <= $12)
       and ($13::text is null or c.sex_administrative = $13)
       and ($14::text is null or exists (select from client_contact_point p where p.practice_id = $1 and p.client_id = c.id and p.value = $14 and p.valid_to is null))
       and ($15::timestamptz is null or c.updated_at >= $15)
       and ($16::uuid is null or c.id > $16)
     order by c.id limit $17"
}
statement! {
    /// Foreign numbers of clients. Index: external_identifier_record.
    fn identifiers(practice: PracticeId, clients: &[ClientId]) -> many IdentifierRow = "
    select e.record_id, e.system, e.value from external_identifier e
     where e.practice_id = $1 and e.record_id = any($2) and e.kind = 'client' order by e.record_id, e.system, e.value limit 5000"
}

/// Patients that match, in the order of ids, at most `limit` (ask for one more to know whether there are more).
/// One audit line tells how many were given; a caller who gives out a single one opens its chart instead.
///
/// # Errors
/// No right to see clients, or the database.
pub async fn patients(tx: &Tx, actor: &Actor, filter: &PatientFilter, limit: i64) -> Result<Vec<Patient>, ChartError> {
    let whole = crate::is_whole(actor.need(Permission::ClientRead)?);
    let (system, value) = filter.identifier.as_ref().map_or((None, None), |(system, value)| {
        (system.as_deref(), Some(value.as_str()))
    });
    let rows = find(
        tx,
        tx.practice(),
        whole,
        actor.user,
        actor.today(tx.now()),
        filter.ids.as_deref(),
        system,
        value,
        filter.family.as_deref(),
        filter.given.as_deref(),
        filter.name.as_deref(),
        filter.born_from,
        filter.born_until,
        filter.sex,
        filter.telecom.as_deref(),
        filter.updated_from,
        filter.after,
        limit.clamp(1, 201),
    )
    .await?;
    let ids: Vec<ClientId> = rows.iter().map(|row| row.id).collect();
    let entry = Entry::new(Action::Search, "client").detail(json!({ "given": ids.len() }));
    let (mut identifiers, mut contacts, ()) = try_join!(
        identifiers(tx, tx.practice(), &ids),
        contact::store::of_clients(tx, tx.practice(), &ids),
        audit::record(tx, actor, entry)
    )?;
    let patient = |who: PatientRow| Patient {
        identifiers: identifiers.extract_if(.., |row| row.record_id == who.id).collect(),
        contacts: contacts.extract_if(.., |row| row.client_id == who.id).collect(),
        who,
    };
    Ok(rows.into_iter().map(patient).collect())
}
