//! The conventions of REST and of forms, met by somebody who can only act through HTTP.

use axum::http::Method;
use kernel::Role;
use serde_json::json;

use crate::http::Site;

/// INT-64: ETags, If-Match, idempotency keys and problem details behave exactly as the conventions say.
#[tokio::test]
async fn int_64_conventions_of_rest_hold() {
    let site = Site::open().await;
    let desk = site.person(Role::FrontDesk).await;
    let body = json!({ "given": "Ada", "family": "Quill", "birth_date": "1990-04-12", "phone": "312 555 0142" });
    let no_key = desk
        .api(Method::POST, "/api/v1/clients", Some(body.clone()), &[])
        .await
        .expect(400);
    assert_eq!(no_key.headers["content-type"], "application/problem+json");
    assert_eq!(no_key.json()["status"], 400);
    let key = uuid::Uuid::new_v4().to_string();
    let with_key = [("idempotency-key", key.as_str())];
    let first = desk
        .api(Method::POST, "/api/v1/clients", Some(body.clone()), &with_key)
        .await
        .expect(201);
    let again = desk
        .api(Method::POST, "/api/v1/clients", Some(body), &with_key)
        .await
        .expect(201);
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = json!({ "given": "Bea", "family": "Quill", "birth_date": "1990-04-12", "phone": "312 555 0142" });
    desk.api(Method::POST, "/api/v1/clients", Some(other), &with_key)
        .await
        .expect(422);
    let path = format!("/api/v1/clients/{}", first.json()["id"].as_str().unwrap());
    let tag = desk.read(&path).await.expect(200).etag();
    let change = json!({ "preferred_name": "Addie" });
    desk.api(Method::PATCH, &path, Some(change.clone()), &[])
        .await
        .expect(428);
    let changed = desk
        .api(Method::PATCH, &path, Some(change.clone()), &[("if-match", &tag)])
        .await
        .expect(200);
    assert_ne!(changed.etag(), tag);
    let stale = desk
        .api(
            Method::PATCH,
            &path,
            Some(json!({ "preferred_name": "Adi" })),
            &[("if-match", &tag)],
        )
        .await;
    assert_eq!(stale.expect(412).json()["code"], "stale_version");
    assert_eq!(
        desk.read(&path).await.json()["preferred_name"],
        "Addie",
        "nothing was overwritten"
    );
    let unknown = json!({ "given": "Ada", "colour": "red" });
    desk.create("/api/v1/clients", unknown).await.expect(422);
    let bad = json!({ "given": "", "family": "Quill", "birth_date": "1990-02-31", "phone": "12" });
    let problem = desk.create("/api/v1/clients", bad).await.expect(422).json();
    assert!(
        problem["errors"].as_array().is_some_and(|errors| errors.len() >= 3),
        "{problem}"
    );
    desk.read("/api/v1/clients/not-an-id").await.expect(404);
}

/// A double click makes one record, and both presses lead to it.
#[tokio::test]
async fn cli_1_a_double_click_registers_one_client() {
    let site = Site::open().await;
    let desk = site.person(Role::FrontDesk).await;
    let form = [
        ("_once", "11111111-2222-4333-8444-555555555555"),
        ("given", "Ada"),
        ("family", "<b>Quill</b>"),
        ("birth_date", "04/12/1990"),
        ("phone", "312 555 0142"),
        ("payment_mode", "self_pay"),
    ];
    let (first, second) = tokio::join!(desk.post("/clients/new", &form), desk.post("/clients/new", &form));
    let (first, second) = (first.expect(303), second.expect(303));
    assert_eq!(first.location(), second.location());
    let count: i64 = site
        .db
        .superuser()
        .await
        .query_one("select count(*) from client", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(count, 1);
    let chart = desk.get(first.location()).await.expect(200).body;
    assert!(
        chart.contains("&lt;b&gt;Quill&lt;/b&gt;") && !chart.contains("<b>Quill"),
        "typed text is shown, never run"
    );
}
