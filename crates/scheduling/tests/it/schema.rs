//! The statements of this room against the migrated schema.

use platform::statement;
use testkit::TestDb;

#[tokio::test]
async fn every_statement_of_scheduling_prepares_with_its_names_and_types() {
    let test = TestDb::new().await;
    let connection = test.application().await;
    let mut seen = 0;
    for registered in statement::all().filter(|registered| registered.module.starts_with("scheduling")) {
        let prepared = connection
            .prepare(registered.sql)
            .await
            .unwrap_or_else(|error| panic!("{}::{}: {error:?}", registered.module, registered.name));
        assert_eq!(
            prepared.params().len(),
            registered.parameters.len(),
            "{}",
            registered.name
        );
        for (kind, (name, accepts)) in prepared.params().iter().zip(registered.parameters) {
            assert!(
                accepts(kind),
                "{}: parameter {name} can't be sent as {kind}",
                registered.name
            );
        }
        assert_eq!(
            prepared.columns().len(),
            registered.columns.len(),
            "{}",
            registered.name
        );
        for (column, expected) in prepared.columns().iter().zip(registered.columns) {
            assert!(
                expected.name.is_empty() || expected.name == column.name(),
                "{}: {} is not {}",
                registered.name,
                column.name(),
                expected.name
            );
            assert!(
                (expected.accepts)(column.type_()),
                "{}: column {} can't be read from {}",
                registered.name,
                column.name(),
                column.type_()
            );
        }
        seen += 1;
    }
    assert!(seen > 15, "only {seen} statements were registered");
}
