//! The demonstration practice: invented people, a past of some weeks, a busy today and a near future.
//!
//! It is made through the very operations that people use, on a clock that stands in the past, so that its audit
//! log, events and deadlines are as real as its rules. Made once; a second start only says the sign-ins again.

mod people;

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use identity::Actor;
use jiff::civil::{Date, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use kernel::{AppointmentId, AppointmentTypeId, ClientId, PracticeId, Refusal, UserId};
use people::{CLIENTS, NOTES, STAFF};
use platform::{App, Clock, Db};
use serde::{Deserialize, Serialize};

use crate::house::{House, HouseError, subscribers};

/// The practice's slug.
pub const SLUG: &str = "demo";
const ZONE: &str = "America/New_York";
/// Weeks of past and future.
const WEEKS: i64 = 3;

/// How somebody signs in to the demonstration.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SignIn {
    /// The role, as the mailbox is named.
    pub role: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Base32 key of the authenticator.
    pub totp_secret: String,
}

/// Makes the practice if it is not there, and says how to sign in.
///
/// # Errors
/// The database, or a rule that the demonstration itself breaks (a fault of ours).
pub async fn prepare(house: &House) -> Result<Vec<String>, HouseError> {
    let outside = house.app.db.begin_outside().await?;
    let known = identity::practice_by_slug(&outside, SLUG).await?;
    outside.commit().await?;
    let path = house.app.config.data.join("demo-sign-ins.json");
    if known.is_none() {
        eprintln!("Making the demonstration practice; this takes some seconds, once.");
        let sign_ins = make(house)
            .await
            .map_err(|refusal| HouseError::Demo(refusal.words().1))?;
        let text = serde_json::to_string_pretty(&sign_ins).map_err(|error| HouseError::Demo(error.to_string()))?;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(demo_fault)?;
        file.write_all(text.as_bytes()).map_err(demo_fault)?;
    }
    let text = std::fs::read_to_string(&path).map_err(demo_fault)?;
    let sign_ins: Vec<SignIn> = serde_json::from_str(&text).map_err(|error| HouseError::Demo(error.to_string()))?;
    let mut words = vec![String::new(), "Sign in with:".to_owned()];
    words.extend(
        sign_ins
            .iter()
            .map(|one| format!("  {:<14} {:<28} {}", one.role, one.email, one.password)),
    );
    words.push("The sign-in page of the demonstration shows the authenticator's code.".to_owned());
    words.push(format!("Authenticator keys are in {}.", path.display()));
    Ok(words)
}

fn demo_fault(error: std::io::Error) -> HouseError {
    HouseError::Demo(error.to_string())
}

/// The house at another time: same database, a clock of its own.
struct Past {
    app: App,
    clock: Clock,
    zone: TimeZone,
    practice: PracticeId,
}

impl Past {
    fn travel(&self, to: Timestamp) {
        self.clock.advance(to.duration_since(self.clock.now()));
    }

    fn at(&self, date: Date, hour: i8, minute: i8) -> Result<Timestamp, Refusal> {
        let local = date.to_datetime(time(hour, minute, 0, 0));
        kernel::when::resolve(local, &self.zone, 0).map_err(|_| Refusal::Fault)
    }
}

async fn make(house: &House) -> Result<Vec<SignIn>, Refusal> {
    let zone = TimeZone::get(ZONE).map_err(|_| Refusal::Fault)?;
    let now = house.app.clock.now();
    let start = now - jiff::SignedDuration::from_hours(24 * 7 * (WEEKS + 1));
    let clock = Clock::set_at(start);
    let db =
        Db::new(house.application.clone(), 4, clock.clone(), subscribers()).map_err(|error| Refusal::from(&error))?;
    let app = App {
        db,
        clock: clock.clone(),
        ..house.app.clone()
    };
    let owner = &STAFF[0];
    let password = |mailbox: &str| format!("quiet-harbor-{mailbox}-2031");
    let opened = identity::open_practice(
        &app,
        identity::NewPractice {
            slug: SLUG.to_owned(),
            name: "Maple Street Counseling".to_owned(),
            time_zone: ZONE.to_owned(),
            owner_email: format!("{}@example.test", owner.mailbox),
            owner_password: password(owner.mailbox),
            is_demo: true,
        },
    )
    .await
    .map_err(Refusal::from)?;
    let past = Past {
        app,
        clock,
        zone,
        practice: opened.practice,
    };
    let mut sign_ins = vec![sign_in(owner.mailbox, &password(owner.mailbox), opened.totp_secret)];
    let mut bookable: Vec<Clinician> = Vec::new();
    let admin = Actor::house(past.practice, "demonstration", past.zone.clone());
    for one in &STAFF[1..] {
        let new = identity::NewAccount {
            email: format!("{}@example.test", one.mailbox),
            given_name: one.given.to_owned(),
            family_name: one.family.to_owned(),
            credentials: one.credentials.map(str::to_owned),
            roles: one.roles.to_vec(),
            bookable: one.bookable,
            password: password(one.mailbox),
            with_totp: true,
        };
        let made = identity::create_account(&past.app, past.practice, &admin, new)
            .await
            .map_err(Refusal::from)?;
        sign_ins.push(sign_in(one.mailbox, &password(one.mailbox), made.totp_secret));
        if one.bookable {
            bookable.push(Clinician::new(&admin, made.user, one, password(one.mailbox)));
        }
    }
    fill(&past, &admin, &bookable, now).await?;
    Ok(sign_ins)
}

