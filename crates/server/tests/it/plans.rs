//! The hot statements ride their indexes, also under row-level security: no sequential scan of a large table, and
//! the practice always in the index condition, never in a filter behind it.

use serde_json::Value;
use testkit::TestDb;

/// A statement, and the index that must carry it.
struct Hot {
    module: &'static str,
    name: &'static str,
    index: &'static str,
}

const fn hot(module: &'static str, name: &'static str, index: &'static str) -> Hot {
    Hot { module, name, index }
}

const HOT: &[Hot] = &[
    hot("identity::web::ask", "find_session", "session_token_unique"),
    hot("identity::web::ask", "find_key", "api_key_secret_unique"),
    hot("clients::client::store", "by_name", "client_by_name"),
    hot("clients::client::store", "newest", "client_newest"),
    hot("clinical::note::store", "of_client", "clinical_note_client"),
    hot("clinical::note::store", "due", "note_due_clinician"),
    hot("clinical::history::store", "conditions", "condition_client"),
    hot("clinical::history::store", "observations", "observation_client"),
];

/// Two hundred practices of a hundred rows each: enough that a wrong index is dearer than the right one. Foreign keys and
/// triggers are off: the rows are there to be counted, not to be true.
const FILL: &str = "
    set session_replication_role = replica;
    create temp table p as select gen_random_uuid() as practice_id, i as n from generate_series(1, 200) i;
    create temp table r as select p.practice_id, gen_random_uuid() as id, gen_random_uuid() as other, i, now() - make_interval(hours => i) as at from p, generate_series(1, 100) i;
    insert into practice (practice_id, slug, legal_name, time_zone, created_at, updated_at) select practice_id, 'p-' || n || '-x', 'P', 'UTC', now(), now() from p;
    insert into app_user (practice_id, id, email, given_name, family_name, status, created_at, updated_at) select practice_id, id, id || '@example.test', 'G', 'F', 'active', at, at from r;
    insert into session (practice_id, id, token_hash, user_id, assurance, started_at, seen_at, ends_at) select practice_id, id, sha256(id::text::bytea), id, 2, at, now(), now() + interval '1 hour' from r;
    insert into api_key (practice_id, id, user_id, label, secret_hash, scopes, created_at, expires_at) select practice_id, id, id, 'k', sha256(id::text::bytea), '{*}', at, now() + interval '1 day' from r;
    insert into clinical_note (practice_id, id, client_id, author_id, appointment_id, note_type, format, status, service_start, service_end, modality, content, due_at, created_at, updated_at)
      select practice_id, id, (array_agg(id) over (partition by practice_id, i / 10))[1], other, id, 'progress_individual', 'soap', 'draft', at, at + interval '1 hour', 'video', '{}', at, at, at from r;
    insert into note_due (practice_id, appointment_id, client_id, clinician_id, service_start, due_at) select practice_id, id, id, (array_agg(id) over (partition by practice_id, i / 10))[1], at, at from r;
    insert into condition (practice_id, id, client_id, description, clinical_status, verification_status, source, created_at, updated_at)
      select practice_id, id, (array_agg(id) over (partition by practice_id, i / 10))[1], 'd', 'active', 'confirmed', 's', at, at from r;
    insert into observation (practice_id, id, client_id, category, description, value_text, components, status, effective_at, source, created_at)
      select practice_id, id, (array_agg(id) over (partition by practice_id, i / 10))[1], 'survey', 'd', 'v', '[]', 'final', at, 's', at from r;
    insert into client (practice_id, id, mrn, family, given, status, created_at, updated_at) select practice_id, id, i::text, 'F' || i, 'G', 'active', at, at from r;
    insert into user_role (practice_id, user_id, role, granted_at) select practice_id, id, 'clinician', at from r;
    insert into assignment (practice_id, id, client_id, user_id, role, valid_from, created_at) select practice_id, id, id, id, 'primary_clinician', current_date, at from r;
    set session_replication_role = default;
    analyze";

fn walk<'a>(plan: &'a Value, nodes: &mut Vec<&'a Value>) {
    nodes.push(plan);
    for child in plan["Plans"].as_array().into_iter().flatten() {
        walk(child, nodes);
    }
}

#[tokio::test]
async fn sch_84_hot_statements_ride_their_indexes() {
    let db = TestDb::new().await;
    db.superuser_sql(FILL).await;
    let practice: uuid::Uuid = db
        .superuser()
        .await
        .query_one("select practice_id from client limit 1", &[])
        .await
        .unwrap()
        .get(0);
    let client = db.application().await;
    client
        .batch_execute("set plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    client
        .batch_execute(&format!("begin; set local app.practice_id = '{practice}'"))
        .await
        .unwrap();
    let mut wrong = String::new();
    for hot in HOT {
        let statement = platform::statement::all()
            .find(|statement| statement.module == hot.module && statement.name == hot.name)
            .unwrap_or_else(|| panic!("{}::{} is gone", hot.module, hot.name));
        client
            .batch_execute(&format!("prepare hot as {}", statement.sql))
            .await
            .unwrap();
        let nulls = vec!["null"; statement.parameters.len()].join(", ");
        let rows = client
            .simple_query(&format!("explain (format json) execute hot({nulls})"))
            .await
            .unwrap();
        let row = rows.iter().find_map(|row| {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = row {
                row.get(0)
            } else {
                None
            }
        });
        let text = row.unwrap().to_owned();
        client.batch_execute("deallocate hot").await.unwrap();
        let plan: Value = serde_json::from_str(&text).unwrap();
        let mut nodes = Vec::new();
        walk(&plan[0]["Plan"], &mut nodes);
        let place = format!("{}::{}", hot.module, hot.name);
        let scanned: Vec<&str> = nodes
            .iter()
            .filter(|node| node["Node Type"] == "Seq Scan" && node["Relation Name"] != "practice")
            .filter_map(|node| node["Relation Name"].as_str())
            .collect();
        let riding = nodes.iter().find(|node| node["Index Name"] == hot.index);
        let condition = riding.and_then(|node| node["Index Cond"].as_str()).unwrap_or_default();
        if !scanned.is_empty() || !condition.contains("practice_id") {
            let used: Vec<&str> = nodes.iter().filter_map(|node| node["Index Name"].as_str()).collect();
            wrong.push_str(&format!(
                "{place}: wants {}, uses {used:?}, scans {scanned:?}, condition {condition:?}\n",
                hot.index
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
