//! Finding clients by whatever is known of them, within the asker's reach. The work is the database's (V0023).

pub mod pages;
mod store;

use futures_util::try_join;
use identity::Actor;
use identity::audit::{self, Action, Entry, Purpose};
use jiff::civil::Date;
use kernel::{ClientId, Permission};
use platform::Tx;
use serde_json::json;

use crate::chart::ChartError;
use crate::client::{Status, spoken_name};

/// A client that a text may mean.
#[derive(Clone, Debug)]
pub struct Found {
    /// The client.
    pub id: ClientId,
    /// The name the person is spoken to by.
    pub name: String,
    /// The record number.
    pub mrn: String,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Where the client stands.
    pub status: Status,
    /// The primary clinician's name.
    pub clinician: Option<String>,
}

/// Clients that the text may mean, best first: by any name with one typo, part of a name, record number, phone,
/// e-mail or birth date (CLI-80). The text itself is not audited, since it is PHI.
///
/// # Errors
/// No right to see clients, or the database.
pub async fn search(tx: &Tx, actor: &Actor, query: &str, limit: i32) -> Result<Vec<Found>, ChartError> {
    let whole = crate::is_whole(actor.need(Permission::ClientRead)?);
    let query = query.trim();
    if query.chars().count() < 2 && query.is_ascii() {
        return Ok(Vec::new());
    }
    let (limit, today) = (limit.clamp(1, 200), actor.today(tx.now()));
    let entry = Entry::new(Action::Search, "client")
        .purpose(Purpose::Treatment)
        .detail(json!({ "letters": query.chars().count() }));
    let (rows, ()) = try_join!(
        store::find(tx, tx.practice(), query, limit, actor.user, whole, today),
        audit::record(tx, actor, entry)
    )?;
    let found = |row: store::FoundRow| Found {
        id: row.id,
        name: spoken_name(row.preferred_name.as_deref(), &row.given, &row.family),
        mrn: row.mrn,
        birth_date: row.birth_date,
        status: row.status,
        clinician: row.clinician,
    };
    Ok(rows.into_iter().map(found).collect())
}
