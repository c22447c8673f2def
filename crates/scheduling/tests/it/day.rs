//! An appointment through its day, and who may see it.

use jiff::SignedDuration;
use kernel::{Permission, Refusal, Role};
use scheduling::{AppointmentError, Filter, Status};

use crate::desk::{Desk, at};

const TEN: &str = "2026-03-03T15:00:00Z";

/// SCH-68.
#[tokio::test]
async fn sch_68_a_visit_goes_through_its_day_and_nothing_goes_backwards() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let visit = desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let early = scheduling::mark_no_show(&tx, &desk.front, visit.id, None).await;
    assert!(matches!(early, Err(AppointmentError::TooEarly { .. })));
    let here = scheduling::check_in(&tx, &desk.front, visit.id, Some(visit.version))
        .await
        .unwrap();
    assert_eq!((here.status, here.checked_in_at), (Status::CheckedIn, Some(tx.now())));
    let back = scheduling::undo_check_in(&tx, &desk.front, visit.id, None)
        .await
        .unwrap();
    assert_eq!((back.status, back.checked_in_at), (Status::Scheduled, None));
    scheduling::check_in(&tx, &desk.front, visit.id, None).await.unwrap();
    scheduling::start(&tx, &desk.clinician, visit.id, None).await.unwrap();
    let done = scheduling::complete(&tx, &desk.clinician, visit.id, None)
        .await
        .unwrap();
    assert_eq!(
        (done.status, done.session_ended_at),
        (Status::Completed, Some(tx.now()))
    );
    let again = scheduling::check_in(&tx, &desk.front, visit.id, None)
        .await
        .unwrap_err();
    let refusal = Refusal::from(&again);
    assert_eq!((refusal.status(), refusal.code()), (409, "status_not_allowed"));
    assert!(refusal.words().1.contains("scheduled"), "{:?}", refusal.words());
    tx.commit().await.unwrap();
    assert_eq!(
        desk.count("select count(*) from event where name like 'scheduling.%'")
            .await,
        6
    );
}

#[tokio::test]
async fn sch_68_a_no_show_waits_for_the_grace_and_frees_the_hour() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let visit = desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    desk.test
        .advance(at(TEN).duration_since(desk.test.clock.now()) + SignedDuration::from_mins(15));
    let tx = desk.tx().await;
    scheduling::mark_no_show(&tx, &desk.front, visit.id, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(desk.count("select count(*) from resource_claim").await, 0);
}

/// SCH-7.
#[tokio::test]
async fn sch_7_a_client_out_of_reach_is_restricted_on_ones_own_calendar() {
    let desk = Desk::open().await;
    let client = desk.client("Ben", false).await;
    let visit = desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let filter = Filter {
        client: None,
        clinicians: Vec::new(),
        from: at("2026-03-03T05:00:00Z"),
        until: at("2026-03-04T05:00:00Z"),
        after: None,
        limit: 50,
    };
    let own = scheduling::list(&tx, &desk.clinician, &filter).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].client_name.as_deref(), own[0].reason.as_deref()), (None, None));
    assert!(matches!(
        scheduling::check_in(&tx, &desk.clinician, visit.id, None).await,
        Err(AppointmentError::Restricted)
    ));
    let all = scheduling::list(&tx, &desk.front, &filter).await.unwrap();
    assert_eq!(all[0].client_name.as_deref(), Some("Ben Example"));
    let biller = desk.test.actor(Role::Biller).await;
    let read = scheduling::find(&tx, &biller, visit.id, Permission::ScheduleRead)
        .await
        .unwrap();
    assert_eq!((read.client_name.as_deref(), read.reason), (Some("Ben Example"), None));
}

#[tokio::test]
async fn sch_7_other_calendars_and_other_practices_are_hidden() {
    let desk = Desk::open().await;
    let client = desk.client("Ben", false).await;
    let visit = desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let colleague = desk.test.actor(Role::Clinician).await;
    let hidden = scheduling::find(&tx, &colleague, visit.id, Permission::ScheduleRead)
        .await
        .unwrap_err();
    assert_eq!(Refusal::from(&hidden), Refusal::NotFound);
    let elsewhere = desk.test.other_practice().await;
    let stranger = desk.test.actor_in(elsewhere, &[Role::Owner, Role::FrontDesk]).await;
    let tx = desk.test.db.begin(elsewhere).await.unwrap();
    let hidden = scheduling::find(&tx, &stranger, visit.id, Permission::ScheduleRead)
        .await
        .unwrap_err();
    assert_eq!(Refusal::from(&hidden), Refusal::NotFound);
    assert!(
        scheduling::visit(&tx, &stranger, visit.id, Permission::ClientRead)
            .await
            .is_err()
    );
}

/// The proof that rooms above build upon.
#[tokio::test]
async fn sch_83_a_visit_opens_with_its_chart_or_not_at_all() {
    let desk = Desk::open().await;
    let client = desk.client("Ada", true).await;
    let booked = desk.book(&desk.front, &desk.wish(client, TEN)).await.unwrap();
    let tx = desk.tx().await;
    let visit = scheduling::visit(&tx, &desk.clinician, booked.id, Permission::NoteWrite)
        .await
        .unwrap();
    assert_eq!(
        (visit.chart.id(), visit.starts_at, visit.status.is_active()),
        (client, at(TEN), true)
    );
    let colleague = desk.test.actor(Role::Clinician).await;
    assert!(
        scheduling::visit(&tx, &colleague, booked.id, Permission::NoteWrite)
            .await
            .is_err()
    );
}
