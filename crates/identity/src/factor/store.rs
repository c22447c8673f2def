//! SQL of second factors.

use jiff::Timestamp;
use kernel::{AuthenticatorId, PracticeId, UserId};

platform::row! {
    pub(super) struct Totp {
        pub(super) id: AuthenticatorId,
        pub(super) seed: Vec<u8>,
        pub(super) last_step: Option<i64>,
    }
}

platform::statement! {
    /// How many authenticators are confirmed. Index: authenticator_user.
    pub(super) fn confirmed(practice: PracticeId, user: UserId) -> maybe (i64,) = "
    select count(*) from authenticator where practice_id = $1 and user_id = $2 and kind = 'totp' and confirmed_at is not null"
}
platform::statement! {
    /// The authenticator that waits for its first code. Index: authenticator_user.
    pub(super) fn waiting(practice: PracticeId, user: UserId) -> many Totp = "
    select id, seed, last_step from authenticator
     where practice_id = $1 and user_id = $2 and kind = 'totp' and confirmed_at is null order by created_at desc, id desc limit 1"
}
platform::statement! {
    /// Confirmed authenticators. Index: authenticator_user.
    pub(super) fn totps(practice: PracticeId, user: UserId) -> many Totp = "
    select id, seed, last_step from authenticator
     where practice_id = $1 and user_id = $2 and kind = 'totp' and confirmed_at is not null order by id limit 20"
}
platform::statement! {
    /// Keeps a new authenticator, not confirmed yet.
    pub(super) fn insert_totp(practice: PracticeId, id: AuthenticatorId, user: UserId, seed: &[u8], now: Timestamp) -> count = "
    insert into authenticator (practice_id, id, user_id, kind, label, seed, created_at) values ($1, $2, $3, 'totp', 'Authenticator app', $4, $5)"
}
platform::statement! {
    /// Confirms it, once.
    pub(super) fn confirm(practice: PracticeId, id: AuthenticatorId, step: i64, now: Timestamp) -> count = "
    update authenticator set confirmed_at = $4, used_at = $4, last_step = $3 where practice_id = $1 and id = $2 and confirmed_at is null"
}
platform::statement! {
    /// Accepts a step once: of two senders of the same code one finds it taken.
    pub(super) fn spend_step(practice: PracticeId, id: AuthenticatorId, step: i64, now: Timestamp) -> count = "
    update authenticator set last_step = $3, used_at = $4 where practice_id = $1 and id = $2 and (last_step is null or last_step < $3)"
}
platform::statement! {
    /// Spends a recovery code, once. Index: authenticator_recovery.
    pub(super) fn spend_code(practice: PracticeId, user: UserId, hash: &[u8], now: Timestamp) -> count = "
    update authenticator set used_at = $4
     where practice_id = $1 and user_id = $2 and code_hash = $3 and kind = 'recovery_code' and used_at is null"
}
platform::statement! {
    /// Recovery codes left. Index: authenticator_user.
    pub(super) fn codes_left(practice: PracticeId, user: UserId) -> maybe (i64,) = "
    select count(*) from authenticator where practice_id = $1 and user_id = $2 and kind = 'recovery_code' and used_at is null"
}
platform::statement! {
    /// Removes all recovery codes. Index: authenticator_user.
    pub(super) fn remove_codes(practice: PracticeId, user: UserId) -> count = "
    delete from authenticator where practice_id = $1 and user_id = $2 and kind = 'recovery_code'"
}
platform::statement! {
    /// Keeps a recovery code's hash.
    pub(super) fn insert_code(practice: PracticeId, id: AuthenticatorId, user: UserId, hash: &[u8], now: Timestamp) -> count = "
    insert into authenticator (practice_id, id, user_id, kind, label, code_hash, confirmed_at, created_at)
    values ($1, $2, $3, 'recovery_code', 'Recovery code', $4, $5, $5)"
}
