//! SQL of the practice.

use jiff::Timestamp;
use kernel::PracticeId;

platform::row! {
    /// The practice.
    pub struct PracticeRow {
        /// Its name in addresses.
        pub slug: String,
        /// Its legal name.
        pub legal_name: String,
        /// IANA time zone.
        pub time_zone: String,
        /// Phone, E.164.
        pub phone: Option<String>,
        /// Street.
        pub address_line: Option<String>,
        /// City.
        pub city: Option<String>,
        /// State.
        pub state: Option<String>,
        /// ZIP code.
        pub postal_code: Option<String>,
        /// NPI of the organisation.
        pub npi: Option<String>,
        /// State of the practice.
        pub status: String,
        /// Version.
        pub version: i64,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

platform::statement! {
    /// The practice. Primary key.
    pub(crate) fn find(practice: PracticeId) -> one PracticeRow = "
    select slug, legal_name, time_zone, phone, address_line, city, state, postal_code, npi, status, version, updated_at from practice where practice_id = $1"
}
platform::statement! {
    /// Name and time zone. Primary key.
    pub(crate) fn name_and_zone(practice: PracticeId) -> one (String, String) = "
    select legal_name, time_zone from practice where practice_id = $1"
}
platform::statement! {
    /// Changes it, if its version is still the one that was read.
    pub(crate) fn update(practice: PracticeId, version: i64, name: &str, zone: &str, phone: Option<&str>, address: Option<&str>, city: Option<&str>, state: Option<&str>, postal_code: Option<&str>, npi: Option<&str>, now: Timestamp) -> count = "
    update practice set legal_name = $3, time_zone = $4, phone = $5, address_line = $6, city = $7, state = $8, postal_code = $9, npi = $10, version = version + 1, updated_at = $11
     where practice_id = $1 and version = $2"
}
platform::statement! {
    /// Opens a practice; runs with the right to, since nobody belongs to it yet.
    pub(crate) fn open(id: PracticeId, slug: &str, name: &str, zone: &str, is_demo: bool, now: Timestamp) -> count = "
    select practice_open($1, $2, $3, $4, $5, $6)"
}
platform::statement! {
    /// The practice of a short name. Unique: practice_slug_unique.
    pub(crate) fn by_slug(slug: &str) -> maybe (PracticeId,) = "
    select practice_id from practice_by_slug($1)"
}
