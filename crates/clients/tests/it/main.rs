//! Clients against a real database, through the public functions.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop with its reason")]

use clients::*;
use jiff::civil::date;
use kernel::{ClientId, Permission, Role};
use testkit::TestDb;

fn john() -> NewClient {
    NewClient {
        who: Demographics {
            given: "John".into(),
            family: "Smith".into(),
            birth_date: Some(date(1986, 4, 12)),
            ..Demographics::default()
        },
        contacts: vec![
            NewContact::plain(ContactKind::Phone, ContactUse::Mobile, "+13125550142".into()),
            NewContact::plain(ContactKind::Email, ContactUse::Home, "john@example.test".into()),
        ],
        ..NewClient::default()
    }
}

async fn registered(test: &TestDb, actor: &identity::Actor, new: NewClient) -> ClientId {
    let tx = test.db.begin(actor.practice).await.unwrap();
    let done = register(&tx, actor, new).await.unwrap();
    tx.commit().await.unwrap();
    done
}

/// CLI-3.
#[tokio::test]
async fn cli_3_record_numbers_are_unique_under_concurrent_registration() {
    let test = TestDb::new().await;
    let desk = test.actor(Role::FrontDesk).await;
    let one = |index: usize| {
        let (test, desk) = (&test, &desk);
        async move {
            let who = Demographics {
                given: format!("Given{index}"),
                family: format!("Family{index}"),
                birth_date: Some(date(1990, 1, 1)),
                ..Demographics::default()
            };
            registered(
                test,
                desk,
                NewClient {
                    who,
                    is_different_person: true,
                    ..NewClient::default()
                },
            )
            .await
        }
    };
    futures_util::future::join_all((0..20).map(one)).await;
    let rows = test
        .superuser()
        .await
        .query("select mrn from client order by mrn", &[])
        .await
        .unwrap();
    let numbers: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        numbers,
        (1..=20).map(|number| format!("{number:06}")).collect::<Vec<_>>()
    );
}

/// CLI-80, walk-through 20.
#[tokio::test]
async fn cli_80_search_finds_by_everything_and_forgives_one_slip() {
    let test = TestDb::new().await;
    let desk = test.actor(Role::FrontDesk).await;
    let id = registered(&test, &desk, john()).await;
    let other = Demographics {
        given: "Zoë".into(),
        family: "O’Brien-Müller".into(),
        birth_date: Some(date(1970, 1, 2)),
        ..Demographics::default()
    };
    let zoe = registered(
        &test,
        &desk,
        NewClient {
            who: other,
            ..NewClient::default()
        },
    )
    .await;
    let first = async |query: &str| {
        let tx = test.db.begin(test.practice).await.unwrap();
        search(&tx, &desk, query, 10)
            .await
            .unwrap()
            .first()
            .map(|found| found.id)
    };
    for query in [
        "smyth",
        "0142",
        "04/12/1986",
        "smiht",
        "1986-04-12",
        "(312) 555-0142",
        "312 555 0142",
        "John Smith",
        "smith john",
        "jon smith",
        "sm",
        "000001",
        "1",
        "JOHN@example.test",
        "smith 4/12/1986",
        "smith 0142",
    ] {
        let expected = if query == "1" { None } else { Some(id) };
        assert_eq!(first(query).await, expected, "{query}");
    }
    for query in ["obrien", "O'Brien", "muller", "Müller", "zoe", "o'brien muller zoe"] {
        assert_eq!(first(query).await, Some(zoe), "{query}");
    }
    for query in [
        "",
        "  ",
        "'",
        "%",
        "xyzzy",
        "smith zoe",
        "'; drop table client --",
        "04/13/1986",
    ] {
        assert_eq!(first(query).await, None, "{query}");
    }
}

/// CLI-53: out of reach looks like unknown, in charts, searches and other practices.
#[tokio::test]
async fn cli_53_nobody_reaches_a_chart_that_is_not_theirs() {
    let test = TestDb::new().await;
    let (desk, mine, stranger) = (
        test.actor(Role::FrontDesk).await,
        test.actor(Role::Clinician).await,
        test.actor(Role::Clinician).await,
    );
    let id = registered(
        &test,
        &desk,
        NewClient {
            clinician: mine.user,
            ..john()
        },
    )
    .await;
    let other = test.other_practice().await;
    let foreigner = test.actor_in(other, &[Role::Owner]).await;
    for (actor, may) in [(&desk, true), (&mine, true), (&stranger, false), (&foreigner, false)] {
        let tx = test.db.begin(actor.practice).await.unwrap();
        assert_eq!(
            open_chart(&tx, actor, id, Permission::ClientRead).await.is_ok(),
            may,
            "{:?}",
            actor.roles
        );
        assert_eq!(
            !search(&tx, actor, "smith", 10).await.unwrap().is_empty(),
            may,
            "{:?}",
            actor.roles
        );
        assert_eq!(
            directory::patients(&tx, actor, &directory::PatientFilter::default(), 10)
                .await
                .unwrap()
                .len(),
            usize::from(may)
        );
    }
    let tx = test.db.begin(test.practice).await.unwrap();
    assert!(matches!(
        open_chart(&tx, &desk, id, Permission::ClinicalRead).await,
        Err(ChartError::Access(identity::AccessError::Missing(_)))
    ));
}

