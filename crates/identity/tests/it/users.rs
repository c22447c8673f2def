//! Users: who may do what to whom, and the last owner.

use identity::user::ops::{self, Details};
use identity::user::{Status, UserError};
use identity::{Actor, NewAccount, NewPractice, OpenError};
use kernel::Role;
use testkit::TestDb;

fn details(email: &str, roles: &[Role]) -> Details {
    Details {
        email: email.to_owned(),
        given_name: "Ána".to_owned(),
        family_name: "O'Brien <b>".to_owned(),
        credentials: None,
        npi: None,
        phone: None,
        bookable: false,
        roles: roles.to_vec(),
    }
}

/// IAM-11, IAM-12: the life of an account that is never used, and of one that is.
#[tokio::test]
async fn iam_11_accounts_are_created_changed_suspended_and_removed() {
    let db = TestDb::new().await;
    let owner = db.actor(Role::Owner).await;
    let tx = db.db.begin(db.practice).await.unwrap();
    let id = ops::create(&db.app, &tx, &owner, &details("ana@example.test", &[Role::Clinician]))
        .await
        .unwrap();
    let row = ops::open(&tx, &owner, id).await.unwrap();
    assert_eq!(
        (row.status, row.version, row.roles.as_slice()),
        (Status::Invited, 1, [Role::Clinician].as_slice())
    );
    assert_eq!(platform::mail::outbox(&tx, db.practice).await.unwrap().len(), 1);
    let version = ops::update(&tx, &owner, id, 1, &details("ana@example.test", &[Role::Supervisor]))
        .await
        .unwrap();
    assert!(matches!(
        ops::update(&tx, &owner, id, 1, &details("x@example.test", &[Role::Clinician])).await,
        Err(UserError::Stale { current: 2 })
    ));
    assert_eq!(version, 2);
    ops::delete(&tx, &owner, id).await.unwrap();
    assert!(matches!(ops::open(&tx, &owner, id).await, Err(UserError::Access(_))));
    tx.commit().await.unwrap();

    let colleague = db.actor(Role::Clinician).await.user.unwrap();
    let tx = db.db.begin(db.practice).await.unwrap();
    assert!(matches!(
        ops::suspend(&tx, &owner, colleague, " ").await,
        Err(UserError::Invalid(_))
    ));
    ops::suspend(&tx, &owner, colleague, "on leave").await.unwrap();
    assert!(matches!(
        ops::suspend(&tx, &owner, colleague, "again").await,
        Err(UserError::State(Status::Suspended))
    ));
    assert!(matches!(
        ops::delete(&tx, &owner, colleague).await,
        Err(UserError::Kept)
    ));
    ops::reactivate(&tx, &owner, colleague, "back").await.unwrap();
    assert!(matches!(
        ops::suspend(&tx, &owner, owner.user.unwrap(), "me").await,
        Err(UserError::Oneself)
    ));
    tx.commit().await.unwrap();
}

/// A taken address is a conflict on the field, in this practice only.
#[tokio::test]
async fn iam_11_an_address_is_taken_once_per_practice() {
    let db = TestDb::new().await;
    let owner = db.actor(Role::Owner).await;
    let create = async |practice, actor: &Actor| {
        let tx = db.db.begin(practice).await.unwrap();
        let result = ops::create(&db.app, &tx, actor, &details("same@example.test", &[Role::Biller])).await;
        if result.is_ok() {
            tx.commit().await.unwrap();
        }
        result
    };
    create(db.practice, &owner).await.unwrap();
    assert!(matches!(create(db.practice, &owner).await, Err(UserError::EmailTaken)));
    let other = db.other_practice().await;
    let stranger = db.actor_in(other, &[Role::Owner]).await;
    create(other, &stranger).await.unwrap();
}

