//! Opening a practice and making accounts without a browser: for the command line and the demonstration.

use data_encoding::BASE32_NOPAD;
use kernel::{PracticeId, Problems, Refusal, Role, UserId, text};
use platform::{App, StoreError, Tx};
use serde_json::json;

use crate::audit::{self, Action, Entry, Purpose};
use crate::factor::{self, FactorError};
use crate::password::{self, HashError, Password};
use crate::user::ops::{self, Details, Typed};
use crate::user::{self, Status, UserError, UserRow};
use crate::{Actor, practice, totp};

/// A practice to be opened.
#[derive(Clone, Debug)]
pub struct NewPractice {
    /// Its name in addresses.
    pub slug: String,
    /// Its legal name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// The owner's e-mail address.
    pub owner_email: String,
    /// The owner's password.
    pub owner_password: String,
    /// Whether it is the synthetic demonstration; its owner then has an authenticator at once.
    pub is_demo: bool,
}

/// A practice just opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The practice.
    pub practice: PracticeId,
    /// Its owner.
    pub owner: UserId,
    /// Base32 key of the owner's authenticator, in a demonstration.
    pub totp_secret: Option<String>,
}

/// An account to be made with a password.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// E-mail address.
    pub email: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Letters behind the name.
    pub credentials: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Whether appointments can be made with this person.
    pub bookable: bool,
    /// The password.
    pub password: String,
    /// Whether to set up an authenticator at once.
    pub with_totp: bool,
}

/// An account just made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The user.
    pub user: UserId,
    /// Base32 key of the authenticator, where one was asked for.
    pub totp_secret: Option<String>,
}

/// Why a practice or account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Values.
    #[error("invalid values")]
    Invalid(Problems),
    /// The short name is taken.
    #[error("slug taken")]
    SlugTaken,
    /// A rule about users.
    #[error(transparent)]
    User(#[from] UserError),
    /// Hashing.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Authenticator.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<&OpenError> for Refusal {
    fn from(error: &OpenError) -> Self {
        match error {
            OpenError::Invalid(problems) => Self::Invalid(problems.clone()),
            OpenError::SlugTaken => Self::Conflict {
                code: "slug_taken",
                sentence: "Another practice has this short name. Choose another slug.".to_owned(),
                field: Some("slug"),
            },
            OpenError::User(error) => Self::from(error),
            OpenError::Hash(error) => Self::from(error),
            OpenError::Factor(FactorError::Store(error)) | OpenError::Store(error) => Self::from(error),
            OpenError::Factor(FactorError::Wrong | FactorError::Confirmed | FactorError::Key(_)) => Self::Fault,
        }
    }
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        Self::from(&error)
    }
}

/// Opens a practice with its owner, in one transaction.
///
/// # Errors
/// [`OpenError`]; nothing is left behind.
pub async fn open_practice(app: &App, new: NewPractice) -> Result<Opened, OpenError> {
    let mut problems = Problems::default();
    let slug = problems.keep("slug", text::slug(&new.slug));
    let name = problems.keep("name", text::line(&new.name, 200));
    let zone = problems.keep("time_zone", text::time_zone(&new.time_zone));
    if let Err(problem) = text::email(&new.owner_email) {
        problems.add("owner", problem.code(), problem.to_string());
    }
    let about = [new.owner_email.as_str(), &new.name];
    if !new.is_demo
        && let Err(weak) = Password::checked(&new.owner_password, &about)
    {
        problems.add("password", weak.code(), weak.to_string());
    }
    let (Some(slug), Some(name), Some(zone), true) = (slug, name, zone, problems.is_empty()) else {
        return Err(OpenError::Invalid(problems));
    };
    let practice: PracticeId = app.clock.id();
    let tx = app.db.begin(practice).await?;
    let opened = practice::store::open(
        &tx,
        practice,
        &slug,
        &name,
        zone.iana_name().unwrap_or(&new.time_zone),
        new.is_demo,
        tx.now(),
    )
    .await;
    opened.map_err(|error| {
        if error.is_constraint("practice_slug_unique") {
            OpenError::SlugTaken
        } else {
            error.into()
        }
    })?;
    let actor = Actor::house(practice, "opening", zone);
    let entry = Entry::new(Action::Create, "practice")
        .id(practice.uuid())
        .purpose(Purpose::Administration);
    audit::record(&tx, &actor, entry).await?;
    let owner = NewAccount {
        email: new.owner_email,
        given_name: "Practice".to_owned(),
        family_name: "Owner".to_owned(),
        credentials: None,
        roles: vec![Role::Owner],
        bookable: false,
        password: new.owner_password,
        with_totp: new.is_demo,
    };
    let made = make(app, &tx, &actor, owner, &name).await?;
    tx.commit().await?;
    Ok(Opened {
        practice,
        owner: made.user,
        totp_secret: made.totp_secret,
    })
}