/// CLI, walk-through 4 and 18.
#[tokio::test]
async fn cli_20_a_likely_duplicate_needs_a_word_and_a_stale_edit_overwrites_nothing() {
    let test = TestDb::new().await;
    let desk = test.actor(Role::FrontDesk).await;
    let id = registered(&test, &desk, john()).await;
    let tx = test.db.begin(test.practice).await.unwrap();
    assert!(matches!(register(&tx, &desk, john()).await, Err(RegisterError::Likely(likely)) if likely[0].id == id));
    drop(tx);
    registered(
        &test,
        &desk,
        NewClient {
            is_different_person: true,
            ..john()
        },
    )
    .await;
    let tx = test.db.begin(test.practice).await.unwrap();
    let changed = Demographics {
        family: "Smythe".into(),
        ..john().who
    };
    let chart = update_demographics(&tx, &desk, id, 1, &changed).await.unwrap();
    assert_eq!((chart.version(), chart.legal_name().as_str()), (2, "John Smythe"));
    assert!(matches!(
        update_demographics(&tx, &desk, id, 1, &john().who).await,
        Err(EditError::Stale { current: 2 })
    ));
    assert_eq!(search(&tx, &desk, "smythe", 10).await.unwrap()[0].id, id);
}

/// CLI, walk-through 18: exactly one primary clinician.
#[tokio::test]
async fn cli_18_a_new_primary_clinician_takes_the_place_of_the_one_before() {
    let test = TestDb::new().await;
    let (desk, a, b) = (
        test.actor(Role::FrontDesk).await,
        test.actor(Role::Clinician).await,
        test.actor(Role::Clinician).await,
    );
    let id = registered(
        &test,
        &desk,
        NewClient {
            clinician: a.user,
            ..john()
        },
    )
    .await;
    let tx = test.db.begin(test.practice).await.unwrap();
    let new = NewAssignment {
        user: b.user.unwrap(),
        role: TeamRole::PrimaryClinician,
        from: date(2026, 3, 2),
        reason: None,
    };
    assign(&tx, &desk, id, &new).await.unwrap();
    assert!(matches!(assign(&tx, &desk, id, &new).await, Err(AssignError::Already)));
    assert!(open_chart(&tx, &a, id, Permission::ClientRead).await.is_err());
    assert!(open_chart(&tx, &b, id, Permission::ClientRead).await.is_ok());
    let nobody = NewAssignment {
        user: desk.user.unwrap(),
        ..new
    };
    assert!(matches!(
        assign(&tx, &desk, id, &nobody).await,
        Err(AssignError::NotTreating)
    ));
}

/// INT: a second import changes nothing.
#[tokio::test]
async fn int_a_second_import_changes_nothing() {
    let test = TestDb::new().await;
    let owner = test.actor(Role::Owner).await;
    let key = |value: &str| ExternalKey::new("urn:test", value);
    let client = ImportedClient {
        source: key("p1"),
        identifiers: vec![key("mrn-7")],
        who: Demographics {
            previous_names: vec!["Doe".into(), "Roe, Jr".into()],
            ..john().who
        },
        contacts: john().contacts,
        ..ImportedClient::default()
    };
    let provider = ImportedProvider {
        source: key("d1"),
        identifiers: vec![ExternalKey::new("npi", "1234567893")],
        family: "House".into(),
        given: "Greg".into(),
        active: true,
        ..ImportedProvider::default()
    };
    let again = ImportedProvider {
        source: key("d2"),
        ..provider.clone()
    };
    for created in [true, false] {
        let tx = test.db.begin(test.practice).await.unwrap();
        let clients = import_clients(&tx, &owner, &[client.clone(), client.clone()])
            .await
            .unwrap();
        assert_eq!(
            (clients[0].created, clients[1].created, clients[0].id == clients[1].id),
            (created, false, true)
        );
        let id = clients[0].id;
        let allergy = ImportedAllergy {
            source: key("a1"),
            title: "Peanut".into(),
            categories: vec!["food".into()],
            ..ImportedAllergy::default()
        };
        assert_eq!(add_allergy(&tx, &owner, id, &allergy).await.unwrap().created, created);
        let coverage = ImportedCoverage {
            source: key("c1"),
            payer: "Payer A".into(),
            status: "active".into(),
            place: Some(1),
            ..ImportedCoverage::default()
        };
        assert_eq!(add_coverage(&tx, &owner, id, &coverage).await.unwrap().created, created);
        let providers = add_external_providers(&tx, &owner, &[provider.clone(), again.clone()])
            .await
            .unwrap();
        assert_eq!(
            (
                providers[0].created,
                providers[1].created,
                providers[0].id == providers[1].id
            ),
            (created, false, true)
        );
        let kept = |value: &str| KeptResource {
            source: key(value),
            resource_type: "Claim".into(),
            client: Some(id),
            category: Category::Billing,
            title: "Claim".into(),
            detail: None,
            status: None,
            happened_at: None,
            content: "{ \"resourceType\":  \"Claim\" }".into(),
            import: None,
        };
        let resources = keep_resources(&tx, &owner, &[kept("k1"), kept("k2")]).await.unwrap();
        assert!(resources.iter().all(|one| one.created == created));
        assert_eq!(
            identify(&tx, "client", "urn:test", "mrn-7").await.unwrap(),
            Some(id.uuid())
        );
        assert_eq!(search(&tx, &owner, "roe", 10).await.unwrap()[0].id, id);
        tx.commit().await.unwrap();
    }
    let root = test.superuser().await;
    let row = root.query_one("select (select count(*) from client), (select count(*) from allergy_intolerance), (select count(*) from coverage), (select count(*) from external_provider), (select count(*) from external_resource), (select content from external_resource limit 1)", &[]).await.unwrap();
    assert_eq!(
        (0..5).map(|index| row.get::<_, i64>(index)).collect::<Vec<_>>(),
        [1, 1, 1, 1, 2]
    );
    assert_eq!(row.get::<_, String>(5), "{ \"resourceType\":  \"Claim\" }");
}
