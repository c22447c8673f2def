//! One practice never sees another's: on no route, by no id, not even when a query forgets its practice.

use axum::http::Method;
use kernel::{Permission, Role};
use serde_json::json;

use crate::http::Site;

/// Every route refuses strangers, unless it is declared public.
#[tokio::test]
async fn iam_21_every_route_asks_for_sign_in() {
    let site = Site::open().await;
    let declared = server::router::routes();
    assert!(declared.declared().len() > 40);
    for route in declared.declared() {
        let path = route.path.replace("{id}", &uuid::Uuid::new_v4().to_string());
        let path = format!("/{}", path.split('{').next().unwrap().trim_matches('/'));
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
            let answer = site.stranger(method.clone(), &path).await;
            let public = route.access == identity::web::Access::Public;
            let status = answer.status.as_u16();
            assert!(status < 500, "{method} {path}: {status}");
            if !public {
                let turned_away = matches!(status, 401 | 404 | 405)
                    || answer.location().starts_with("/sign-in")
                    || (status == 400 && method != Method::GET);
                assert!(turned_away, "{method} {path}: {status} {}", answer.location());
            }
        }
    }
}

/// Another practice's ids answer 404 on every page and endpoint that takes one; random ids the same, byte for byte.
#[tokio::test]
async fn iam_22_foreign_ids_are_not_found_anywhere() {
    let site = Site::open().await;
    let owner = site.person(Role::Owner).await;
    let clinician = site.person(Role::Clinician).await;
    let made = make_records(&site, &owner, &clinician).await;
    let other = site.db.other_practice().await;
    let everything: Vec<Role> = vec![
        Role::Owner,
        Role::Administrator,
        Role::Clinician,
        Role::Compliance,
        Role::FrontDesk,
        Role::Biller,
        Role::ItAdmin,
    ];
    let intruder = site.person_of(other, &everything).await;
    let mut tried = 0;
    for route in server::router::routes()
        .declared()
        .iter()
        .filter(|route| route.path.contains("{id}"))
    {
        for id in &made {
            let path = route.path.replace("{id}", id);
            let path = path.split('{').next().unwrap().trim_end_matches('/');
            let answer = if route.is_api || path.starts_with("/fhir/") {
                intruder.read(path).await
            } else {
                intruder.get(path).await
            };
            let status = answer.status.as_u16();
            assert!(matches!(status, 404 | 405), "GET {path}: {status} {}", answer.body);
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
    let lists = ["/api/v1/clients", "/api/v1/notes", "/fhir/r4/Patient"];
    for path in lists {
        let answer = intruder.read(path).await.expect(200);
        for id in &made {
            assert!(!answer.body.contains(id.as_str()), "{path} shows {id}");
        }
    }
}

/// A client, an appointment and a note of the first practice; their ids and those of its people.
async fn make_records(site: &Site, owner: &crate::http::Person, clinician: &crate::http::Person) -> Vec<String> {
    let tx = site.db.db.begin(site.db.practice).await.unwrap();
    scheduling::seed_default_types(&tx, &owner.actor).await.unwrap();
    tx.commit().await.unwrap();
    let user = clinician.actor.user.unwrap().to_string();
    let client = owner.create("/api/v1/clients", json!({ "given": "Ada", "family": "Quill", "birth_date": "1990-04-12", "phone": "312 555 0142", "clinician": user })).await.expect(201).json();
    let client = client["id"].as_str().unwrap().to_owned();
    let types = owner.read("/api/v1/appointment-types").await.expect(200).json();
    let kind = types["items"][0]["id"].as_str().unwrap().to_owned();
    let visit = owner
        .create(
            "/api/v1/appointments",
            json!({ "client_id": client, "clinician_id": user, "type_id": kind, "starts_at": "2026-03-03T15:00:00Z" }),
        )
        .await
        .expect(201)
        .json();
    let visit = visit["id"].as_str().unwrap().to_owned();
    let note = clinician
        .create("/api/v1/notes", json!({ "appointment_id": visit }))
        .await
        .expect(201)
        .json();
    vec![client, visit, note["id"].as_str().unwrap().to_owned(), user]
}

/// With the practice left out of a query, row-level security still gives nothing.
#[tokio::test]
async fn iam_22_row_level_security_holds_when_a_query_forgets_its_practice() {
    let site = Site::open().await;
    let owner = site.person(Role::Owner).await;
    let clinician = site.person(Role::Clinician).await;
    make_records(&site, &owner, &clinician).await;
    let other = site.db.other_practice().await;
    let connection = site.db.application().await;
    for table in [
        "client",
        "appointment",
        "clinical_note",
        "app_user",
        "session",
        "audit_event",
        "practice",
    ] {
        let forgetful = format!("select count(*) from {table}");
        let count = async |practice: &str| {
            connection
                .batch_execute(&format!("begin; set local app.practice_id = '{practice}'"))
                .await
                .unwrap();
            let count: i64 = connection.query_one(&forgetful, &[]).await.unwrap().get(0);
            connection.batch_execute("rollback").await.unwrap();
            count
        };
        assert!(
            count(&site.db.practice.to_string()).await > 0,
            "{table}: the test could fail"
        );
        assert_eq!(count("").await, 0, "{table} without a practice");
        let own = i64::from(table == "practice");
        assert_eq!(count(&other.to_string()).await, own, "{table} as another practice");
    }
}

/// A member of staff without the right gets 403 and a line in the audit log; nobody gets a 5xx.
#[tokio::test]
async fn iam_21_roles_without_a_right_are_refused_and_it_is_recorded() {
    let site = Site::open().await;
    let it_admin = site.person(Role::ItAdmin).await;
    for (path, permission) in [
        ("/clients", Permission::ClientRead),
        ("/calendar", Permission::ScheduleRead),
        ("/notes", Permission::NoteWrite),
    ] {
        assert!(!it_admin.actor.may(permission));
        it_admin.get(path).await.expect(403);
    }
    let refused: i64 = site
        .db
        .superuser()
        .await
        .query_one("select count(*) from audit_event where outcome = 'refused'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(refused, 3);
}
