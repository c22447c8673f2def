//! SQL of assignments. Index: assignment_client_newest, assignment_one_primary, primary key.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AssignmentId, ClientId, PracticeId, UserId};
use platform::statement;

use super::TeamRole;

platform::row! {
    /// A colleague who can be on a team.
    pub struct Colleague {
        /// The user.
        pub id: UserId,
        /// The name.
        pub name: String,
        /// Letters behind the name.
        pub credentials: Option<String>,
    }
}
platform::row! {
    /// An assignment as stored.
    pub(crate) struct AssignmentRow {
        pub id: AssignmentId,
        pub user_id: UserId,
        pub name: String,
        pub credentials: Option<String>,
        pub role: TeamRole,
        pub valid_from: Date,
        pub valid_to: Option<Date>,
        pub reason: Option<String>,
        pub created_at: Timestamp,
        pub ended_at: Option<Timestamp>,
    }
}

statement! {
    /// Active colleagues who treat, by name.
    pub(crate) fn treating(practice: PracticeId) -> many Colleague = "
    select k.id, k.name, k.credentials from colleague k where k.practice_id = $1 and k.is_active and k.treats order by k.family_name, k.given_name, k.id limit 2000"
}
statement! {
    /// Whether a user is active and treats. Index: primary key of app_user.
    pub(crate) fn does_treat(practice: PracticeId, user: UserId) -> one (bool,) = "
    select exists (select from colleague k where k.practice_id = $1 and k.id = $2 and k.is_active and k.treats)"
}
statement! {
    /// Everybody who is or was on a client's team, current ones and the primary first. Index: assignment_client_newest.
    pub(crate) fn of_client(practice: PracticeId, client: ClientId) -> many AssignmentRow = "
    select a.id, a.user_id, k.name, k.credentials, a.role, a.valid_from, a.valid_to, a.reason, a.created_at, a.ended_at
      from assignment a join colleague k on k.practice_id = a.practice_id and k.id = a.user_id
     where a.practice_id = $1 and a.client_id = $2
     order by a.valid_to is not null, a.role <> 'primary_clinician', a.valid_from desc, a.id limit 500"
}
statement! {
    /// Puts somebody on a client's team.
    pub(crate) fn insert(practice: PracticeId, id: AssignmentId, client: ClientId, user: UserId, role: TeamRole, from: Date, reason: Option<&str>, now: Timestamp, by: Option<UserId>) -> count = "
    insert into assignment (practice_id, id, client_id, user_id, role, valid_from, reason, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
}
statement! {
    /// Ends an assignment on a day; one that had not begun ends on its first day. Index: primary key.
    pub(crate) fn end(practice: PracticeId, client: ClientId, id: AssignmentId, day: Date, now: Timestamp, by: Option<UserId>) -> count = "
    update assignment set valid_to = greatest(valid_from, $4), ended_at = $5, ended_by = $6
     where practice_id = $1 and client_id = $2 and id = $3 and valid_to is null"
}
statement! {
    /// Ends the current primary clinician's assignment, if there is one. Index: assignment_one_primary.
    pub(crate) fn end_primary(practice: PracticeId, client: ClientId, day: Date, now: Timestamp, by: Option<UserId>) -> count = "
    update assignment set valid_to = greatest(valid_from, $3), ended_at = $4, ended_by = $5
     where practice_id = $1 and client_id = $2 and role = 'primary_clinician' and valid_to is null"
}
