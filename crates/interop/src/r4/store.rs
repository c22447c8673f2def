//! SQL of the FHIR face: professionals only, through a view made for it. Everything else is read through the rooms below.

use jiff::Timestamp;
use kernel::PracticeId;
use platform::statement;
use uuid::Uuid;

platform::row! {
    /// A professional, of the practice or outside it.
    pub(super) struct PractitionerRow {
        pub id: Uuid,
        pub family: String,
        pub given: String,
        pub prefix: Option<String>,
        pub suffix: Option<String>,
        pub npi: Option<String>,
        pub phone: Option<String>,
        pub email: Option<String>,
        pub active: bool,
        pub version: i64,
        pub updated_at: Timestamp,
    }
}
statement! {
    /// Professionals in the order of ids. `names` are beginnings of a name's part in small letters, of which one must fit.
    /// Indexes: primary keys of app_user and external_provider.
    pub(super) fn practitioners(practice: PracticeId, ids: Option<&[Uuid]>, names: Option<&[String]>, npis: Option<&[String]>, after: Option<Uuid>, limit: i64) -> many PractitionerRow = "
    select id, family, given, prefix, suffix, npi, phone, email, active, version, updated_at from practitioner_entry p
     where p.practice_id = $1 and ($2::uuid[] is null or p.id = any($2))
       and ($3::text[] is null or exists (select from unnest($3) w (word) where starts_with(lower(p.family), w.word) or starts_with(lower(p.given), w.word)
                                             or starts_with(lower(p.given || ' ' || p.family), w.word)))
       and ($4::text[] is null or p.npi = any($4))
       and ($5::uuid is null or p.id > $5)
     order by p.id limit $6"
}
