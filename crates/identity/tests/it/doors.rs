//! Signing in as people do: through the pages, by password, code and recovery code.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use data_encoding::BASE32_NOPAD;
use http_body_util::BodyExt;
use identity::{Actor, NewAccount, totp};
use jiff::SignedDuration;
use kernel::Role;
use testkit::TestDb;
use tower::ServiceExt;

const PASSWORD: &str = "lantern violet 7 river";

/// A browser: keeps its cookie, fills the token of the page into each form.
struct Browser<'a> {
    db: &'a TestDb,
    router: Router,
    cookie: Option<String>,
}

struct Answer {
    status: StatusCode,
    location: String,
    body: String,
}

impl<'a> Browser<'a> {
    fn new(db: &'a TestDb) -> Self {
        let (router, _) = identity::routes().build();
        Self {
            db,
            router: router
                .layer(axum::middleware::from_fn(identity::web::render_failures))
                .with_state(db.app.clone()),
            cookie: None,
        }
    }

    async fn send(&mut self, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(&method).uri(path);
        let mut pairs: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("session={cookie}"));
            pairs.push(("_token".to_owned(), token(cookie)));
        }
        let body = if method == Method::POST {
            serde_html_form::to_string(&pairs).unwrap()
        } else {
            String::new()
        };
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let value = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .trim_start_matches("session=")
                .to_owned();
            self.cookie = (!value.is_empty()).then_some(value);
        }
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let status = response.status();
        let body = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status, location, body }
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    async fn password(&mut self, email: &str, password: &str) -> Answer {
        self.cookie = None;
        self.send(
            Method::POST,
            "/sign-in",
            &[("email", email), ("password", password), ("return", "/account")],
        )
        .await
    }

    async fn code(&mut self, code: &str) -> Answer {
        self.send(
            Method::POST,
            "/sign-in/factor",
            &[("code", code), ("return", "/account")],
        )
        .await
    }

    fn now_code(&self, secret: &str) -> String {
        totp::code(
            &BASE32_NOPAD.decode(secret.as_bytes()).unwrap(),
            totp::step(self.db.clock.now()),
        )
    }
}

/// The form token, as the page of a session shows it.
fn token(cookie: &str) -> String {
    identity::web::form_token(cookie)
}

async fn account(db: &TestDb, email: &str, with_totp: bool) -> identity::Made {
    let house = Actor::house(db.practice, "test", jiff::tz::TimeZone::UTC);
    let new = NewAccount {
        email: email.to_owned(),
        given_name: "Ada".to_owned(),
        family_name: "Quill".to_owned(),
        credentials: None,
        roles: vec![Role::Clinician],
        bookable: true,
        password: PASSWORD.to_owned(),
        with_totp,
    };
    identity::create_account(&db.app, db.practice, &house, new)
        .await
        .unwrap()
}

/// IAM-40, IAM-42, IAM-61.
#[tokio::test]
async fn iam_40_password_then_code_opens_and_a_code_opens_once() {
    let db = TestDb::new().await;
    let secret = account(&db, "ada@example.test", true).await.totp_secret.unwrap();
    let mut browser = Browser::new(&db);
    assert_eq!(browser.get("/account").await.location, "/sign-in?return=/account");
    let answer = browser.password("ADA@example.test", PASSWORD).await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, "/sign-in/factor?return=/account"),
        "{}",
        answer.body
    );
    let half = browser.cookie.clone().unwrap();
    assert_eq!(
        browser.get("/account").await.status,
        StatusCode::SEE_OTHER,
        "one factor reaches nothing"
    );
    assert_eq!(browser.code("000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = browser.now_code(&secret);
    let answer = browser.code(&code).await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, "/account"),
        "{}",
        answer.body
    );
    assert_ne!(
        browser.cookie.as_deref(),
        Some(half.as_str()),
        "the token changes with the privilege"
    );
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let whole = browser.cookie.clone();
    assert_eq!(browser.send(Method::POST, "/sign-out", &[]).await.location, "/sign-in");
    browser.cookie = whole;
    assert_eq!(
        browser.get("/account").await.status,
        StatusCode::SEE_OTHER,
        "the session is over on the server too"
    );
    browser.password("ada@example.test", PASSWORD).await;
    assert_eq!(
        browser.code(&code).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a code opens once"
    );
    db.advance(SignedDuration::from_secs(30));
    let next = browser.now_code(&secret);
    assert_eq!(browser.code(&next).await.status, StatusCode::SEE_OTHER);
    db.advance(SignedDuration::from_mins(21));
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "idle ends");
}

