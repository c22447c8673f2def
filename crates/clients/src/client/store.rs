//! SQL of clients. Lists ride client_by_name or client_newest; one client the primary key.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{ClientId, PracticeId, UserId};
use platform::statement;

use super::{ClientRow, PaymentMode, Sex, Status};

statement! {
    /// One client with what the chart's head needs, and whether the user is on the team today. Index: primary key, assignment_client_newest.
    pub(crate) fn load(practice: PracticeId, id: ClientId, user: Option<UserId>, today: Date) -> maybe ClientRow = "
    select c.id, c.mrn, c.family, c.given, c.middle, c.suffix, c.preferred_name, c.previous_names, c.pronouns, c.birth_date, c.birth_date_estimated,
           c.deceased_at, c.sex_administrative, c.marital_status, c.languages, c.race, c.ethnicity, c.status, c.presenting_concern, c.payment_mode,
           c.version, c.created_at, c.updated_at,
           exists (select from assignment a where a.practice_id = $1 and a.client_id = $2 and a.user_id = $3
                    and a.valid_from <= $4 and (a.valid_to is null or a.valid_to > $4)) as is_assigned,
           (select k.name from assignment a join colleague k on k.practice_id = $1 and k.id = a.user_id
             where a.practice_id = $1 and a.client_id = $2 and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician,
           (select count(*) from allergy_intolerance i where i.practice_id = $1 and i.client_id = $2 and i.clinical_status = 'active') as active_allergies
      from client c where c.practice_id = $1 and c.id = $2"
}
statement! {
    /// Takes record numbers; gives the first of them. The counter's row makes registrations take turns until commit.
    pub(crate) fn take_numbers(practice: PracticeId, how_many: i64) -> one (i64,) = "
    insert into client_counter (practice_id, next_number) values ($1, $2::bigint + 1)
    on conflict (practice_id) do update set next_number = client_counter.next_number + $2
    returning next_number - $2"
}
statement! {
    /// Writes a new client.
    pub(crate) fn insert(practice: PracticeId, id: ClientId, mrn: &str, family: &str, given: &str, middle: Option<&str>, suffix: Option<&str>, preferred: Option<&str>, previous: &[String], pronouns: Option<&str>, birth_date: Option<Date>, estimated: bool, sex: Sex, marital: Option<&str>, languages: &[String], race: &[String], ethnicity: &[String], status: Status, concern: Option<&str>, payment: Option<PaymentMode>, now: Timestamp, user: Option<UserId>) -> count = "
    insert into client (practice_id, id, mrn, family, given, middle, suffix, preferred_name, previous_names, pronouns, birth_date, birth_date_estimated,
        sex_administrative, marital_status, languages, race, ethnicity, status, presenting_concern, payment_mode, created_at, created_by, updated_at, updated_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $21, $22)"
}
statement! {
    /// Changes a client where the version is still the one the edit began from. Index: primary key.
    pub(crate) fn update(practice: PracticeId, id: ClientId, version: i64, family: &str, given: &str, middle: Option<&str>, suffix: Option<&str>, preferred: Option<&str>, previous: &[String], pronouns: Option<&str>, birth_date: Option<Date>, estimated: bool, sex: Sex, marital: Option<&str>, languages: &[String], concern: Option<&str>, payment: Option<PaymentMode>, now: Timestamp, user: Option<UserId>) -> count = "
    update client set family = $4, given = $5, middle = $6, suffix = $7, preferred_name = $8, previous_names = $9, pronouns = $10, birth_date = $11,
        birth_date_estimated = $12, sex_administrative = $13, marital_status = $14, languages = $15, presenting_concern = $16, payment_mode = $17,
        version = version + 1, updated_at = $18, updated_by = $19
     where practice_id = $1 and id = $2 and version = $3"
}

platform::row! {
    /// A line of a list of clients.
    pub(crate) struct Line {
        pub id: ClientId,
        pub mrn: String,
        pub family: String,
        pub given: String,
        pub preferred_name: Option<String>,
        pub pronouns: Option<String>,
        pub birth_date: Option<Date>,
        pub status: Status,
        pub version: i64,
        pub created_at: Timestamp,
        pub sort_name: String,
        pub clinician: Option<String>,
    }
}

statement! {
    /// All clients by name, after a name. Index: client_by_name.
    pub(crate) fn by_name(practice: PracticeId, status: Option<Status>, after: &str, after_id: ClientId, limit: i64) -> many Line = "
    select c.id, c.mrn, c.family, c.given, c.preferred_name, c.pronouns, c.birth_date, c.status, c.version, c.created_at, c.sort_name,
           (select k.name from assignment a join colleague k on k.practice_id = $1 and k.id = a.user_id
             where a.practice_id = $1 and a.client_id = c.id and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician
      from client c
     where c.practice_id = $1 and (c.sort_name, c.id) > ($3, $4)
       and ($2::text is null and c.status not in ('entered_in_error', 'merged') or c.status = $2)
     order by c.sort_name, c.id limit $5"
}
statement! {
    /// All clients, newest first, before an instant. Index: client_newest.
    pub(crate) fn newest(practice: PracticeId, status: Option<Status>, before: Timestamp, before_id: ClientId, limit: i64) -> many Line = "
    select c.id, c.mrn, c.family, c.given, c.preferred_name, c.pronouns, c.birth_date, c.status, c.version, c.created_at, c.sort_name,
           (select k.name from assignment a join colleague k on k.practice_id = $1 and k.id = a.user_id
             where a.practice_id = $1 and a.client_id = c.id and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician
      from client c
     where c.practice_id = $1 and (c.created_at, c.id) < ($3, $4)
       and ($2::text is null and c.status not in ('entered_in_error', 'merged') or c.status = $2)
     order by c.created_at desc, c.id desc limit $5"
}
statement! {
    /// One's own clients by name, after a name. Index: assignment_user, then the primary key of each.
    pub(crate) fn mine_by_name(practice: PracticeId, status: Option<Status>, after: &str, after_id: ClientId, limit: i64, user: UserId, today: Date) -> many Line = "
    select c.id, c.mrn, c.family, c.given, c.preferred_name, c.pronouns, c.birth_date, c.status, c.version, c.created_at, c.sort_name,
           (select k.name from assignment a join colleague k on k.practice_id = $1 and k.id = a.user_id
             where a.practice_id = $1 and a.client_id = c.id and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician
      from (select distinct a.client_id from assignment a
             where a.practice_id = $1 and a.user_id = $6 and a.valid_from <= $7 and (a.valid_to is null or a.valid_to > $7)) mine
      join client c on c.practice_id = $1 and c.id = mine.client_id
     where (c.sort_name, c.id) > ($3, $4) and ($2::text is null and c.status not in ('entered_in_error', 'merged') or c.status = $2)
     order by c.sort_name, c.id limit $5"
}
statement! {
    /// One's own clients, newest first, before an instant. Index: assignment_user, then the primary key of each.
    pub(crate) fn mine_newest(practice: PracticeId, status: Option<Status>, before: Timestamp, before_id: ClientId, limit: i64, user: UserId, today: Date) -> many Line = "
    select c.id, c.mrn, c.family, c.given, c.preferred_name, c.pronouns, c.birth_date, c.status, c.version, c.created_at, c.sort_name,
           (select k.name from assignment a join colleague k on k.practice_id = $1 and k.id = a.user_id
             where a.practice_id = $1 and a.client_id = c.id and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician
      from (select distinct a.client_id from assignment a
             where a.practice_id = $1 and a.user_id = $6 and a.valid_from <= $7 and (a.valid_to is null or a.valid_to > $7)) mine
      join client c on c.practice_id = $1 and c.id = mine.client_id
     where (c.created_at, c.id) < ($3, $4) and ($2::text is null and c.status not in ('entered_in_error', 'merged') or c.status = $2)
     order by c.created_at desc, c.id desc limit $5"
}

platform::row! {
    /// A client that a new one may be.
    pub(crate) struct Candidate {
        pub id: ClientId,
        pub mrn: String,
        pub family: String,
        pub given: String,
        pub preferred_name: Option<String>,
        pub birth_date: Option<Date>,
        pub contacts: Vec<String>,
    }
}
statement! {
    /// Clients who share the birth date, a phone or an e-mail, or whose name is near. Index: client_birth_date, client_contact_point_value, client_search_tokens.
    pub(crate) fn candidates(practice: PracticeId, birth_date: Option<Date>, values: &[String], name: &str, today: Date) -> many Candidate = "
    select c.id, c.mrn, c.family, c.given, c.preferred_name, c.birth_date,
           array(select p.value from client_contact_point p where p.practice_id = $1 and p.client_id = c.id and p.valid_to is null and p.kind <> 'postal' order by p.id limit 20) as contacts
      from client c
     where c.practice_id = $1 and c.status not in ('entered_in_error', 'merged') and c.id in (
           (select b.id from client b where b.practice_id = $1 and b.birth_date = $2 limit 300)
           union (select p.client_id from client_contact_point p where p.practice_id = $1 and p.value = any($3) and p.valid_to is null and p.kind <> 'postal' limit 100)
           union (select f.client_id from client_search($4, 50, null, true, $5) f))
     order by c.id limit 450"
}
