//! SQL of signing in.

use jiff::Timestamp;
use kernel::{AuditEventId, PracticeId, UserId};

platform::row! {
    pub(super) struct Account {
        pub(super) user_id: UserId,
        pub(super) status: String,
        pub(super) hash: Option<String>,
        pub(super) practice_name: String,
        pub(super) practice_status: String,
    }
}

platform::statement! {
    /// Practices that know an address; a look-up outside every practice that gives ids only. Index: app_user_email.
    pub(super) fn by_address(email: &str) -> many (PracticeId,) = "
    select practice_id from sign_in_practices($1) order by practice_id limit 20"
}
platform::statement! {
    /// The practice of a short name. Unique: practice_slug_unique.
    pub(super) fn by_slug(slug: &str) -> maybe (PracticeId, String) = "
    select practice_id, legal_name from practice_by_slug($1)"
}
platform::statement! {
    /// The account of an address in a practice. Unique: app_user_email_unique.
    pub(super) fn account(practice: PracticeId, email: &str) -> maybe Account = "
    select u.id as user_id, u.status, c.hash, p.legal_name as practice_name, p.status as practice_status
      from app_user u
      join practice p on p.practice_id = u.practice_id
      left join password_credential c on c.practice_id = u.practice_id and c.user_id = u.id
     where u.practice_id = $1 and u.email = $2"
}
platform::statement! {
    /// Attempts at one account take turns.
    pub(super) fn queue(account: i64) -> count = "
    select pg_advisory_xact_lock($1)"
}
platform::statement! {
    /// Failures since the last success, newest first. Index: sign_in_attempt_account.
    pub(super) fn failures(practice: PracticeId, account: &[u8], since: Timestamp) -> many (Timestamp,) = "
    select a.at from sign_in_attempt a
     where a.practice_id = $1 and a.account_hash = $2 and a.at > $3 and not a.succeeded
       and a.at > coalesce((select max(s.at) from sign_in_attempt s where s.practice_id = $1 and s.account_hash = $2 and s.succeeded), '-infinity')
     order by a.at desc, a.id desc limit 100"
}
platform::statement! {
    /// Failures from an address. Index: sign_in_attempt_address.
    pub(super) fn failures_from(practice: PracticeId, address: &str, since: Timestamp) -> one (i64,) = "
    select count(*) from sign_in_attempt where practice_id = $1 and address = $2 and at > $3 and not succeeded"
}
platform::statement! {
    /// Notes an attempt.
    pub(super) fn note(practice: PracticeId, id: AuditEventId, account: &[u8], address: &str, succeeded: bool, now: Timestamp) -> count = "
    insert into sign_in_attempt (practice_id, id, account_hash, address, succeeded, at) values ($1, $2, $3, $4, $5, $6)"
}