/// IAM-38, IAM-45: the walk-through's fifth minute, for an address that exists and one that does not.
#[tokio::test]
async fn iam_45_five_failures_lock_known_and_unknown_alike() {
    let db = TestDb::new().await;
    account(&db, "ada@example.test", true).await;
    let mut browser = Browser::new(&db);
    let mut pages = Vec::new();
    for email in ["ada@example.test", "nobody@example.test"] {
        let mut seen = Vec::new();
        for _ in 0..5 {
            let answer = browser.password(email, "wrong").await;
            seen.push((answer.status, answer.body.replace(email, "")));
        }
        let answer = browser.password(email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        seen.push((answer.status, answer.body.replace(email, "")));
        pages.push(seen);
    }
    assert_eq!(pages[0], pages[1]);
    db.advance(SignedDuration::from_secs(30 * 60 + 1));
    assert_eq!(
        browser.password("ada@example.test", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        browser.password("nobody@example.test", PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

/// Five wrong codes end the challenge; a suspended account looks like a wrong password.
#[tokio::test]
async fn iam_45_five_wrong_codes_end_the_second_step() {
    let db = TestDb::new().await;
    let made = account(&db, "ada@example.test", true).await;
    let mut browser = Browser::new(&db);
    browser.password("ada@example.test", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(browser.code("000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let code = browser.now_code(&made.totp_secret.unwrap());
    assert_eq!(browser.code(&code).await.location, "/sign-in");
    db.superuser_sql("update app_user set status = 'suspended'").await;
    assert_eq!(
        browser.password("ada@example.test", PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

/// IAM-12, IAM-13, IAM-40: from the link in the mail to the dashboard.
#[tokio::test]
async fn iam_12_an_invited_person_sets_password_and_second_step() {
    let db = TestDb::new().await;
    let owner = db.actor(Role::Owner).await;
    let tx = db.db.begin(db.practice).await.unwrap();
    let roles = ["clinician".to_owned()];
    let typed = identity::user::ops::Typed {
        email: "new@example.test",
        given_name: "Noa",
        family_name: "Reed",
        roles: &roles,
        ..Default::default()
    };
    let id = identity::user::ops::create(&db.app, &tx, &owner, &typed.parse().unwrap())
        .await
        .unwrap();
    let link = mailed_link(&tx, &db).await;
    identity::user::ops::invite_again(&db.app, &tx, &owner, id)
        .await
        .unwrap();
    db.advance(SignedDuration::from_secs(1));
    tx.commit().await.unwrap();
    let tx = db.db.begin(db.practice).await.unwrap();
    let links: Vec<String> = platform::mail::outbox(&tx, db.practice)
        .await
        .unwrap()
        .iter()
        .map(|mail| path_of(&mail.body))
        .collect();
    let newer = links.into_iter().find(|path| *path != link).unwrap();
    tx.commit().await.unwrap();

    let mut browser = Browser::new(&db);
    assert!(browser.get(&link).await.body.contains("replaced"));
    assert!(browser.get(&newer).await.body.contains("Welcome, Noa"));
    let set = [("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(
        browser
            .send(
                Method::POST,
                &newer,
                &[("password", "password1234"), ("again", "password1234")]
            )
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        browser.send(Method::POST, &newer, &set).await.location,
        "/welcome/factor"
    );
    let page = browser.get("/welcome/factor").await;
    let key: String = page
        .body
        .split("<code>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    assert_eq!(
        browser
            .send(Method::POST, "/welcome/factor", &[("code", "000000")])
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let code = browser.now_code(&key);
    let codes = browser.send(Method::POST, "/welcome/factor", &[("code", &code)]).await;
    assert_eq!(codes.status, StatusCode::OK, "{}", codes.body);
    let recovery = codes
        .body
        .split("<li><code>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert!(Browser::new(&db).get(&newer).await.body.contains("used"));

    browser.password("new@example.test", PASSWORD).await;
    assert_eq!(
        browser.code(&recovery.to_uppercase()).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(browser.get("/account").await.body.contains("9 of 10 left"));
    browser.password("new@example.test", PASSWORD).await;
    assert_eq!(
        browser.code(&recovery).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a recovery code is spent once"
    );
}

async fn mailed_link(tx: &platform::Tx, db: &TestDb) -> String {
    path_of(&platform::mail::outbox(tx, db.practice).await.unwrap()[0].body)
}

fn path_of(body: &str) -> String {
    let start = body.find("/invite/").unwrap();
    body[start..].lines().next().unwrap().to_owned()
}

/// One address in two practices: with one password for both, the person chooses; otherwise the password does.
#[tokio::test]
async fn iam_19_one_address_in_two_practices() {
    let db = TestDb::new().await;
    account(&db, "ada@example.test", true).await;
    let other = db.other_practice().await;
    let house = Actor::house(other, "test", jiff::tz::TimeZone::UTC);
    let new = NewAccount {
        email: "ada@example.test".to_owned(),
        given_name: "Ada".to_owned(),
        family_name: "Quill".to_owned(),
        credentials: None,
        roles: vec![Role::Biller],
        bookable: false,
        password: PASSWORD.to_owned(),
        with_totp: true,
    };
    identity::create_account(&db.app, other, &house, new).await.unwrap();
    let mut browser = Browser::new(&db);
    let page = browser.password("ada@example.test", PASSWORD).await;
    assert_eq!(page.status, StatusCode::OK);
    let ticket = page
        .body
        .split("name=\"ticket\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let choose = |ticket: String, practice: String| async move { vec![("ticket", ticket), ("practice", practice)] };
    let fields = choose(ticket.clone(), other.to_string()).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(
        browser
            .send(Method::POST, "/sign-in/practice", &fields)
            .await
            .location
            .starts_with("/sign-in/factor")
    );
    browser.cookie = None;
    let forged = format!("{}x", ticket);
    assert_eq!(
        browser
            .send(
                Method::POST,
                "/sign-in/practice",
                &[("ticket", &forged), ("practice", &other.to_string())]
            )
            .await
            .location,
        "/sign-in"
    );
    let answer = browser
        .send(
            Method::POST,
            "/p/maple-street/sign-in",
            &[("email", "ada@example.test"), ("password", PASSWORD)],
        )
        .await;
    assert!(answer.location.starts_with("/sign-in/factor"));
}

/// IAM-59, numbers: six browsers, five sessions.
#[tokio::test]
async fn iam_59_the_least_recently_used_session_ends() {
    let db = TestDb::new().await;
    let secret = account(&db, "ada@example.test", true).await.totp_secret.unwrap();
    let mut browsers: Vec<Browser> = (0..6).map(|_| Browser::new(&db)).collect();
    for browser in &mut browsers {
        db.advance(SignedDuration::from_secs(31));
        browser.password("ada@example.test", PASSWORD).await;
        let code = browser.now_code(&secret);
        assert_eq!(browser.code(&code).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(browsers[0].get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browsers[1].get("/account").await.status, StatusCode::OK);
    let page = browsers[5].get("/account").await;
    assert_eq!(
        page.body.matches("/end\"").count(),
        5,
        "four others and the button for all"
    );
}

/// Pages for whoever runs the practice open, and refuse others.
#[tokio::test]
async fn iam_21_administration_pages_open_for_their_roles() {
    let db = TestDb::new().await;
    let pages = [
        "/practice",
        "/practice/users",
        "/practice/users/new",
        "/practice/locations",
        "/practice/locations/new",
        "/practice/audit",
        "/practice/audit/verify",
        "/practice/outbox",
        "/practice/jobs",
        "/account",
        "/",
    ];
    for (role, refused) in [(Role::Owner, 0), (Role::Clinician, 5)] {
        let actor = db.actor(role).await;
        let tx = db.db.begin(db.practice).await.unwrap();
        let (_, cookie) = identity::session::trusted(&tx, actor.user.unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = Browser::new(&db);
        browser.cookie = Some(cookie);
        let mut forbidden = Vec::new();
        for page in pages {
            let answer = browser.get(page).await;
            match answer.status {
                StatusCode::OK => assert!(!answer.body.contains(" style="), "{page}"),
                StatusCode::FORBIDDEN => forbidden.push(page),
                other => panic!("{role} {page}: {other} {}", answer.body),
            }
        }
        assert_eq!(forbidden.len(), refused, "{role}: {forbidden:?}");
    }
}
