//! What can be done with locations.

use kernel::{LocationId, Permission, Problems, text};
use platform::{StoreError, Tx};

use super::{LocationRow, PLACES_OF_SERVICE, store};
use crate::audit::{self, Action, Entry, Purpose};
use crate::practice::PracticeError;
use crate::practice::ops::{Place, Typed};
use crate::{AccessError, Actor};

/// A location as typed or sent.
#[derive(Clone, Debug, Default)]
pub struct TypedLocation<'a> {
    /// Name, place, phone.
    pub place: Typed<'a>,
    /// CMS place-of-service code.
    pub place_of_service: &'a str,
    /// Whether it is in use.
    pub active: bool,
}

struct Checked {
    name: String,
    place: Place,
    code: String,
}

fn parse(typed: &TypedLocation) -> Result<Checked, PracticeError> {
    let mut problems = Problems::default();
    let name = problems.keep("name", text::line(typed.place.name, 100));
    let place = Place::parse(&typed.place, &mut problems);
    let code = typed.place_of_service.trim();
    if !PLACES_OF_SERVICE.iter().any(|(known, _)| *known == code) {
        problems.add(
            "place_of_service",
            "unknown",
            "Please choose a place of service from the list.",
        );
    }
    match name {
        Some(name) if problems.is_empty() => Ok(Checked {
            name,
            place,
            code: code.to_owned(),
        }),
        _ => Err(PracticeError::Invalid(problems)),
    }
}

fn taken(error: StoreError) -> PracticeError {
    if error.is_constraint("location_name_unique") {
        PracticeError::NameTaken
    } else {
        error.into()
    }
}

fn entry(action: Action, id: LocationId) -> Entry {
    Entry::new(action, "location")
        .id(id.uuid())
        .purpose(Purpose::Administration)
}

/// Locations by name.
///
/// # Errors
/// Rights; database.
pub async fn list(
    tx: &Tx,
    actor: &Actor,
    after: Option<&(String, LocationId)>,
    limit: i64,
) -> Result<Vec<LocationRow>, PracticeError> {
    actor.need(Permission::PracticeRead)?;
    Ok(store::list(
        tx,
        actor.practice,
        after.map(|(name, _)| name.as_str()),
        after.map(|(_, id)| *id),
        limit,
    )
    .await?)
}

/// One location.
///
/// # Errors
/// Rights; hidden; database.
pub async fn open(tx: &Tx, actor: &Actor, id: LocationId) -> Result<LocationRow, PracticeError> {
    actor.need(Permission::PracticeRead)?;
    Ok(store::find(tx, actor.practice, id).await?.ok_or(AccessError::Hidden)?)
}

/// Adds a location.
///
/// # Errors
/// [`PracticeError`].
pub async fn create(tx: &Tx, actor: &Actor, typed: &TypedLocation<'_>) -> Result<LocationId, PracticeError> {
    actor.need(Permission::PracticeManage)?;
    let Checked { name, place, code } = parse(typed)?;
    let id: LocationId = tx.id();
    let inserted = store::insert(
        tx,
        actor.practice,
        id,
        &name,
        &place.zone,
        place.phone.as_deref(),
        place.address_line.as_deref(),
        place.city.as_deref(),
        place.state.as_deref(),
        place.postal_code.as_deref(),
        &code,
        tx.now(),
    );
    inserted.await.map_err(taken)?;
    audit::record(tx, actor, entry(Action::Create, id)).await?;
    Ok(id)
}

/// Changes a location; gives the new version.
///
/// # Errors
/// [`PracticeError`].
pub async fn update(
    tx: &Tx,
    actor: &Actor,
    id: LocationId,
    version: i64,
    typed: &TypedLocation<'_>,
) -> Result<i64, PracticeError> {
    actor.need(Permission::PracticeManage)?;
    let before = store::find(tx, actor.practice, id).await?.ok_or(AccessError::Hidden)?;
    let Checked { name, place, code } = parse(typed)?;
    let updated = store::update(
        tx,
        actor.practice,
        id,
        version,
        &name,
        &place.zone,
        place.phone.as_deref(),
        place.address_line.as_deref(),
        place.city.as_deref(),
        place.state.as_deref(),
        place.postal_code.as_deref(),
        &code,
        typed.active,
        tx.now(),
    );
    if updated.await.map_err(taken)? == 0 {
        return Err(PracticeError::Stale {
            current: store::find(tx, actor.practice, id)
                .await?
                .map_or(before.version, |row| row.version),
        });
    }
    audit::record(tx, actor, entry(Action::Update, id)).await?;
    Ok(version + 1)
}
