//! Giving an hour away, once.

use kernel::{Refusal, Role};
use scheduling::{BookError, Cancellation, CancellationReason, CancelledBy, Move, SlotSearch, Start, Status};

use crate::desk::{Desk, at};

/// Tuesday 3 March 2026, 10:00 in New York.
const TEN: &str = "2026-03-03T15:00:00Z";
const ELEVEN: &str = "2026-03-03T16:00:00Z";

/// SCH-11: fifty people press "Book" for one hour of one clinician at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sch_11_fifty_bookings_of_one_hour_have_one_winner() {
    let desk = Desk::open().await;
    let mut wishes = Vec::new();
    for number in 0..50 {
        wishes.push(desk.wish(desk.client(&format!("Client {number}"), false).await, TEN));
    }
    let tries = wishes.iter().map(|wish| desk.book(&desk.front, wish));
    let (mut won, mut lost) = (0, 0);
    for outcome in futures_util::future::join_all(tries).await {
        match outcome {
            Ok(_) => won += 1,
            Err(BookError::Taken(taken)) => {
                assert_eq!(taken.next_free.len(), 3);
                assert!(taken.by.is_some());
                lost += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((won, lost), (1, 49));
    assert_eq!(desk.count("select count(*) from appointment").await, 1);
    assert_eq!(desk.count("select count(*) from resource_claim").await, 2);
}

/// SCH-11: the same client with two clinicians at once.
#[tokio::test]
async fn sch_11_a_client_is_in_one_place_at_a_time() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let other = desk.test.actor(Role::Clinician).await;
    desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let mut second = desk.wish(client, "2026-03-03T15:30:00Z");
    second.clinician = other.user.unwrap();
    let Err(BookError::Taken(taken)) = desk.book(&desk.front, &second).await else {
        panic!("booked twice")
    };
    assert!(taken.is_client);
}

/// SCH-11: whatever code writes them.
#[tokio::test]
async fn sch_11_the_database_itself_refuses_and_claims_are_not_the_applications_to_write() {
    let desk = Desk::open().await;
    let (first, second) = (desk.client("Ada", true).await, desk.client("Ben", true).await);
    desk.book(&desk.front, &desk.wish(first, TEN)).await.unwrap();
    let raw = desk.test.superuser().await;
    let sql = format!(
        "insert into appointment (practice_id, id, type_id, client_id, clinician_id, starts_at, ends_at, time_zone, local_start, modality, created_at, updated_at)
         select practice_id, gen_random_uuid(), type_id, '{second}', clinician_id, starts_at + interval '20 minutes', ends_at, time_zone, local_start, modality, now(), now() from appointment"
    );
    let refused = raw.batch_execute(&sql).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("resource_claim_free"));
    let application = desk.test.application().await;
    application
        .batch_execute(&format!("set app.practice_id = '{}'", desk.test.practice))
        .await
        .unwrap();
    for sql in [
        "delete from resource_claim",
        "update resource_claim set lane = 2",
        "delete from appointment",
        "update appointment_change set action = 'x'",
    ] {
        let refused = application.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{sql}");
    }
}

/// SCH, Bad input: who holds the hour and the three nearest free starts.
#[tokio::test]
async fn sch_11_a_lost_hour_names_its_holder_and_what_is_free() {
    let desk = Desk::open().await;
    let (first, second) = (desk.client("Ada", true).await, desk.client("Ben", true).await);
    let held = desk.book(&desk.front, &desk.wish(first, TEN)).await.unwrap();
    let Err(BookError::Taken(taken)) = desk.book(&desk.front, &desk.wish(second, TEN)).await else {
        panic!("booked twice")
    };
    assert_eq!(taken.by.as_ref().map(|by| by.id), Some(held.id));
    assert_eq!(
        taken.next_free,
        [
            at("2026-03-03T14:00:00Z"),
            at("2026-03-03T16:00:00Z"),
            at("2026-03-03T16:15:00Z")
        ]
    );
    let refusal = Refusal::from(&BookError::Taken(taken));
    assert_eq!((refusal.status(), refusal.code()), (409, "slot_taken"));
    assert!(
        refusal.words().1.contains("already booked") && refusal.words().1.contains("Tue 3 Mar 2026 09:00"),
        "{:?}",
        refusal.words()
    );
}

