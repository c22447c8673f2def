//! SQL of working hours and of who can be booked.

use jiff::civil::Time;
use kernel::{LocationId, PracticeId, UserId};

platform::row! {
    /// A block of somebody's week.
    pub struct BlockRow {
        /// Whose.
        pub clinician_id: UserId,
        /// ISO weekday: 1 is Monday.
        pub weekday: i16,
        /// From.
        pub opens: Time,
        /// Until.
        pub closes: Time,
    }
}

platform::row! {
    /// Somebody with whom appointments can be made.
    pub struct Clinician {
        /// Who.
        pub id: UserId,
        /// The name.
        pub name: String,
    }
}

platform::row! {
    /// A place, as far as booking asks.
    pub struct Place {
        /// Its id.
        pub id: LocationId,
        /// Its name.
        pub name: String,
        /// Its zone.
        pub time_zone: String,
    }
}

platform::statement! {
    /// The weeks of some clinicians. Index: working_hours_block_unique.
    pub fn weeks(practice: PracticeId, clinicians: &[UserId]) -> many BlockRow = "
    select clinician_id, weekday, opens, closes from working_hours
     where practice_id = $1 and clinician_id = any($2) order by clinician_id, weekday, opens, id limit 5000"
}
platform::statement! {
    /// Who can be booked, by name. Index: app_user_bookable.
    pub fn bookable(practice: PracticeId) -> many Clinician = "
    select id, given_name || ' ' || family_name as name from app_user
     where practice_id = $1 and bookable and status in ('active', 'onboarding') order by family_name, given_name, id limit 500"
}
platform::statement! {
    /// One person, if they can be booked. Index: primary key.
    pub fn bookable_one(practice: PracticeId, id: UserId) -> maybe Clinician = "
    select id, given_name || ' ' || family_name as name from app_user
     where practice_id = $1 and id = $2 and bookable and status in ('active', 'onboarding')"
}
platform::statement! {
    /// Active places, by name. Index: primary key.
    pub fn places(practice: PracticeId) -> many Place = "
    select id, name, time_zone from location where practice_id = $1 and active order by name, id limit 200"
}
platform::statement! {
    /// One active place. Index: primary key.
    pub fn place(practice: PracticeId, id: LocationId) -> maybe Place = "
    select id, name, time_zone from location where practice_id = $1 and id = $2 and active"
}
