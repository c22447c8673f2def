//! SQL of links that open once.

use jiff::Timestamp;
use kernel::{EventId, PracticeId, UserId};

use crate::user::Status;

platform::row! {
    pub(super) struct Link {
        pub(super) user_id: UserId,
        pub(super) expires_at: Timestamp,
        pub(super) used_at: Option<Timestamp>,
        pub(super) replaced_at: Option<Timestamp>,
        pub(super) email: String,
        pub(super) given_name: String,
        pub(super) family_name: String,
        pub(super) status: Status,
        pub(super) practice_name: String,
    }
}

platform::statement! {
    /// Voids a user's open links. Index: one_time_token_user.
    pub(super) fn replace(practice: PracticeId, user: UserId, now: Timestamp) -> count = "
    update one_time_token set replaced_at = $3 where practice_id = $1 and user_id = $2 and used_at is null and replaced_at is null"
}
platform::statement! {
    /// Keeps a link's hash.
    pub(super) fn insert(practice: PracticeId, id: EventId, user: UserId, hash: &[u8], now: Timestamp, expires: Timestamp) -> count = "
    insert into one_time_token (practice_id, id, user_id, purpose, secret_hash, created_at, expires_at) values ($1, $2, $3, 'invitation', $4, $5, $6)"
}
platform::statement! {
    /// The link of a secret. Unique: one_time_token_secret_unique.
    pub(super) fn find(practice: PracticeId, hash: &[u8]) -> maybe Link = "
    select t.user_id, t.expires_at, t.used_at, t.replaced_at, u.email, u.given_name, u.family_name, u.status, p.legal_name as practice_name
      from one_time_token t
      join app_user u on u.practice_id = t.practice_id and u.id = t.user_id
      join practice p on p.practice_id = t.practice_id
     where t.practice_id = $1 and t.secret_hash = $2 and t.purpose = 'invitation'"
}
platform::statement! {
    /// Spends a link, once. Unique: one_time_token_secret_unique.
    pub(super) fn spend(practice: PracticeId, hash: &[u8], now: Timestamp) -> count = "
    update one_time_token set used_at = $3
     where practice_id = $1 and secret_hash = $2 and used_at is null and replaced_at is null and expires_at > $3"
}
