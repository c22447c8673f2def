//! SQL of records from elsewhere. Batches go as arrays, one statement for any number of rows.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{
    AllergyId, ClientId, ContactPointId, CoverageId, ExternalProviderId, ExternalResourceId, ImportId, PracticeId,
    UserId,
};
use platform::statement;
use uuid::Uuid;

use super::Category;

statement! {
    /// Records by foreign numbers, with the place of each in the question. Index: primary key.
    pub(super) fn identify(practice: PracticeId, kind: &str, systems: &[&str], values: &[&str]) -> many (i64, Uuid) = "
    select w.place, e.record_id from unnest($3::text[], $4::text[]) with ordinality w (system, value, place)
      join external_identifier e on e.practice_id = $1 and e.kind = $2 and e.system = w.system and e.value = w.value
     order by w.place limit 100000"
}
statement! {
    /// Notes foreign numbers. Unique: primary key.
    pub(super) fn name(practice: PracticeId, kind: &str, systems: &[&str], values: &[&str], records: &[Uuid], client: Option<ClientId>, now: Timestamp) -> count = "
    insert into external_identifier (practice_id, kind, system, value, record_id, client_id, created_at)
    select $1, $2, w.system, w.value, w.record, $6, $7 from unnest($3::text[], $4::text[], $5::uuid[]) w (system, value, record)
        on conflict (practice_id, kind, system, value) do nothing"
}
statement! {
    /// Writes clients. Lists within a row are joined by the unit separator.
    pub(super) fn insert_clients(practice: PracticeId, ids: &[ClientId], mrns: &[String], families: &[&str], givens: &[&str], middles: &[Option<&str>], suffixes: &[Option<&str>], preferred: &[Option<&str>], previous: &[String], births: &[Option<Date>], estimated: &[bool], deceased: &[Option<Timestamp>], sexes: &[&str], marital: &[Option<&str>], languages: &[String], races: &[String], ethnicities: &[String], statuses: &[&str], now: Timestamp, user: Option<UserId>) -> count = "
    insert into client (practice_id, id, mrn, family, given, middle, suffix, preferred_name, previous_names, birth_date, birth_date_estimated, deceased_at,
        sex_administrative, marital_status, languages, race, ethnicity, status, created_at, created_by, updated_at, updated_by)
    select $1, w.id, w.mrn, w.family, w.given, w.middle, w.suffix, w.preferred, string_to_array(w.previous, chr(31)), w.born, w.estimated, w.deceased, w.sex, w.marital,
           string_to_array(w.languages, chr(31)), string_to_array(w.race, chr(31)), string_to_array(w.ethnicity, chr(31)), w.status, $19, $20, $19, $20
      from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[], $11::boolean[], $12::timestamptz[],
                  $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[])
        w (id, mrn, family, given, middle, suffix, preferred, previous, born, estimated, deceased, sex, marital, languages, race, ethnicity, status)"
}
statement! {
    /// Writes contact points.
    pub(super) fn insert_contacts(practice: PracticeId, ids: &[ContactPointId], clients: &[ClientId], kinds: &[&str], uses: &[&str], values: &[&str], lines: &[Option<&str>], cities: &[Option<&str>], states: &[Option<&str>], postal_codes: &[Option<&str>], countries: &[Option<&str>], ranks: &[i32], now: Timestamp, user: Option<UserId>) -> count = "
    insert into client_contact_point (practice_id, id, client_id, kind, use, value, address_line, city, state, postal_code, country, rank, created_at, created_by)
    select $1, w.id, w.client, w.kind, w.use, w.value, w.line, w.city, w.state, w.postal_code, w.country, w.rank, $13, $14
      from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::integer[])
        w (id, client, kind, use, value, line, city, state, postal_code, country, rank)"
}
statement! {
    /// Writes allergies of one client.
    pub(super) fn insert_allergies(practice: PracticeId, client: ClientId, ids: &[AllergyId], titles: &[&str], systems: &[Option<&str>], codes: &[Option<&str>], kinds: &[Option<&str>], categories: &[String], criticalities: &[Option<&str>], clinical: &[&str], verification: &[Option<&str>], reactions: &[Option<&str>], onsets: &[Option<Date>], recorded: &[Option<Date>], remarks: &[Option<&str>], now: Timestamp, user: Option<UserId>) -> count = "
    insert into allergy_intolerance (practice_id, client_id, id, title, code_system, code, kind, categories, criticality, clinical_status, verification_status, reactions, onset_on, recorded_on, remarks, created_at, created_by)
    select $1, $2, w.id, w.title, w.system, w.code, w.kind, string_to_array(w.categories, chr(31)), w.criticality, w.clinical, w.verification, w.reactions, w.onset, w.recorded, w.remarks, $16, $17
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::date[], $14::date[], $15::text[])
        w (id, title, system, code, kind, categories, criticality, clinical, verification, reactions, onset, recorded, remarks)"
}
statement! {
    /// Writes coverages of one client.
    pub(super) fn insert_coverages(practice: PracticeId, client: ClientId, ids: &[CoverageId], payers: &[&str], plans: &[Option<&str>], members: &[Option<&str>], groups: &[Option<&str>], relationships: &[Option<&str>], statuses: &[&str], places: &[Option<i32>], from: &[Option<Date>], until: &[Option<Date>], now: Timestamp, user: Option<UserId>) -> count = "
    insert into coverage (practice_id, client_id, id, payer, plan_name, member_id, group_number, relationship, status, place, valid_from, valid_to, created_at, created_by)
    select $1, $2, w.id, w.payer, w.plan, w.member, w.grp, w.relationship, w.status, w.place, w.valid_from, w.valid_to, $13, $14
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::integer[], $11::date[], $12::date[])
        w (id, payer, plan, member, grp, relationship, status, place, valid_from, valid_to)"
}
statement! {
    /// Writes outside professionals.
    pub(super) fn insert_providers(practice: PracticeId, ids: &[ExternalProviderId], families: &[&str], givens: &[&str], prefixes: &[Option<&str>], suffixes: &[Option<&str>], npis: &[Option<&str>], phones: &[Option<&str>], emails: &[Option<&str>], addresses: &[Option<&str>], active: &[bool], now: Timestamp, user: Option<UserId>) -> count = "
    insert into external_provider (practice_id, id, family, given, prefix, suffix, npi, phone, email, address, active, created_at, created_by)
    select $1, w.id, w.family, w.given, w.prefix, w.suffix, w.npi, w.phone, w.email, w.address, w.active, $12, $13
      from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[])
        w (id, family, given, prefix, suffix, npi, phone, email, address, active)"
}
statement! {
    /// Writes kept resources that are not there yet; gives the place of each written in the question. Unique: external_resource_source_unique.
    pub(super) fn insert_resources(practice: PracticeId, ids: &[ExternalResourceId], clients: &[Option<ClientId>], types: &[&str], systems: &[&str], sources: &[&str], categories: &[&str], titles: &[&str], details: &[Option<&str>], statuses: &[Option<&str>], happened: &[Option<Timestamp>], contents: &[&str], sums: &[Vec<u8>], imports: &[Option<ImportId>], now: Timestamp, user: Option<UserId>) -> many (ExternalResourceId,) = "
    insert into external_resource (practice_id, id, client_id, resource_type, source_system, source_id, category, title, detail, status, happened_at, content, sha256, import_id, created_at, created_by)
    select $1, w.id, w.client, w.type, w.system, w.source, w.category, w.title, w.detail, w.status, w.happened, w.content, w.sum, w.import, $15, $16
      from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::bytea[], $14::uuid[])
        w (id, client, type, system, source, category, title, detail, status, happened, content, sum, import)
        on conflict (practice_id, resource_type, source_system, source_id) do nothing
    returning id"
}
statement! {
    /// Kept resources by their source, with the place of each in the question. Unique: external_resource_source_unique.
    pub(super) fn find_resources(practice: PracticeId, types: &[&str], systems: &[&str], sources: &[&str]) -> many (i64, ExternalResourceId) = "
    select w.place, r.id from unnest($2::text[], $3::text[], $4::text[]) with ordinality w (type, system, source, place)
      join external_resource r on r.practice_id = $1 and r.resource_type = w.type and r.source_system = w.system and r.source_id = w.source
     order by w.place limit 100000"
}