/// Makes an account with a password, in a transaction of its own.
///
/// # Errors
/// [`OpenError`].
pub async fn create_account(
    app: &App,
    practice: PracticeId,
    actor: &Actor,
    new: NewAccount,
) -> Result<Made, OpenError> {
    let tx = app.db.begin(practice).await?;
    let (name, _) = practice::store::name_and_zone(&tx, practice).await?;
    let made = make(app, &tx, actor, new, &name).await?;
    tx.commit().await?;
    Ok(made)
}

async fn make(app: &App, tx: &Tx, actor: &Actor, new: NewAccount, practice_name: &str) -> Result<Made, OpenError> {
    let roles: Vec<String> = new.roles.iter().map(|role| role.word().to_owned()).collect();
    let typed = Typed {
        email: &new.email,
        given_name: &new.given_name,
        family_name: &new.family_name,
        credentials: new.credentials.as_deref().unwrap_or_default(),
        bookable: new.bookable,
        roles: &roles,
        ..Typed::default()
    };
    let details: Details = typed.parse().map_err(OpenError::Invalid)?;
    let hash = password::hash(app, check(&new, practice_name)?).await?;
    let status = if new.with_totp {
        Status::Active
    } else {
        Status::Onboarding
    };
    let user = ops::insert(tx, actor, &details, status).await?;
    user::store::set_password(tx, tx.practice(), user, &hash, tx.now()).await?;
    audit::record(
        tx,
        actor,
        Entry::new(Action::Update, "app_user")
            .id(user.uuid())
            .purpose(Purpose::Administration)
            .detail(json!({ "password": "set" })),
    )
    .await?;
    let totp_secret = if new.with_totp {
        let seed: [u8; totp::SEED_BYTES] = rand::random();
        factor::set_up(app, tx, user, &seed).await?;
        Some(BASE32_NOPAD.encode(&seed))
    } else {
        None
    };
    Ok(Made { user, totp_secret })
}

/// The demonstration's sign-ins are printed for everybody, so their passwords may name the role.
fn check(new: &NewAccount, practice_name: &str) -> Result<Password, OpenError> {
    let about = [new.email.as_str(), &new.given_name, &new.family_name, practice_name];
    let about: &[&str] = if new.with_totp { &[] } else { &about };
    Password::checked(&new.password, about).map_err(|weak| {
        let mut problems = Problems::default();
        problems.add("password", weak.code(), weak.to_string());
        OpenError::Invalid(problems)
    })
}

/// The house itself as an actor in the transaction's practice: what the command line does is recorded under this name.
///
/// # Errors
/// The database.
pub async fn house_actor(tx: &Tx, name: &str) -> Result<Actor, StoreError> {
    let (practice_name, zone) = practice::store::name_and_zone(tx, tx.practice()).await?;
    let zone = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut actor = Actor::house(tx.practice(), name, zone);
    actor.practice_name = practice_name;
    Ok(actor)
}

/// The practice of a short name; asked outside every practice.
///
/// # Errors
/// The database.
pub async fn practice_by_slug(tx: &Tx, slug: &str) -> Result<Option<PracticeId>, StoreError> {
    Ok(practice::store::by_slug(tx, slug).await?.map(|(id,)| id))
}

/// The user of an address in the transaction's practice.
///
/// # Errors
/// The database.
pub async fn find_account(tx: &Tx, email: &str) -> Result<Option<UserId>, StoreError> {
    let Ok(email) = text::email(email) else { return Ok(None) };
    Ok(user::store::by_email(tx, tx.practice(), &email).await?.map(|(id,)| id))
}

/// An account as the command line lists it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Id.
    pub id: UserId,
    /// E-mail address.
    pub email: String,
    /// State.
    pub status: Status,
    /// Role words.
    pub roles: Vec<&'static str>,
}

/// All accounts of the transaction's practice, by name; for the command line.
///
/// # Errors
/// The database.
pub async fn list_accounts(tx: &Tx) -> Result<Vec<Account>, StoreError> {
    let mut all: Vec<UserRow> = Vec::new();
    loop {
        let after = all.last();
        let (family, given, id) = after.map_or((None, None, None), |row| {
            (
                Some(row.family_name.clone()),
                Some(row.given_name.clone()),
                Some(row.id),
            )
        });
        let page = user::store::list(
            tx,
            tx.practice(),
            None,
            None,
            None,
            "",
            family.as_deref(),
            given.as_deref(),
            id,
            500,
        )
        .await?;
        if page.is_empty() {
            let line = |row: UserRow| Account {
                id: row.id,
                email: row.email,
                status: row.status,
                roles: row.roles.iter().map(|role| role.word()).collect(),
            };
            return Ok(all.into_iter().map(line).collect());
        }
        all.extend(page);
    }
}