fn sign_in(role: &str, password: &str, secret: Option<String>) -> SignIn {
    SignIn {
        role: role.to_owned(),
        email: format!("{role}@example.test"),
        password: password.to_owned(),
        totp_secret: secret.unwrap_or_default(),
    }
}

/// Somebody who treats, as an actor of their own.
struct Clinician {
    actor: Actor,
    user: UserId,
    password: String,
}

impl Clinician {
    fn new(house: &Actor, user: UserId, staff: &people::Staff, password: String) -> Self {
        let actor = Actor {
            user: Some(user),
            name: format!("{} {}", staff.given, staff.family),
            credentials: staff.credentials.map(str::to_owned),
            roles: staff.roles.to_vec(),
            ..house.clone()
        };
        Self { actor, user, password }
    }
}

/// Clients, their weekly sessions, and the notes of those that took place.
async fn fill(past: &Past, admin: &Actor, clinicians: &[Clinician], now: Timestamp) -> Result<(), Refusal> {
    let types = {
        let tx = past
            .app
            .db
            .begin(past.practice)
            .await
            .map_err(|error| Refusal::from(&error))?;
        scheduling::seed_default_types(&tx, admin)
            .await
            .map_err(|error| Refusal::from(&error))?;
        let types = scheduling::appointment_types(&tx, admin)
            .await
            .map_err(|error| Refusal::from(&error))?;
        tx.commit().await.map_err(|error| Refusal::from(&error))?;
        types
    };
    let individual = types
        .iter()
        .find(|one| one.minutes == 50)
        .or(types.first())
        .map(|one| one.id)
        .ok_or(Refusal::Fault)?;
    let mut clients = Vec::new();
    for (index, person) in CLIENTS.iter().enumerate() {
        let clinician = &clinicians[index % 3];
        clients.push((register(past, admin, person, clinician.user, index).await?, index % 3));
    }
    let today = kernel::when::date_in(now, &past.zone);
    let monday = monday_of(today);
    for week in -WEEKS..=WEEKS {
        for (index, (client, clinician)) in clients.iter().enumerate() {
            // Each client has a weekly hour: three clinicians, five days, seven hours.
            let slot = index / 3;
            let (day, hour) = (slot % 5, 9 + (slot / 5) * 3 + usize::from(slot % 2 == 1));
            let date = monday.saturating_add(Span::new().days(week * 7 + i64::try_from(day).unwrap_or(0)));
            // The next days at ten stay free for whoever tries booking first.
            if hour == 10 && *clinician == 0 && date > today && (date - today).get_days() <= 4 {
                continue;
            }
            let starts = past.at(date, i8::try_from(hour).unwrap_or(9), 0)?;
            let visit = Visit {
                client: *client,
                clinician: &clinicians[*clinician],
                kind: individual,
                starts,
            };
            live_through(past, admin, &visit, now, index, week).await?;
        }
    }
    Ok(())
}

fn monday_of(date: Date) -> Date {
    let back = date.weekday().since(Weekday::Monday);
    date.saturating_sub(i64::from(back).days())
}

async fn register(
    past: &Past,
    admin: &Actor,
    person: &people::Person,
    clinician: UserId,
    index: usize,
) -> Result<ClientId, Refusal> {
    let tx = past
        .app
        .db
        .begin(past.practice)
        .await
        .map_err(|error| Refusal::from(&error))?;
    let client = clients::register(&tx, admin, people::new_client(person, clinician, index)?)
        .await
        .map_err(|error| Refusal::from(&error))?;
    tx.commit().await.map_err(|error| Refusal::from(&error))?;
    Ok(client)
}

struct Visit<'a> {
    client: ClientId,
    clinician: &'a Clinician,
    kind: AppointmentTypeId,
    starts: Timestamp,
}

