//! People and programs as tests see them: they can only act through HTTP.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use identity::Actor;
use kernel::{PracticeId, Role};
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::TestDb;
use tower::ServiceExt;

/// The house behind its router, on a test's own database.
pub struct Site {
    pub db: TestDb,
    pub router: Router,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    pub fn etag(&self) -> String {
        self.headers
            .get(header::ETAG)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    /// Asserts the status, showing the body where it differs.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.location(), self.body);
        self
    }
}

/// A signed-in member of staff, in a browser or with a key of theirs.
#[derive(Clone)]
pub struct Person {
    router: Router,
    pub actor: Actor,
    cookie: String,
    key: String,
}

impl Site {
    pub async fn open() -> Self {
        let db = TestDb::with(server::house::subscribers()).await;
        let router = server::router::service(db.app.clone());
        Self { db, router }
    }

    /// A new member of staff of the test's practice.
    pub async fn person(&self, role: Role) -> Person {
        self.person_of(self.db.practice, &[role]).await
    }

    /// A new member of staff of any practice.
    pub async fn person_of(&self, practice: PracticeId, roles: &[Role]) -> Person {
        let actor = self.db.actor_in(practice, roles).await;
        let (secret, now) = (rand::random::<[u8; 32]>(), self.db.clock.now());
        let (user, hash) = (actor.user.unwrap(), Sha256::digest(secret));
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.db
            .superuser_sql(&format!(
                "insert into session (practice_id, id, token_hash, user_id, assurance, started_at, seen_at, proven_at, ends_at)
                 values ('{practice}', gen_random_uuid(), '\\x{hex}', '{user}', 2, '{now}', '{now}', '{now}', timestamptz '{now}' + interval '12 hours');
                 insert into api_key (practice_id, id, user_id, label, secret_hash, scopes, created_at, expires_at)
                 values ('{practice}', gen_random_uuid(), '{user}', 'test', '\\x{hex}', '{{*}}', '{now}', timestamptz '{now}' + interval '30 days')"
            ))
            .await;
        let value = identity::web::cookie_value(practice, &secret);
        Person {
            router: self.router.clone(),
            actor,
            cookie: format!("session={value}"),
            key: format!("Bearer msk_{value}"),
        }
    }

    /// Somebody who has not signed in.
    pub async fn stranger(&self, method: Method, path: &str) -> Answer {
        send(
            &self.router,
            Request::builder().method(method).uri(path).body(Body::empty()).unwrap(),
        )
        .await
    }
}

impl Person {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(
            Request::builder()
                .uri(path)
                .header(header::COOKIE, &self.cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Posts a form as the browser would: with the token of its page.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        let mut pairs = vec![("_token", token.as_str())];
        pairs.extend(fields);
        let body = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.send(
            Request::post(path)
                .header(header::COOKIE, &self.cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body))
                .unwrap(),
        )
        .await
    }

    async fn token(&self) -> String {
        let page = self.get("/").await.expect(200).body;
        let (_, rest) = page
            .split_once("name=\"_token\" value=\"")
            .or_else(|| page.split_once("name=\"csrf-token\" content=\""))
            .expect("the page carries a form token");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Calls the API with a key.
    pub async fn api(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &self.key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Creates through the API, with a fresh idempotency key.
    pub async fn create(&self, path: &str, body: Value) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        self.api(Method::POST, path, Some(body), &[("idempotency-key", &key)])
            .await
    }

    pub async fn read(&self, path: &str) -> Answer {
        self.api(Method::GET, path, None, &[]).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }
}

async fn send(router: &Router, mut request: Request<Body>) -> Answer {
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40000))));
    request
        .headers_mut()
        .entry(header::HOST)
        .or_insert("localhost".parse().unwrap());
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