/// IAM-32: two owners who suspend each other at once leave one.
#[tokio::test(flavor = "multi_thread")]
async fn iam_32_the_last_active_owner_stays() {
    let db = TestDb::new().await;
    let (a, b) = (db.actor(Role::Owner).await, db.actor(Role::Owner).await);
    let suspend = async |actor: &Actor, id| {
        let tx = db.db.begin(db.practice).await.unwrap();
        let result = ops::suspend(&tx, actor, id, "race").await;
        if result.is_ok() {
            tx.commit().await.unwrap();
        }
        result
    };
    let (first, second) = tokio::join!(suspend(&a, b.user.unwrap()), suspend(&b, a.user.unwrap()));
    assert!(first.is_ok() ^ second.is_ok(), "{first:?} {second:?}");
    let left = if first.is_ok() { &a } else { &b };
    let tx = db.db.begin(db.practice).await.unwrap();
    let version = ops::open(&tx, left, left.user.unwrap()).await.unwrap().version;
    let demoted = ops::update(
        &tx,
        left,
        left.user.unwrap(),
        version,
        &details("left@example.test", &[Role::Clinician, Role::Owner]),
    )
    .await;
    assert!(demoted.is_ok(), "{demoted:?}");
    let demoted = ops::update(
        &tx,
        left,
        left.user.unwrap(),
        version + 1,
        &details("left@example.test", &[Role::Clinician]),
    )
    .await;
    assert!(matches!(demoted, Err(UserError::LastOwner)), "{demoted:?}");
}

/// Another practice's user does not exist here.
#[tokio::test]
async fn iam_22_another_practices_user_is_not_found() {
    let db = TestDb::new().await;
    let owner = db.actor(Role::Owner).await;
    let other = db.other_practice().await;
    let foreign = db.actor_in(other, &[Role::Clinician]).await.user.unwrap();
    let tx = db.db.begin(db.practice).await.unwrap();
    assert!(matches!(
        ops::open(&tx, &owner, foreign).await,
        Err(UserError::Access(_))
    ));
    assert!(matches!(
        ops::suspend(&tx, &owner, foreign, "x").await,
        Err(UserError::Access(_))
    ));
}

/// IAM-1: a practice opens whole or not at all.
#[tokio::test]
async fn iam_1_a_practice_is_opened_with_its_owner_or_not_at_all() {
    let db = TestDb::new().await;
    let new = |slug: &str, password: &str| NewPractice {
        slug: slug.to_owned(),
        name: "Quiet Oak".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        owner_email: "own@example.test".to_owned(),
        owner_password: password.to_owned(),
        is_demo: false,
    };
    assert!(matches!(
        identity::open_practice(&db.app, new("quiet-oak", "quietoak1234")).await,
        Err(OpenError::Invalid(_))
    ));
    let opened = identity::open_practice(&db.app, new("quiet-oak", "lantern violet 7 river"))
        .await
        .unwrap();
    assert!(matches!(
        identity::open_practice(&db.app, new("quiet-oak", "lantern violet 7 river")).await,
        Err(OpenError::SlugTaken)
    ));
    let tx = db.db.begin(opened.practice).await.unwrap();
    assert_eq!(
        identity::find_account(&tx, "OWN@example.test").await.unwrap(),
        Some(opened.owner)
    );
    tx.commit().await.unwrap();
    let account = NewAccount {
        email: "desk@example.test".to_owned(),
        given_name: "Dana".to_owned(),
        family_name: "Quill".to_owned(),
        credentials: None,
        roles: vec![Role::FrontDesk],
        bookable: false,
        password: "amber kettle 9 orchard".to_owned(),
        with_totp: true,
    };
    let house = Actor::house(opened.practice, "test", jiff::tz::TimeZone::UTC);
    let made = identity::create_account(&db.app, opened.practice, &house, account)
        .await
        .unwrap();
    assert_eq!(made.totp_secret.map(|secret| secret.len()), Some(32));
    let tx = db.db.begin(opened.practice).await.unwrap();
    assert_eq!(identity::list_accounts(&tx).await.unwrap().len(), 2);
    let key = identity::create_key(&tx, &house, made.user, "test", &["client.read".to_owned()], 30)
        .await
        .unwrap();
    assert!(key.starts_with("msk_"));
    assert!(
        identity::create_key(&tx, &house, made.user, "test", &["note.sign".to_owned()], 30)
            .await
            .is_err()
    );
}
