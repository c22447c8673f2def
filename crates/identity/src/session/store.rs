//! SQL of sessions.

use jiff::Timestamp;
use kernel::{PracticeId, SessionId, UserId};

platform::row! {
    /// A live session, as its user sees it.
    pub struct SessionRow {
        /// Its id.
        pub id: SessionId,
        /// When it began.
        pub started_at: Timestamp,
        /// When it was last used, to the minute.
        pub seen_at: Timestamp,
        /// When it ends at the latest.
        pub ends_at: Timestamp,
        /// Where it was begun from.
        pub address: Option<String>,
        /// What the browser calls itself.
        pub agent: Option<String>,
    }
}

platform::statement! {
    /// Starts a session that has shown a password.
    pub(crate) fn insert(practice: PracticeId, id: SessionId, hash: &[u8], user: UserId, now: Timestamp, ends: Timestamp, address: Option<&str>, agent: Option<&str>) -> count = "
    insert into session (practice_id, id, token_hash, user_id, assurance, started_at, seen_at, ends_at, address, agent)
    values ($1, $2, $3, $4, 1, $5, $5, $6, $7, $8)"
}
platform::statement! {
    /// Raises a session to two factors, with a new token.
    pub(crate) fn raise(practice: PracticeId, id: SessionId, hash: &[u8], now: Timestamp, ends: Timestamp) -> count = "
    update session set token_hash = $3, assurance = 2, seen_at = $4, proven_at = $4, ends_at = $5
     where practice_id = $1 and id = $2 and ended_at is null"
}
platform::statement! {
    /// Ends the sessions that are too many, the least recently used first. Index: session_of_user.
    pub(crate) fn end_beyond(practice: PracticeId, user: UserId, now: Timestamp, except: SessionId, keep: i64) -> count = "
    update session set ended_at = $3, end_reason = 'too_many'
     where practice_id = $1 and user_id = $2 and ended_at is null
       and id in (select s.id from session s where s.practice_id = $1 and s.user_id = $2 and s.ended_at is null and s.assurance = 2 and s.id <> $4
                   order by s.seen_at desc, s.id desc offset $5)"
}
platform::statement! {
    /// Ends one.
    pub(crate) fn end(practice: PracticeId, user: UserId, id: SessionId, now: Timestamp, reason: &str) -> count = "
    update session set ended_at = $4, end_reason = $5 where practice_id = $1 and user_id = $2 and id = $3 and ended_at is null"
}
platform::statement! {
    /// Ends all but one. Index: session_of_user.
    pub(crate) fn end_all(practice: PracticeId, user: UserId, except: Option<SessionId>, now: Timestamp, reason: &str) -> count = "
    update session set ended_at = $4, end_reason = $5
     where practice_id = $1 and user_id = $2 and ended_at is null and id is distinct from $3"
}
platform::statement! {
    /// Live sessions, latest used first. Index: session_of_user.
    pub(crate) fn list(practice: PracticeId, user: UserId, now: Timestamp, idle_since: Timestamp) -> many SessionRow = "
    select id, started_at, seen_at, ends_at, address, agent from session
     where practice_id = $1 and user_id = $2 and ended_at is null and assurance = 2 and ends_at > $3 and seen_at > $4
     order by seen_at desc, id desc limit 100"
}
platform::statement! {
    /// Counts a wrong code; gives how many there were.
    pub(crate) fn count_wrong_code(practice: PracticeId, id: SessionId) -> maybe (i16,) = "
    update session set factor_tries = factor_tries + 1 where practice_id = $1 and id = $2 and ended_at is null returning factor_tries"
}
