//! SQL of the search: the function finds ids, this adds what a line shows.

use jiff::civil::Date;
use kernel::{ClientId, PracticeId, UserId};
use platform::statement;

use crate::client::Status;

platform::row! {
    /// A line of results.
    pub(super) struct FoundRow {
        pub id: ClientId,
        pub given: String,
        pub family: String,
        pub preferred_name: Option<String>,
        pub mrn: String,
        pub birth_date: Option<Date>,
        pub status: Status,
        pub clinician: Option<String>,
    }
}

statement! {
    /// Clients that a text may mean. Index: client_search_tokens within the function, then primary keys.
    pub(super) fn find(practice: PracticeId, query: &str, limit: i32, user: Option<UserId>, whole: bool, today: Date) -> many FoundRow = "
    select c.id, c.given, c.family, c.preferred_name, c.mrn, c.birth_date, c.status,
           (select k.name from assignment a join colleague k on k.practice_id = $1 and k.id = a.user_id
             where a.practice_id = $1 and a.client_id = c.id and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician
      from client_search($2, $3, $4, $5, $6) f
      join client c on c.practice_id = $1 and c.id = f.client_id
     order by f.place, c.id limit $3"
}