platform::row! {
    /// An allergy in the chart.
    pub(crate) struct AllergyRow {
        pub id: AllergyId,
        pub title: String,
        pub criticality: Option<String>,
        pub clinical_status: String,
        pub reactions: Option<String>,
    }
}
statement! {
    /// Allergies of a client, active ones first. Index: allergy_intolerance_client.
    pub(crate) fn allergies(practice: PracticeId, client: ClientId) -> many AllergyRow = "
    select id, title, criticality, clinical_status, reactions from allergy_intolerance
     where practice_id = $1 and client_id = $2 order by clinical_status <> 'active', title, id limit 200"
}
platform::row! {
    /// A coverage in the chart.
    pub(crate) struct CoverageRow {
        pub id: CoverageId,
        pub payer: String,
        pub plan_name: Option<String>,
        pub member_id: Option<String>,
        pub status: String,
        pub place: Option<i32>,
        pub valid_from: Option<Date>,
        pub valid_to: Option<Date>,
    }
}
statement! {
    /// Coverages of a client in the order of payment. Index: coverage_client.
    pub(crate) fn coverages(practice: PracticeId, client: ClientId) -> many CoverageRow = "
    select id, payer, plan_name, member_id, status, place, valid_from, valid_to from coverage
     where practice_id = $1 and client_id = $2 order by status <> 'active', place nulls last, valid_from desc nulls last, id limit 100"
}
statement! {
    /// How many resources a client's chart keeps under each heading. Index: external_resource_client.
    pub(crate) fn counts(practice: PracticeId, client: ClientId) -> many (Category, i64) = "
    select category, count(*) from external_resource
     where practice_id = $1 and client_id = $2 and category <> 'source' group by category order by category limit 20"
}
platform::row! {
    /// A kept resource as a line.
    pub(crate) struct ResourceLine {
        pub id: ExternalResourceId,
        pub resource_type: String,
        pub category: Category,
        pub title: String,
        pub detail: Option<String>,
        pub status: Option<String>,
        pub happened_at: Option<Timestamp>,
    }
}
statement! {
    /// Kept resources under a heading, newest first, those without a time last, before a place in that order. Index: external_resource_client.
    pub(crate) fn resources(practice: PracticeId, client: ClientId, category: Category, before: Timestamp, before_id: ExternalResourceId, limit: i64) -> many ResourceLine = "
    select id, resource_type, category, title, detail, status, happened_at from external_resource
     where practice_id = $1 and client_id = $2 and category = $3 and (coalesce(happened_at, timestamptz '0001-01-01Z'), id) < ($4, $5)
     order by coalesce(happened_at, timestamptz '0001-01-01Z') desc, id desc limit $6"
}
statement! {
    /// Kept resources for the timeline, newest first. Index: external_resource_client.
    pub(crate) fn newest(practice: PracticeId, client: ClientId, categories: &[&str]) -> many ResourceLine = "
    select id, resource_type, category, title, detail, status, happened_at from external_resource
     where practice_id = $1 and client_id = $2 and category = any($3) and happened_at is not null order by happened_at desc, id desc limit 500"
}
platform::row! {
    /// A kept resource whole.
    pub(crate) struct ResourceRow {
        pub id: ExternalResourceId,
        pub resource_type: String,
        pub source_system: String,
        pub source_id: String,
        pub category: Category,
        pub title: String,
        pub detail: Option<String>,
        pub status: Option<String>,
        pub happened_at: Option<Timestamp>,
        pub content: String,
        pub created_at: Timestamp,
    }
}
statement! {
    /// One kept resource of a client. Index: primary key.
    pub(crate) fn resource(practice: PracticeId, client: ClientId, id: ExternalResourceId) -> maybe ResourceRow = "
    select id, resource_type, source_system, source_id, category, title, detail, status, happened_at, content, created_at from external_resource
     where practice_id = $1 and client_id = $2 and id = $3"
}
