//! Every SQL statement of the program, prepared against the migrated schema as the application's role.

use std::fmt::Write;

use platform::statement::{Gives, Registered};
use testkit::TestDb;

/// A wrong table, column, type or right in any statement fails here, never before a person.
#[tokio::test]
async fn every_statement_prepares_and_its_types_fit() {
    let db = TestDb::new().await;
    let client = db.application().await;
    let mut wrong = String::new();
    let mut seen = 0;
    for statement in platform::statement::all() {
        seen += 1;
        match client.prepare(statement.sql).await {
            Ok(prepared) => compare(statement, &prepared, &mut wrong),
            Err(error) => {
                let text = error
                    .as_db_error()
                    .map_or_else(|| error.to_string(), |refused| refused.message().to_owned());
                writeln!(wrong, "{}::{}: {text}", statement.module, statement.name).unwrap();
            }
        }
    }
    assert!(
        seen > 100,
        "only {seen} statements are registered; are all rooms linked?"
    );
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn compare(statement: &Registered, prepared: &tokio_postgres::Statement, wrong: &mut String) {
    let place = format!("{}::{}", statement.module, statement.name);
    let (wanted, given) = (prepared.params().len(), statement.parameters.len());
    if wanted != given {
        writeln!(wrong, "{place}: takes {wanted} parameters, is given {given}").unwrap();
    }
    for ((name, accepts), kind) in statement.parameters.iter().zip(prepared.params()) {
        if !accepts(kind) {
            writeln!(wrong, "{place}: parameter {name} can't be sent as {kind}").unwrap();
        }
    }
    if statement.gives == Gives::Count {
        return;
    }
    let (have, want) = (prepared.columns().len(), statement.columns.len());
    if have != want {
        writeln!(wrong, "{place}: gives {have} columns, {want} are read").unwrap();
    }
    for (column, expected) in prepared.columns().iter().zip(statement.columns) {
        if !expected.name.is_empty() && expected.name != column.name() {
            writeln!(wrong, "{place}: column {} is read as {}", column.name(), expected.name).unwrap();
        }
        if !(expected.accepts)(column.type_()) {
            writeln!(
                wrong,
                "{place}: column {} of type {} can't be read",
                column.name(),
                column.type_()
            )
            .unwrap();
        }
    }
}

/// Statements name their practice first and lists are limited (style 3.5).
#[tokio::test]
async fn every_statement_names_its_practice_and_every_list_ends() {
    let mut wrong = String::new();
    for statement in platform::statement::all() {
        let place = format!("{}::{}", statement.module, statement.name);
        let sql = statement.sql.to_lowercase();
        let touches_tables = sql.contains(" from ") || sql.contains("insert into") || sql.contains("update ");
        let outside = OUTSIDE.iter().any(|function| sql.contains(function));
        if touches_tables && !outside && !sql.contains("practice_id = $1") && !sql.contains("practice_id,") {
            writeln!(wrong, "{place}: does not name its practice first").unwrap();
        }
        if statement.gives == Gives::Many && !outside && !sql.contains("limit ") && !sql.contains("returning") {
            writeln!(wrong, "{place}: a list without a limit").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Functions that are meant to look past the practice, or filter by it themselves.
const OUTSIDE: &[&str] = &[
    "job_claim(",
    "sign_in_practices(",
    "practice_by_slug(",
    "practice_open(",
    "audit_practices_pending(",
    "client_search(",
    "busy_between(",
    "pg_notify(",
    "pg_advisory",
    "unnest(",
];

/// Every table is isolated by practice, on its owner too, and carries a comment.
#[tokio::test]
async fn every_table_is_isolated_and_explained() {
    let db = TestDb::new().await;
    let rows = db
        .superuser()
        .await
        .query(
            "select c.relname::text, c.relrowsecurity and c.relforcerowsecurity, obj_description(c.oid) is not null,
                    exists (select from pg_policy p where p.polrelid = c.oid),
                    (select string_agg(distinct privilege_type, ',') from information_schema.role_table_grants g
                      where g.grantee = 'mentalspace_app' and g.table_name = c.relname)
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = 'public' and c.relkind = 'r' and c.relname <> 'refinery_schema_history' order by 1",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.len() > 20, "the schema is there");
    for row in rows {
        let table: String = row.get(0);
        // Search looks past the policy in a function of its own that filters by practice; nobody else is let in.
        let is_closed = table == "client_search" && row.get::<_, Option<String>>(4).is_none();
        assert!(
            is_closed || row.get::<_, bool>(1),
            "{table}: row-level security is on and forced"
        );
        assert!(row.get::<_, bool>(2), "{table}: has a comment");
        assert!(row.get::<_, bool>(3), "{table}: has a policy");
        let grants: String = row.get::<_, Option<String>>(4).unwrap_or_default();
        assert!(
            !grants.contains("TRUNCATE") && !grants.contains("TRIGGER"),
            "{table}: {grants}"
        );
    }
}

/// IAM-63, DOC-59: what must never change can't be changed by the application's role at all.
#[tokio::test]
async fn doc_59_insert_only_tables_refuse_changes() {
    let db = TestDb::new().await;
    let client = db.application().await;
    for table in [
        "audit_event",
        "audit_link",
        "note_version",
        "signature",
        "note_draft_save",
        "event",
        "appointment_change",
    ] {
        for command in [
            format!("update {table} set practice_id = practice_id"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ] {
            let error = client.batch_execute(&command).await.expect_err(&command);
            assert_eq!(
                error.code(),
                Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE),
                "{command}"
            );
        }
    }
    let error = client
        .batch_execute("insert into resource_claim default values")
        .await
        .expect_err("claims are written by triggers");
    assert_eq!(
        error.code(),
        Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE)
    );
}
