//! The FHIR server and the import page, through HTTP.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use identity::Actor;
use kernel::{AppointmentId, ClientId, Role};
use scheduling::{NewAppointment, Start};
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::TestDb;
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}

struct Browser {
    router: Router,
    cookie: String,
}

impl Browser {
    async fn of(test: &TestDb, actor: &Actor) -> Self {
        let secret: Vec<u8> = actor.user.unwrap().uuid().as_bytes().repeat(2);
        let hash: String = Sha256::digest(&secret)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let (practice, user, now) = (actor.practice, actor.user.unwrap(), test.clock.now());
        test.superuser_sql(&format!(
            "insert into session (practice_id, id, token_hash, user_id, assurance, started_at, seen_at, ends_at)
             values ('{practice}', gen_random_uuid(), '\\x{hash}', '{user}', 2, '{now}', '{now}', timestamptz '{now}' + interval '1 hour')"
        ))
        .await;
        let router = interop::routes()
            .build()
            .0
            .layer(axum::middleware::from_fn(identity::web::render_failures))
            .with_state(test.app.clone());
        Self {
            router,
            cookie: format!("session={}", identity::web::cookie_value(practice, &secret)),
        }
    }

    async fn send(&self, request: axum::http::request::Builder, body: impl Into<Body>) -> Answer {
        let request = request.header(header::COOKIE, &self.cookie).body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// A search that must succeed: its ids, and the whole bundle.
    async fn search(&self, path: &str) -> (Vec<String>, Value) {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let bundle = answer.json();
        let matches = bundle["entry"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| entry["search"]["mode"] == "match");
        (
            matches
                .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned())
                .collect(),
            bundle,
        )
    }
}

/// A practice with the small bundles in it, and a clinician who treats the first client.
struct Story {
    test: TestDb,
    owner: Actor,
    clinician: Actor,
    stranger: Actor,
    mine: ClientId,
    visit: AppointmentId,
}

impl Story {
    async fn begin() -> Self {
        let test = TestDb::new().await;
        let (owner, clinician, stranger) = (
            test.actor(Role::Owner).await,
            test.actor(Role::Clinician).await,
            test.actor(Role::Clinician).await,
        );
        let report = interop::import_files(&test.app, test.practice, &owner, &super::bundles(), false).await;
        assert!(report.is_whole());
        let row = test
            .superuser()
            .await
            .query_one("select id from client where family ilike 'dach%'", &[])
            .await
            .unwrap();
        let mine = ClientId::from_uuid(row.get(0));
        let (practice, user, now) = (test.practice, clinician.user.unwrap(), test.clock.now());
        test.superuser_sql(&format!(
            "insert into assignment (practice_id, id, client_id, user_id, role, valid_from, created_at)
             values ('{practice}', gen_random_uuid(), '{mine}', '{user}', 'primary_clinician', '2026-01-01', '{now}')"
        ))
        .await;
        let visit = Self::book(&test, &owner, &clinician, mine).await;
        Self {
            test,
            owner,
            clinician,
            stranger,
            mine,
            visit,
        }
    }

    async fn book(test: &TestDb, owner: &Actor, clinician: &Actor, client: ClientId) -> AppointmentId {
        let tx = test.db.begin(test.practice).await.unwrap();
        scheduling::seed_default_types(&tx, owner).await.unwrap();
        let kinds = scheduling::appointment_types(&tx, owner).await.unwrap();
        let new = NewAppointment {
            client,
            clinician: clinician.user.unwrap(),
            kind: kinds.iter().find(|kind| kind.name == "Individual therapy").unwrap().id,
            start: Start::Instant("2026-03-02T15:00:00Z".parse().unwrap()),
            minutes: None,
            modality: None,
            location: None,
            reason: None,
            override_reason: Some("Test".to_owned()),
        };
        let booked = scheduling::book(&tx, owner, &new).await.unwrap();
        let visit = scheduling::check_in(&tx, owner, booked.id, None).await.unwrap();
        tx.commit().await.unwrap();
        visit.id
    }
}