/// Books a session and, if it lies before now, lets it happen: attended, missed or cancelled; noted or not yet.
async fn live_through(
    past: &Past,
    admin: &Actor,
    visit: &Visit<'_>,
    now: Timestamp,
    index: usize,
    week: i64,
) -> Result<(), Refusal> {
    let booked_at = past.clock.now();
    let Some(id) = book(past, admin, visit).await? else {
        return Ok(());
    };
    if visit.starts > now - jiff::SignedDuration::from_mins(55) {
        return Ok(());
    }
    let fate = (index + usize::try_from(week + WEEKS).unwrap_or(0) * 7) % 13;
    // Twenty minutes in: past the grace after which a client counts as not come.
    past.travel(visit.starts + jiff::SignedDuration::from_mins(20));
    let tx = past
        .app
        .db
        .begin(past.practice)
        .await
        .map_err(|error| Refusal::from(&error))?;
    match fate {
        MISSED => scheduling::mark_no_show(&tx, admin, id, None).await,
        CANCELLED => scheduling::cancel(&tx, admin, id, None, &illness()).await,
        _ => attend(&tx, admin, id).await,
    }
    .map_err(|error| Refusal::from(&error))?;
    tx.commit().await.map_err(|error| Refusal::from(&error))?;
    let is_written = !matches!(fate, MISSED | CANCELLED)
        && (visit.starts < now - jiff::SignedDuration::from_hours(48) || index.is_multiple_of(4));
    if is_written && index % 11 != 5 {
        write_note(past, visit, id, index).await?;
    }
    past.travel(booked_at);
    Ok(())
}

/// Every thirteenth session is missed, every thirteenth cancelled.
const MISSED: usize = 3;
const CANCELLED: usize = 8;

fn illness() -> scheduling::Cancellation {
    scheduling::Cancellation {
        by: scheduling::CancelledBy::Client,
        reason: scheduling::CancellationReason::Illness,
        note: None,
    }
}

async fn attend(
    tx: &platform::Tx,
    admin: &Actor,
    id: AppointmentId,
) -> Result<scheduling::Appointment, scheduling::AppointmentError> {
    scheduling::check_in(tx, admin, id, None).await?;
    scheduling::start(tx, admin, id, None).await?;
    scheduling::complete(tx, admin, id, None).await
}

async fn book(past: &Past, admin: &Actor, visit: &Visit<'_>) -> Result<Option<AppointmentId>, Refusal> {
    let tx = past
        .app
        .db
        .begin(past.practice)
        .await
        .map_err(|error| Refusal::from(&error))?;
    let new = scheduling::NewAppointment {
        client: visit.client,
        clinician: visit.clinician.user,
        kind: visit.kind,
        start: scheduling::Start::Instant(visit.starts),
        minutes: None,
        modality: None,
        location: None,
        reason: None,
        override_reason: None,
    };
    match scheduling::book(&tx, admin, &new).await {
        Ok(booked) => {
            tx.commit().await.map_err(|error| Refusal::from(&error))?;
            Ok(Some(booked.id))
        }
        // Two clients of one clinician may fall on one hour; the later one stays without a session that week.
        Err(scheduling::BookError::Taken { .. }) => Ok(None),
        Err(error) => Err(Refusal::from(&error)),
    }
}

async fn write_note(past: &Past, visit: &Visit<'_>, id: AppointmentId, index: usize) -> Result<(), Refusal> {
    let author = &visit.clinician.actor;
    past.travel(visit.starts + jiff::SignedDuration::from_mins(70));
    let tx = past
        .app
        .db
        .begin(past.practice)
        .await
        .map_err(|error| Refusal::from(&error))?;
    let [subjective, objective, assessment, plan] = NOTES[index % NOTES.len()].map(str::to_owned);
    let text = clinical::note::Soap {
        subjective,
        objective,
        assessment,
        plan,
    };
    let note = clinical::note::ops::begin(&tx, author, id)
        .await
        .map_err(|error| Refusal::from(&error))?;
    let revision = clinical::note::ops::save(&tx, author, note, 0, &text, None)
        .await
        .map_err(|error| Refusal::from(&error))?;
    if index % 7 != 2 {
        let proof = identity::prove_password(&past.app, &tx, author, &visit.clinician.password)
            .await
            .map_err(|failure| failure.0)?;
        let proof = proof.map_err(|_| Refusal::Fault)?;
        clinical::note::ops::sign(&tx, author, note, revision, &proof)
            .await
            .map_err(|error| Refusal::from(&error))?;
    }
    tx.commit().await.map_err(|error| Refusal::from(&error))
}
