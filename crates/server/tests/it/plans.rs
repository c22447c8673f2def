//! The hot statements ride their indexes, also under row-level security: no sequential scan, no filter where an
//! index condition is meant.

use serde_json::Value;
use testkit::TestDb;

/// Statement, parameters as SQL literals, index that must carry it.
struct Hot {
    module: &'static str,
    name: &'static str,
    index: &'static str,
}

const HOT: &[Hot] = &[
    Hot { module: "identity::web::ask", name: "find_session", index: "session_token_unique" },
    Hot { module: "identity::web::ask", name: "find_key", index: "api_key_secret_unique" },
    Hot { module: "clinical::note::store", name: "of_client", index: "clinical_note_client" },
    Hot { module: "clinical::note::store", name: "due", index: "note_due_clinician" },
    Hot { module: "clinical::history::store", name: "conditions", index: "condition_client" },
    Hot { module: "clinical::history::store", name: "observations", index: "observation_client" },
];

fn walk<'a>(plan: &'a Value, nodes: &mut Vec<&'a Value>) {
    nodes.push(plan);
    for child in plan["Plans"].as_array().into_iter().flatten() {
        walk(child, nodes);
    }
}

#[tokio::test]
async fn sch_84_hot_statements_ride_their_indexes() {
    let db = TestDb::new().await;
    let client = db.application().await;
    // With empty tables every plan is cheap; this asks only whether the index can carry the condition at all.
    client.batch_execute("set enable_seqscan = off; set enable_bitmapscan = off; set plan_cache_mode = force_generic_plan").await.unwrap();
    client.batch_execute(&format!("begin; set local app.practice_id = '{}'", db.practice)).await.unwrap();
    for hot in HOT {
        let statement = platform::statement::all()
            .find(|statement| statement.module == hot.module && statement.name == hot.name)
            .unwrap_or_else(|| panic!("{}::{} is gone", hot.module, hot.name));
        let prepared = format!("prepare hot as {}", statement.sql);
        client.batch_execute(&prepared).await.unwrap();
        let nulls = vec!["null"; statement.parameters.len()].join(", ");
        let rows = client.simple_query(&format!("explain (format json) execute hot({nulls})")).await.unwrap();
        let text = rows.iter().find_map(|row| if let tokio_postgres::SimpleQueryMessage::Row(row) = row { row.get(0).map(str::to_owned) } else { None }).unwrap();
        client.batch_execute("deallocate hot").await.unwrap();
        let plan: Value = serde_json::from_str(&text).unwrap();
        let mut nodes = Vec::new();
        walk(&plan[0]["Plan"], &mut nodes);
        let place = format!("{}::{}", hot.module, hot.name);
        assert!(nodes.iter().all(|node| node["Node Type"] != "Seq Scan"), "{place} scans a table: {text}");
        let riding = nodes.iter().find(|node| node["Index Name"] == hot.index).unwrap_or_else(|| panic!("{place} does not use {}: {text}", hot.index));
        let condition = riding["Index Cond"].as_str().unwrap_or_default();
        assert!(condition.contains("practice_id"), "{place}: {condition}");
    }
}