/// INT-2: a clinician reads what is on the own caseload, and nothing else exists.
#[tokio::test]
async fn int_2_reads_and_searches_stop_at_the_caseload() {
    let story = Story::begin().await;
    let (owner, clinician, stranger) = (
        Browser::of(&story.test, &story.owner).await,
        Browser::of(&story.test, &story.clinician).await,
        Browser::of(&story.test, &story.stranger).await,
    );
    let (all, _) = owner.search("/fhir/r4/Patient").await;
    assert_eq!(all.len(), super::bundles().len());
    let mine = story.mine.to_string();
    assert_eq!(
        clinician.search("/fhir/r4/Patient").await.0,
        std::slice::from_ref(&mine)
    );
    assert!(stranger.search("/fhir/r4/Patient").await.0.is_empty());
    for path in [
        format!("/fhir/r4/Patient/{mine}"),
        format!("/fhir/r4/Appointment/{}", story.visit),
    ] {
        assert_eq!(clinician.get(&path).await.status, 200, "{path}");
        let hidden = stranger.get(&path).await;
        assert_eq!(
            (hidden.status.as_u16(), hidden.json()["resourceType"].as_str()),
            (404, Some("OperationOutcome")),
            "{path}"
        );
    }
    for kind in ["Condition", "Encounter"] {
        let (ids, bundle) = clinician
            .search(&format!("/fhir/r4/{kind}?patient={mine}&_count=5"))
            .await;
        assert!(
            !ids.is_empty() && bundle["total"].as_u64().unwrap() >= ids.len() as u64,
            "{kind}"
        );
        let one = clinician.get(&format!("/fhir/r4/{kind}/{}", ids[0])).await;
        assert_eq!(one.json()["subject"]["reference"], format!("Patient/{mine}"));
        assert_eq!(one.header(header::CONTENT_TYPE), "application/fhir+json; charset=utf-8");
        assert!(
            stranger
                .search(&format!("/fhir/r4/{kind}?patient={mine}"))
                .await
                .0
                .is_empty()
        );
        assert_eq!(stranger.get(&format!("/fhir/r4/{kind}/{}", ids[0])).await.status, 404);
        // An owner doesn't read charts.
        assert_eq!(owner.get(&format!("/fhir/r4/{kind}?patient={mine}")).await.status, 403);
    }
    assert_eq!(clinician.get("/fhir/r4/Condition").await.status, 400);
    assert_eq!(clinician.get("/fhir/r4/Patient/nonsense").await.status, 404);
}

/// INT-4: parameters, pages, strict and lenient.
#[tokio::test]
async fn int_4_searches_behave_as_the_standard_says() {
    let story = Story::begin().await;
    let (owner, clinician) = (
        Browser::of(&story.test, &story.owner).await,
        Browser::of(&story.test, &story.clinician).await,
    );
    let mine = vec![story.mine.to_string()];
    for query in [
        "family=dach",
        "name=Malc",
        "birthdate=1978-05-26&gender=male",
        "birthdate=lt1979&birthdate=gt1978-01&family=DACH",
        "identifier=http://hospital.smarthealthit.org%7C281f4a03-57e9-4b22-a322-68890ff22172",
    ] {
        assert_eq!(
            owner.search(&format!("/fhir/r4/Patient?{query}")).await.0,
            mine,
            "{query}"
        );
    }
    let count = owner.search("/fhir/r4/Patient?_summary=count").await.1;
    assert_eq!(
        (count["total"].as_u64().unwrap() as usize, count.get("entry")),
        (super::bundles().len(), None)
    );
    let (mut seen, mut path) = (Vec::new(), "/fhir/r4/Patient?_count=1".to_owned());
    loop {
        let (ids, bundle) = owner.search(&path).await;
        seen.extend(ids);
        let Some(next) = bundle["link"]
            .as_array()
            .unwrap()
            .iter()
            .find(|link| link["relation"] == "next")
        else {
            break;
        };
        path = format!(
            "/fhir/r4{}",
            next["url"].as_str().unwrap().split_once("/fhir/r4").unwrap().1
        );
    }
    assert_eq!(seen, owner.search("/fhir/r4/Patient").await.0);
    let (_, lenient) = owner.search("/fhir/r4/Patient?colour=red").await;
    assert!(
        lenient["entry"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["search"]["mode"] == "outcome")
    );
    assert!(!lenient["link"][0]["url"].as_str().unwrap().contains("colour"));
    let strict = owner
        .send(
            Request::get("/fhir/r4/Patient?colour=red").header("prefer", "handling=strict"),
            Body::empty(),
        )
        .await;
    assert_eq!(
        (strict.status.as_u16(), strict.json()["resourceType"].as_str()),
        (400, Some("OperationOutcome"))
    );
    let form = Request::builder()
        .method(Method::POST)
        .uri("/fhir/r4/Patient/_search")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(
        owner.send(form, "family=dach").await.json()["entry"][0]["resource"]["id"],
        mine[0]
    );
    let visit = vec![story.visit.to_string()];
    for query in [
        format!("patient={}", mine[0]),
        "date=2026-03-02&status=checked-in".to_owned(),
        format!("practitioner={}", story.clinician.user.unwrap()),
        format!("_id={}", visit[0]),
    ] {
        assert_eq!(
            clinician.search(&format!("/fhir/r4/Appointment?{query}")).await.0,
            visit,
            "{query}"
        );
    }
    assert!(
        clinician
            .search("/fhir/r4/Appointment?date=2026-03-03")
            .await
            .0
            .is_empty()
    );
    assert!(
        !clinician
            .search("/fhir/r4/Practitioner?name=Clinician")
            .await
            .0
            .is_empty()
    );
}

