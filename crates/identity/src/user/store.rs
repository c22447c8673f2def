//! SQL of users.

use jiff::Timestamp;
use kernel::{PracticeId, Role, UserId};

use super::Status;

platform::row! {
    /// A user with their roles.
    pub struct UserRow {
        /// Id.
        pub id: UserId,
        /// E-mail address, folded.
        pub email: String,
        /// Given name.
        pub given_name: String,
        /// Family name.
        pub family_name: String,
        /// Letters behind the name.
        pub credentials: Option<String>,
        /// National Provider Identifier.
        pub npi: Option<String>,
        /// Phone, E.164.
        pub phone: Option<String>,
        /// State.
        pub status: Status,
        /// Why the state is what it is.
        pub status_reason: Option<String>,
        /// Whether appointments can be made with this person.
        pub bookable: bool,
        /// Latest sign-in.
        pub last_sign_in: Option<Timestamp>,
        /// Version.
        pub version: i64,
        /// When it was created.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
        /// Roles held.
        pub roles: Vec<Role>,
    }
}

impl UserRow {
    /// Given and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

platform::row! {
    /// A colleague, as everybody sees them.
    pub struct DirectoryRow {
        /// Id.
        pub id: UserId,
        /// Given and family name.
        pub name: String,
        /// Letters behind the name.
        pub credentials: Option<String>,
        /// Roles held.
        pub roles: Vec<Role>,
    }
}

platform::statement! {
    /// One user. Primary key.
    pub(crate) fn find(practice: PracticeId, id: UserId) -> maybe UserRow = "
    select u.id, u.email, u.given_name, u.family_name, u.credentials, u.npi, u.phone, u.status, u.status_reason, u.bookable, u.last_sign_in,
           u.version, u.created_at, u.updated_at,
           coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = $1 and r.user_id = u.id), '{}') as roles
      from app_user u where u.practice_id = $1 and u.id = $2"
}
platform::statement! {
    /// Users by family name, after a place, filtered; `own` limits to one. Key: practice_id.
    pub(crate) fn list(practice: PracticeId, own: Option<UserId>, role: Option<Role>, status: Option<Status>, words: &str, family: Option<&str>, given: Option<&str>, id: Option<UserId>, limit: i64) -> many UserRow = "
    select u.id, u.email, u.given_name, u.family_name, u.credentials, u.npi, u.phone, u.status, u.status_reason, u.bookable, u.last_sign_in,
           u.version, u.created_at, u.updated_at,
           coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = $1 and r.user_id = u.id), '{}') as roles
      from app_user u
     where u.practice_id = $1
       and ($2::uuid is null or u.id = $2)
       and ($3::text is null or exists (select from user_role r where r.practice_id = $1 and r.user_id = u.id and r.role = $3))
       and ($4::text is null or u.status = $4)
       and ($5 = '' or position(lower($5) in lower(u.given_name || ' ' || u.family_name || ' ' || u.email)) > 0)
       and ($6::text is null or (u.family_name, u.given_name, u.id) > ($6, $7::text, $8::uuid))
     order by u.family_name, u.given_name, u.id limit $9"
}
platform::statement! {
    /// Active colleagues by name. Key: practice_id.
    pub(crate) fn directory(practice: PracticeId) -> many DirectoryRow = "
    select u.id, u.given_name || ' ' || u.family_name as name, u.credentials,
           coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = $1 and r.user_id = u.id), '{}') as roles
      from app_user u where u.practice_id = $1 and u.status = 'active' order by u.family_name, u.given_name, u.id limit 1000"
}
platform::statement! {
    /// The user of an address. Unique: app_user_email_unique.
    pub(crate) fn by_email(practice: PracticeId, email: &str) -> maybe (UserId,) = "
    select id from app_user where practice_id = $1 and email = $2"
}
platform::statement! {
    /// A user's address.
    pub(crate) fn email(practice: PracticeId, id: UserId) -> one (String,) = "
    select email from app_user where practice_id = $1 and id = $2"
}
platform::statement! {
    /// Creates a user.
    pub(crate) fn insert(practice: PracticeId, id: UserId, email: &str, given: &str, family: &str, credentials: Option<&str>, npi: Option<&str>, phone: Option<&str>, status: Status, bookable: bool, now: Timestamp) -> count = "
    insert into app_user (practice_id, id, email, given_name, family_name, credentials, npi, phone, status, bookable, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)"
}
platform::statement! {
    /// Changes a user whose version is still the one that was read.
    pub(crate) fn update(practice: PracticeId, id: UserId, version: i64, email: &str, given: &str, family: &str, credentials: Option<&str>, npi: Option<&str>, phone: Option<&str>, bookable: bool, now: Timestamp) -> count = "
    update app_user set email = $4, given_name = $5, family_name = $6, credentials = $7, npi = $8, phone = $9, bookable = $10, version = version + 1, updated_at = $11
     where practice_id = $1 and id = $2 and version = $3"
}
platform::statement! {
    /// Changes the state.
    pub(crate) fn set_status(practice: PracticeId, id: UserId, status: Status, reason: &str, now: Timestamp) -> count = "
    update app_user set status = $3, status_reason = $4, version = version + 1, updated_at = $5 where practice_id = $1 and id = $2"
}
platform::statement! {
    /// Ends setting up.
    pub(crate) fn onboarded(practice: PracticeId, id: UserId, now: Timestamp) -> count = "
    update app_user set status = 'active', last_sign_in = $3 where practice_id = $1 and id = $2 and status in ('onboarding', 'active')"
}
platform::statement! {
    /// Notes a sign-in.
    pub(crate) fn signed_in(practice: PracticeId, id: UserId, now: Timestamp) -> count = "
    update app_user set last_sign_in = $3 where practice_id = $1 and id = $2"
}
platform::statement! {
    /// Gives roles.
    pub(crate) fn insert_roles(practice: PracticeId, id: UserId, roles: &[Role], now: Timestamp, by: Option<UserId>) -> count = "
    insert into user_role (practice_id, user_id, role, granted_at, granted_by)
    select $1, $2, role, $4, $5 from unnest($3::text[]) as given (role) on conflict (practice_id, user_id, role) do nothing"
}
platform::statement! {
    /// Takes all roles but these.
    pub(crate) fn delete_roles(practice: PracticeId, id: UserId, keep: &[Role]) -> count = "
    delete from user_role where practice_id = $1 and user_id = $2 and role <> all($3::text[])"
}
platform::statement! {
    /// Changes of who owns the practice take turns.
    pub(crate) fn queue_owners(key: i64) -> count = "
    select pg_advisory_xact_lock(7305425, ($1::bigint % 2147483647)::int)"
}
platform::statement! {
    /// Other active owners. Primary key of user_role.
    pub(crate) fn other_owners(practice: PracticeId, but: UserId) -> one (i64,) = "
    select count(*) from user_role r join app_user u on u.practice_id = r.practice_id and u.id = r.user_id
     where r.practice_id = $1 and r.role = 'owner' and r.user_id <> $2 and u.status = 'active'"
}
platform::statement! {
    /// Removes an invited user's links.
    pub(crate) fn delete_links(practice: PracticeId, id: UserId) -> count = "
    delete from one_time_token where practice_id = $1 and user_id = $2"
}
platform::statement! {
    /// Removes a user who never came in; a trigger refuses others.
    pub(crate) fn delete(practice: PracticeId, id: UserId) -> count = "
    delete from app_user where practice_id = $1 and id = $2"
}
platform::statement! {
    /// A user's password.
    pub(crate) fn password(practice: PracticeId, id: UserId) -> maybe (String,) = "
    select hash from password_credential where practice_id = $1 and user_id = $2"
}
platform::statement! {
    /// Keeps a user's password.
    pub(crate) fn set_password(practice: PracticeId, id: UserId, hash: &str, now: Timestamp) -> count = "
    insert into password_credential (practice_id, user_id, hash, set_at) values ($1, $2, $3, $4)
    on conflict (practice_id, user_id) do update set hash = excluded.hash, set_at = excluded.set_at"
}
