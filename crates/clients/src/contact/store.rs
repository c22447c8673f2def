//! SQL of contact points. Index: client_contact_point_client, primary key.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{ClientId, ContactPointId, PracticeId, UserId};
use platform::statement;

use super::{ContactKind, ContactUse};

platform::row! {
    /// A contact point as stored.
    pub struct ContactRow {
        /// Its id.
        pub id: ContactPointId,
        /// Whose it is.
        pub client_id: ClientId,
        /// What kind of address it is.
        pub kind: ContactKind,
        /// What it is used for.
        pub usage: ContactUse,
        /// Phone, e-mail, or the address on one line.
        pub value: String,
        /// Street and number.
        pub address_line: Option<String>,
        /// City.
        pub city: Option<String>,
        /// State or province.
        pub state: Option<String>,
        /// ZIP or other postal code.
        pub postal_code: Option<String>,
        /// Country.
        pub country: Option<String>,
    }
}

statement! {
    /// Current contact points of clients, in their order. Index: client_contact_point_client.
    pub(crate) fn of_clients(practice: PracticeId, clients: &[ClientId]) -> many ContactRow = "
    select id, client_id, kind, use as usage, value, address_line, city, state, postal_code, country from client_contact_point
     where practice_id = $1 and client_id = any($2) and valid_to is null order by client_id, rank, id limit 5000"
}
statement! {
    /// Writes a contact point.
    pub(crate) fn insert(practice: PracticeId, id: ContactPointId, client: ClientId, kind: ContactKind, usage: ContactUse, value: &str, line: Option<&str>, city: Option<&str>, state: Option<&str>, postal_code: Option<&str>, country: Option<&str>, rank: i32, now: Timestamp, user: Option<UserId>) -> count = "
    insert into client_contact_point (practice_id, id, client_id, kind, use, value, address_line, city, state, postal_code, country, rank, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
}
statement! {
    /// Ends a contact point. Index: primary key.
    pub(crate) fn end(practice: PracticeId, client: ClientId, id: ContactPointId, today: Date) -> count = "
    update client_contact_point set valid_to = $4 where practice_id = $1 and client_id = $2 and id = $3 and valid_to is null"
}