/// SCH-20.
#[tokio::test]
async fn sch_20_a_cancelled_hour_is_free_at_once() {
    let desk = Desk::open().await;
    let (first, second) = (desk.client("Ada", true).await, desk.client("Ben", true).await);
    let visit = desk.book(&desk.front, &desk.wish(first, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let how = Cancellation {
        by: CancelledBy::Client,
        reason: CancellationReason::Illness,
        note: None,
    };
    let cancelled = scheduling::cancel(&tx, &desk.front, visit.id, None, &how)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cancelled.status, Status::Cancelled);
    desk.book(&desk.front, &desk.wish(second, TEN)).await.unwrap();
}

/// SCH-19, SCH-83.
#[tokio::test]
async fn sch_19_a_moved_appointment_stays_itself_and_remembers() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let visit = desk.book(&desk.clinician, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let confirmed = scheduling::confirm(&tx, &desk.clinician, visit.id, None).await.unwrap();
    let wanted = Move {
        start: Some(Start::Instant(at(ELEVEN))),
        ..Move::default()
    };
    let moved = scheduling::reschedule(&tx, &desk.clinician, visit.id, confirmed.version, &wanted)
        .await
        .unwrap();
    assert_eq!(
        (moved.id, moved.starts_at, moved.reschedule_count, moved.status),
        (visit.id, at(ELEVEN), 1, Status::Scheduled)
    );
    assert_eq!(moved.local_start.to_string(), "2026-03-03T11:00:00");
    let history = scheduling::history(&tx, &moved).await.unwrap();
    assert_eq!(
        history.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
        ["moved", "confirmed", "booked"]
    );
    let stale = scheduling::reschedule(&tx, &desk.clinician, visit.id, confirmed.version, &wanted).await;
    assert!(matches!(stale, Err(BookError::Stale { current }) if current == moved.version));
    tx.commit().await.unwrap();
    assert_eq!(
        desk.count("select count(*) from resource_claim where lower(span) = '2026-03-03T16:00:00Z'")
            .await,
        2
    );
    assert_eq!(
        desk.count("select count(*) from audit_event where resource_type = 'appointment'")
            .await,
        3
    );
}

/// A move by a few minutes overlaps the appointment's own old hour, which is no conflict.
#[tokio::test]
async fn sch_19_an_appointment_does_not_stand_in_its_own_way() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let visit = desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let wanted = Move {
        start: Some(Start::Instant(at("2026-03-03T15:15:00Z"))),
        ..Move::default()
    };
    scheduling::reschedule(&tx, &desk.front, visit.id, visit.version, &wanted)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// SCH-15, and booking in the past or too far ahead.
#[tokio::test]
async fn sch_15_soft_rules_ask_for_a_reason_and_hard_ones_refuse() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let mut late = desk.wish(client, "2026-03-04T00:00:00Z");
    assert!(matches!(
        desk.book(&desk.front, &late).await,
        Err(BookError::NeedsReason(_))
    ));
    late.override_reason = Some("Crisis".to_owned());
    desk.book(&desk.front, &late).await.unwrap();
    assert!(matches!(
        desk.book(&desk.front, &desk.wish(client, "2026-02-24T15:00:00Z")).await,
        Err(BookError::NeedsReason(_))
    ));
    assert!(matches!(
        desk.book(&desk.front, &desk.wish(client, "2031-04-01T14:00:00Z")).await,
        Err(BookError::Invalid(_))
    ));
    let mut endless = desk.wish(client, TEN);
    endless.minutes = Some(721);
    assert!(matches!(
        desk.book(&desk.front, &endless).await,
        Err(BookError::Invalid(_))
    ));
    desk.test.superuser_sql("update client set status = 'discharged'").await;
    assert!(matches!(
        desk.book(&desk.front, &desk.wish(client, TEN)).await,
        Err(BookError::Invalid(_))
    ));
}

/// SCH, Permissions.
#[tokio::test]
async fn sch_10_a_clinician_books_the_own_calendar_and_the_own_caseload() {
    let desk = Desk::open().await;
    let (own, foreign) = (desk.client("Ada", true).await, desk.client("Ben", false).await);
    desk.book(&desk.clinician, &desk.wish(own, TEN)).await.unwrap();
    let refused = desk
        .book(&desk.clinician, &desk.wish(foreign, ELEVEN))
        .await
        .unwrap_err();
    assert_eq!(Refusal::from(&refused).status(), 404);
    let other = desk.test.actor(Role::Clinician).await;
    let mut elsewhere = desk.wish(own, ELEVEN);
    elsewhere.clinician = other.user.unwrap();
    assert!(matches!(
        desk.book(&desk.clinician, &elsewhere).await,
        Err(BookError::AnothersCalendar)
    ));
    let biller = desk.test.actor(Role::Biller).await;
    assert_eq!(
        Refusal::from(&desk.book(&biller, &desk.wish(own, ELEVEN)).await.unwrap_err()).status(),
        403
    );
}

/// SCH-12.
#[tokio::test]
async fn sch_12_free_starts_leave_out_what_is_taken() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let day = jiff::civil::date(2026, 3, 3);
    let search = SlotSearch {
        clinicians: vec![desk.clinician_id()],
        kind: desk.kind,
        client: None,
        from: day,
        until: day,
    };
    let slots = scheduling::free_slots(&tx, &desk.front, &search).await.unwrap();
    // 09:00, then 11:00 to 16:00 every quarter of an hour.
    assert_eq!(slots.len(), 1 + 21);
    assert_eq!(
        slots.last().map(|slot| slot.starts_at),
        Some(at("2026-03-03T21:00:00Z"))
    );
}
