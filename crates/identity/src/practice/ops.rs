//! What can be done with the practice's details.

use kernel::{Permission, Problems, text};
use platform::Tx;
use platform::events::{Event, publish};
use serde_json::json;

use super::{PracticeError, PracticeRow, postal_code, state, store};
use crate::Actor;
use crate::audit::{self, Action, Entry, Purpose};

/// The details as typed or sent; empty is none.
#[derive(Clone, Debug, Default)]
pub struct Typed<'a> {
    /// Legal name.
    pub name: &'a str,
    /// IANA time zone.
    pub time_zone: &'a str,
    /// Phone.
    pub phone: &'a str,
    /// Street.
    pub address_line: &'a str,
    /// City.
    pub city: &'a str,
    /// State.
    pub state: &'a str,
    /// ZIP code.
    pub postal_code: &'a str,
    /// NPI.
    pub npi: &'a str,
}

/// Where something is and how it is reached; shared by practice and location.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) zone: String,
    pub(crate) phone: Option<String>,
    pub(crate) address_line: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) postal_code: Option<String>,
}

impl Place {
    pub(crate) fn parse(typed: &Typed, problems: &mut Problems) -> Self {
        let given = |typed: &str| !typed.trim().is_empty();
        let zone = problems.keep("time_zone", text::time_zone(typed.time_zone));
        Self {
            zone: zone
                .and_then(|zone| zone.iana_name().map(str::to_owned))
                .unwrap_or_else(|| typed.time_zone.trim().to_owned()),
            phone: given(typed.phone)
                .then(|| problems.keep("phone", text::phone(typed.phone)))
                .flatten(),
            address_line: problems
                .keep("address_line", text::optional_line(typed.address_line, 200))
                .flatten(),
            city: problems.keep("city", text::optional_line(typed.city, 100)).flatten(),
            state: given(typed.state)
                .then(|| problems.keep("state", state(typed.state)))
                .flatten(),
            postal_code: given(typed.postal_code)
                .then(|| problems.keep("postal_code", postal_code(typed.postal_code)))
                .flatten(),
        }
    }
}

/// The practice's details.
///
/// # Errors
/// Rights; database.
pub async fn open(tx: &Tx, actor: &Actor) -> Result<PracticeRow, PracticeError> {
    actor.need(Permission::PracticeRead)?;
    let entry = Entry::new(Action::Read, "practice")
        .id(actor.practice.uuid())
        .purpose(Purpose::Administration);
    let (row, ()) = futures_util::try_join!(store::find(tx, actor.practice), audit::record(tx, actor, entry))?;
    Ok(row)
}

/// Changes the practice's details; gives the new version.
///
/// # Errors
/// [`PracticeError`].
pub async fn update(tx: &Tx, actor: &Actor, version: i64, typed: &Typed<'_>) -> Result<i64, PracticeError> {
    actor.need(Permission::PracticeManage)?;
    let mut problems = Problems::default();
    let name = problems.keep("name", text::line(typed.name, 200));
    let place = Place::parse(typed, &mut problems);
    let npi = if typed.npi.trim().is_empty() {
        None
    } else {
        problems.keep("npi", text::npi(typed.npi))
    };
    let (Some(name), true) = (name, problems.is_empty()) else {
        return Err(PracticeError::Invalid(problems));
    };
    let updated = store::update(
        tx,
        actor.practice,
        version,
        &name,
        &place.zone,
        place.phone.as_deref(),
        place.address_line.as_deref(),
        place.city.as_deref(),
        place.state.as_deref(),
        place.postal_code.as_deref(),
        npi.as_deref(),
        tx.now(),
    )
    .await?;
    if updated == 0 {
        return Err(PracticeError::Stale {
            current: store::find(tx, actor.practice).await?.version,
        });
    }
    let id = actor.practice.uuid();
    audit::record(
        tx,
        actor,
        Entry::new(Action::Update, "practice")
            .id(id)
            .purpose(Purpose::Administration),
    )
    .await?;
    publish(
        tx,
        Event {
            name: "identity.practice_changed",
            subject: id,
            client: None,
            actor: actor.user,
            facts: json!({}),
            topics: Vec::new(),
        },
    )
    .await?;
    Ok(version + 1)
}