/// INT-1, INT-9, and ETags.
#[tokio::test]
async fn int_9_each_access_is_audited_and_versions_are_told() {
    let story = Story::begin().await;
    let clinician = Browser::of(&story.test, &story.clinician).await;
    let metadata = clinician.get("/fhir/r4/metadata").await;
    assert_eq!(metadata.json()["resourceType"], "CapabilityStatement");
    let path = format!("/fhir/r4/Patient/{}", story.mine);
    let first = clinician.get(&path).await;
    assert_eq!(first.header(header::ETAG), "W/\"1\"");
    let again = clinician
        .send(
            Request::get(&path).header(header::IF_NONE_MATCH, "W/\"1\""),
            Body::empty(),
        )
        .await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
    let sql = format!(
        "select count(*) from audit_event where client_id = '{}' and action = 'read' and actor_id = '{}'",
        story.mine,
        story.clinician.user.unwrap()
    );
    assert_eq!(super::count(&story.test, &sql).await, 2);
}

/// INT-25: the page takes files, refuses a forged form, and shows what became of each.
#[tokio::test]
async fn int_25_files_are_uploaded_tried_and_brought_in() {
    let test = TestDb::new().await;
    let owner = Browser::of(&test, &test.actor(Role::Owner).await).await;
    let page = owner.get("/practice/import").await.body;
    let token = page
        .split("name=\"_token\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let good = super::bundle(&[super::patient(super::ANN, "Good", "1980-01-02")]);
    let send = async |token: &str, dry_run: bool, files: &[(&str, &[u8])]| {
        let mut body = Vec::new();
        let mut part = |name: &str, file: &str, bytes: &[u8]| {
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        };
        part("_token", "", token.as_bytes());
        if dry_run {
            part("dry_run", "", b"on");
        }
        for (name, bytes) in files {
            part("files", &format!("; filename=\"{name}\""), bytes);
        }
        body.extend(b"--x--\r\n");
        owner
            .send(
                Request::post("/practice/import").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x"),
                body,
            )
            .await
    };
    assert_eq!(send("forged", false, &[("a.json", &good)]).await.status, 403);
    assert_eq!(send(&token, false, &[("", b"")]).await.status, 422);
    let tried = send(&token, true, &[("a.json", &good), ("b.json", b"{")]).await;
    assert_eq!(
        (
            tried.status.as_u16(),
            super::count(&test, "select count(*) from client").await
        ),
        (303, 0)
    );
    assert!(
        owner
            .get(tried.header(header::LOCATION))
            .await
            .body
            .contains("Nothing was written")
    );
    let done = send(&token, false, &[("a.json", &good), ("b.json", b"{")]).await;
    let shown = owner.get(done.header(header::LOCATION)).await.body;
    assert!(shown.contains("Not taken in") && shown.contains("truncated"), "{shown}");
    assert_eq!(super::count(&test, "select count(*) from client").await, 1);
    let report = owner
        .get(&format!("{}/report.json", done.header(header::LOCATION)))
        .await
        .json();
    assert_eq!(
        (
            report["clients_created"].as_u64(),
            report["refusals"][0]["reason"].as_str()
        ),
        (Some(1), Some("truncated"))
    );
    let large = vec![b' '; 26 * 1024 * 1024];
    assert_eq!(send(&token, false, &[("large.json", &large)]).await.status, 422);
    let desk = Browser::of(&test, &test.actor(Role::FrontDesk).await).await;
    assert_eq!(desk.get("/practice/import").await.status, 403);
}
