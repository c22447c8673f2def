//! The audit log: nothing is forgotten, and what is altered is named.

use identity::audit::chain::{self, Verdict};
use identity::audit::{self, Action, Entry};
use kernel::Role;
use testkit::TestDb;

async fn write(db: &TestDb, count: usize) {
    let actor = db.actor(Role::Owner).await;
    for _ in 0..count {
        let tx = db.db.begin(db.practice).await.unwrap();
        audit::record(&tx, &actor, Entry::new(Action::Read, "practice"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

async fn verify(db: &TestDb) -> Verdict {
    let tx = db.db.begin(db.practice).await.unwrap();
    chain::verify(&tx).await.unwrap()
}

/// IAM-64.
#[tokio::test]
async fn iam_64_verification_names_the_first_altered_missing_or_unlinked_event() {
    let db = TestDb::new().await;
    write(&db, 7).await;
    chain::link_all(&db.db).await.unwrap();
    assert_eq!(verify(&db).await, Verdict::Intact { last: 7 });

    let at = |sequence| format!("(select event_id from audit_link where sequence = {sequence})");
    db.superuser_sql(&format!(
        "update audit_event set address = '6.6.6.6' where id = {}",
        at(4)
    ))
    .await;
    assert!(matches!(verify(&db).await, Verdict::Broken { sequence: 4, .. }));
    db.superuser_sql(&format!("update audit_event set address = null where id = {}", at(4)))
        .await;
    assert_eq!(verify(&db).await, Verdict::Intact { last: 7 });

    db.superuser_sql(&format!(
        "create table stolen as select * from audit_event where id = {0}; delete from audit_event where id = {0}",
        at(5)
    ))
    .await;
    assert!(matches!(verify(&db).await, Verdict::Broken { sequence: 5, .. }));
    db.superuser_sql("insert into audit_event select * from stolen; delete from audit_pending")
        .await;
    assert_eq!(verify(&db).await, Verdict::Intact { last: 7 });

    db.superuser_sql("update audit_link set sequence = 20 where sequence = 6")
        .await;
    assert!(matches!(verify(&db).await, Verdict::Broken { sequence: 6, .. }));
    db.superuser_sql("delete from audit_link where sequence = 20; delete from audit_link where sequence = 7")
        .await;
    db.advance(jiff::SignedDuration::from_mins(5));
    assert!(matches!(verify(&db).await, Verdict::Broken { sequence: 6, .. }));
}

/// IAM-62: linkers that meet do not make two chains.
#[tokio::test(flavor = "multi_thread")]
async fn iam_64_linkers_that_meet_make_one_chain() {
    let db = TestDb::new().await;
    write(&db, 20).await;
    let rounds = (0..8).map(|_| chain::link_all(&db.db));
    futures_util::future::try_join_all(rounds).await.unwrap();
    chain::link_all(&db.db).await.unwrap();
    assert_eq!(verify(&db).await, Verdict::Intact { last: 20 });
}

/// The application's own role can't rewrite the log.
#[tokio::test]
async fn iam_63_the_application_may_only_add_to_the_log() {
    let db = TestDb::new().await;
    write(&db, 1).await;
    let client = db.application().await;
    client
        .batch_execute(&format!("set app.practice_id = '{}'", db.practice))
        .await
        .unwrap();
    for sql in [
        "update audit_event set address = '1.1.1.1'",
        "delete from audit_event",
        "update audit_link set sequence = 9",
        "delete from audit_link",
    ] {
        let error = client.batch_execute(sql).await.expect_err(sql);
        assert_eq!(error.code().map(|code| code.code()), Some("42501"), "{sql}");
    }
}
