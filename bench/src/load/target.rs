//! What the requests are about: clinicians, clients, visits and days of one practice, drawn evenly and the same in each
//! run on the same data.

use tokio_postgres::Client;

use crate::BenchError;

/// Names that may stand in braces in a workload file.
pub(super) const NAMES: [&str; 11] = [
    "practice",
    "owner",
    "key_hash",
    "clinician",
    "client",
    "name",
    "appointment",
    "day",
    "earliest",
    "from",
    "until",
];

/// One visit and the day around it, as text for each of [`NAMES`].
pub(super) struct Target {
    values: [String; NAMES.len()],
}

// The name has its third letter left out, as a typing error would, and only letters that need no escape in a path.
// `earliest` is `from` less the longest visit, as the server asks.
const CHOOSE: &str = "
    select a.practice_id::text, o.user_id::text, coalesce(k.hash, ''), a.clinician_id::text, a.client_id::text,
           overlay((regexp_match(lower(unaccent(c.family)), '[a-z]{2,}'))[1] placing '' from 3 for 1),
           a.id::text, to_char(a.local_start, 'YYYY-MM-DD'),
           to_char((day.starts - interval '12 hours') at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
           to_char(day.starts at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
           to_char(day.ends at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
      from practice p
      join appointment a on a.practice_id = p.practice_id
      join client c on c.practice_id = a.practice_id and c.id = a.client_id
      cross join lateral (select a.local_start::date::timestamp at time zone p.time_zone as starts,
                                 (a.local_start::date + 1)::timestamp at time zone p.time_zone as ends) day
      cross join lateral (select r.user_id from user_role r
                           where r.practice_id = p.practice_id and r.role = 'owner' order by r.user_id limit 1) o
      left join lateral (select encode(y.secret_hash, 'hex') as hash from api_key y
                          where y.practice_id = p.practice_id and y.user_id = o.user_id and y.revoked_at is null
                          order by y.created_at desc, y.id desc limit 1) k on true
     where p.slug = $1
     order by hashtextextended(a.id::text, 0), a.id limit $2";

/// Draws visits of a practice.
pub(super) async fn choose(client: &Client, slug: &str, count: u16) -> Result<Vec<Target>, BenchError> {
    let rows = client.query(CHOOSE, &[&slug, &i64::from(count)]).await?;
    if rows.is_empty() {
        return Err(BenchError::Refused(format!(
            "no practice {slug} with appointments; run `bench generate` first"
        )));
    }
    rows.iter()
        .map(|row| {
            let mut values: [String; NAMES.len()] = Default::default();
            for (place, value) in values.iter_mut().enumerate() {
                *value = row.try_get(place)?;
            }
            Ok(Target { values })
        })
        .collect()
}

impl Target {
    /// Puts the values into a path.
    pub(super) fn fill_path(&self, template: &str) -> String {
        self.fill(template, str::to_owned)
    }

    /// Puts the values into a script of pgbench, which would take the colons of an instant for variables.
    pub(super) fn fill_script(&self, template: &str) -> String {
        self.fill(template, |value| {
            if value.ends_with('Z') {
                value.replace(['-', ':'], "")
            } else {
                value.to_owned()
            }
        })
    }

    fn fill(&self, template: &str, write: impl Fn(&str) -> String) -> String {
        NAMES
            .iter()
            .zip(&self.values)
            .fold(template.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), &write(value))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn instants_carry_no_colons_into_pgbench() {
        let mut target = Target {
            values: Default::default(),
        };
        target.values[3] = "c".to_owned();
        target.values[4] = "l".to_owned();
        target.values[7] = "2026-02-24".to_owned();
        target.values[9] = "2026-02-24T05:00:00Z".to_owned();
        assert_eq!(
            target.fill_path("/x?from={from}&day={day}"),
            "/x?from=2026-02-24T05:00:00Z&day=2026-02-24"
        );
        assert_eq!(
            target.fill_script("select '{from}', '{day}', '{client}'"),
            "select '20260224T050000Z', '2026-02-24', 'l'"
        );
    }
}
