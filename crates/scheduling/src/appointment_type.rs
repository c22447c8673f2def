//! Kinds of appointment: what a practice offers, how long it takes, how people meet for it.

use futures_util::future::try_join_all;
use identity::audit::{self, Action, Entry};
use identity::{AccessError, Actor};
use kernel::{AppointmentTypeId, Permission, PracticeId, Refusal};
use platform::{StoreError, Tx};

use crate::appointment::Modality;

platform::row! {
    /// A kind of appointment.
    pub struct AppointmentType {
        /// Its id.
        pub id: AppointmentTypeId,
        /// Its name.
        pub name: String,
        /// Length.
        pub minutes: i32,
        /// Minutes wanted free behind it.
        pub buffer_after_minutes: i32,
        /// Hue of the calendar, 0 to 7.
        pub colour: i16,
        /// How people may meet for it, the usual one first.
        pub modalities: Vec<Modality>,
        /// Usual CPT or HCPCS code.
        pub code: Option<String>,
        /// Whether it can be booked.
        pub active: bool,
        /// Counts changes.
        pub version: i64,
    }
}

impl AppointmentType {
    /// The modality proposed first.
    #[must_use]
    pub fn usual_modality(&self) -> Modality {
        self.modalities.first().copied().unwrap_or(Modality::InPerson)
    }
}

platform::statement! {
    /// What can be booked, in the practice's order. Index: appointment_type_name_unique.
    pub fn active(practice: PracticeId) -> many AppointmentType = "
    select id, name, minutes, buffer_after_minutes, colour, modalities, code, active, version from appointment_type
     where practice_id = $1 and active order by position, name, id limit 200"
}
platform::statement! {
    /// One type. Index: primary key.
    pub fn find(practice: PracticeId, id: AppointmentTypeId) -> maybe AppointmentType = "
    select id, name, minutes, buffer_after_minutes, colour, modalities, code, active, version from appointment_type
     where practice_id = $1 and id = $2"
}
platform::statement! {
    /// Adds a type unless the practice has one of that name. Unique: appointment_type_name_unique.
    fn insert(practice: PracticeId, id: AppointmentTypeId, name: &str, minutes: i32, buffer_after: i32, colour: i16, modalities: &[Modality], code: Option<&str>, position: i32, now: jiff::Timestamp) -> count = "
    insert into appointment_type (practice_id, id, name, minutes, buffer_after_minutes, colour, modalities, code, position, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (practice_id, name) do nothing"
}

/// Why types can't be read or set up.
#[derive(Debug, thiserror::Error)]
pub enum TypeError {
    /// No right.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error("appointment types could not be reached")]
    Store(#[from] StoreError),
}

impl From<&TypeError> for Refusal {
    fn from(error: &TypeError) -> Self {
        match error {
            TypeError::Access(error) => (*error).into(),
            TypeError::Store(error) => error.into(),
        }
    }
}

impl From<TypeError> for identity::web::Failure {
    fn from(error: TypeError) -> Self {
        match error {
            TypeError::Store(error) => error.into(),
            TypeError::Access(error) => error.into(),
        }
    }
}

use Modality::{AudioOnly, InPerson, Video};

/// Name, minutes, buffer, hue, modalities, code.
type Default = (&'static str, i32, i32, i16, &'static [Modality], Option<&'static str>);

/// What a new practice starts with.
const DEFAULTS: [Default; 6] = [
    ("Intake", 60, 0, 0, &[InPerson, Video], Some("90791")),
    (
        "Individual therapy",
        50,
        10,
        1,
        &[InPerson, Video, AudioOnly],
        Some("90834"),
    ),
    ("Family", 50, 10, 2, &[InPerson, Video], Some("90847")),
    ("Video session", 50, 10, 3, &[Video], Some("90834")),
    ("Medication", 25, 5, 4, &[InPerson, Video], Some("99213")),
    ("Consultation", 25, 5, 5, &[InPerson, Video, AudioOnly], None),
];

/// Gives a practice the usual types; those it has by name stay as they are.
///
/// # Errors
/// No right to settings; the database.
pub async fn seed_default_types(tx: &Tx, actor: &Actor) -> Result<(), TypeError> {
    actor.need(Permission::ScheduleSettings)?;
    let inserts = (0..)
        .zip(DEFAULTS)
        .map(|(position, (name, minutes, buffer, colour, modalities, code))| {
            insert(
                tx,
                tx.practice(),
                tx.id(),
                name,
                minutes,
                buffer,
                colour,
                modalities,
                code,
                position,
                tx.now(),
            )
        });
    let added: u64 = try_join_all(inserts).await?.into_iter().sum();
    if added > 0 {
        let entry = Entry::new(Action::Create, "appointment_type").detail(serde_json::json!({ "count": added }));
        audit::record(tx, actor, entry).await?;
    }
    Ok(())
}

/// The types that can be booked.
///
/// # Errors
/// No right to the schedule; the database.
pub async fn list(tx: &Tx, actor: &Actor) -> Result<Vec<AppointmentType>, TypeError> {
    actor.need(Permission::ScheduleRead)?;
    Ok(active(tx, tx.practice()).await?)
}
