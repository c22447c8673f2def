//! SQL of locations.

use jiff::Timestamp;
use kernel::{LocationId, PracticeId};

platform::row! {
    /// A location.
    pub struct LocationRow {
        /// Id.
        pub id: LocationId,
        /// Name.
        pub name: String,
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
        /// CMS place-of-service code.
        pub place_of_service: String,
        /// Whether it is in use.
        pub active: bool,
        /// Version.
        pub version: i64,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

platform::statement! {
    /// Locations by name, behind a place. Primary key.
    pub(crate) fn list(practice: PracticeId, name: Option<&str>, id: Option<LocationId>, limit: i64) -> many LocationRow = "
    select id, name, time_zone, phone, address_line, city, state, postal_code, place_of_service, active, version, updated_at from location
     where practice_id = $1 and ($2::text is null or (name, id) > ($2, $3::uuid)) order by name, id limit $4"
}
platform::statement! {
    /// One location. Primary key.
    pub(crate) fn find(practice: PracticeId, id: LocationId) -> maybe LocationRow = "
    select id, name, time_zone, phone, address_line, city, state, postal_code, place_of_service, active, version, updated_at from location
     where practice_id = $1 and id = $2"
}
platform::statement! {
    /// Adds a location.
    pub(crate) fn insert(practice: PracticeId, id: LocationId, name: &str, zone: &str, phone: Option<&str>, address: Option<&str>, city: Option<&str>, state: Option<&str>, postal_code: Option<&str>, place: &str, now: Timestamp) -> count = "
    insert into location (practice_id, id, name, time_zone, phone, address_line, city, state, postal_code, place_of_service, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)"
}
platform::statement! {
    /// Changes a location whose version is still the one that was read.
    pub(crate) fn update(practice: PracticeId, id: LocationId, version: i64, name: &str, zone: &str, phone: Option<&str>, address: Option<&str>, city: Option<&str>, state: Option<&str>, postal_code: Option<&str>, place: &str, active: bool, now: Timestamp) -> count = "
    update location set name = $4, time_zone = $5, phone = $6, address_line = $7, city = $8, state = $9, postal_code = $10, place_of_service = $11, active = $12,
           version = version + 1, updated_at = $13
     where practice_id = $1 and id = $2 and version = $3"
}
