//! SQL of keys for programs.

use jiff::Timestamp;
use kernel::{ApiKeyId, PracticeId, UserId};

platform::row! {
    /// A key, without its secret.
    pub struct KeyRow {
        /// Id.
        pub id: ApiKeyId,
        /// What it is for.
        pub label: String,
        /// Permission words, or `*`.
        pub scopes: Vec<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// When it was last used, to the minute.
        pub used_at: Option<Timestamp>,
    }
}

platform::statement! {
    /// Keeps a key's hash.
    pub(super) fn insert(practice: PracticeId, id: ApiKeyId, user: UserId, label: &str, hash: &[u8], scopes: &[String], now: Timestamp, expires: Timestamp) -> count = "
    insert into api_key (practice_id, id, user_id, label, secret_hash, scopes, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)"
}
platform::statement! {
    /// A user's living keys, newest first. Index: api_key_user.
    pub(super) fn of_user(practice: PracticeId, user: UserId, now: Timestamp) -> many KeyRow = "
    select id, label, scopes, created_at, expires_at, used_at from api_key
     where practice_id = $1 and user_id = $2 and revoked_at is null and expires_at > $3 order by created_at desc, id desc limit 100"
}
platform::statement! {
    /// Revokes a user's key.
    pub(super) fn revoke_one(practice: PracticeId, user: UserId, id: ApiKeyId, now: Timestamp) -> count = "
    update api_key set revoked_at = $4 where practice_id = $1 and user_id = $2 and id = $3 and revoked_at is null"
}
