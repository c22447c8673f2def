//! What can be done with users. Pages, REST and the command line call the same operations.

use kernel::{Permission, Problems, Role, Scope, UserId, text};
use platform::events::{Event, publish};
use platform::{App, StoreError, Tx};
use serde_json::json;

use super::{Status, UserError, UserRow, may_change_roles, may_touch, store};
use crate::audit::{self, Action, Entry, Purpose};
use crate::{AccessError, Actor, invitation, session};

/// The details of a person, checked.
#[derive(Clone, Debug)]
pub struct Details {
    /// E-mail address.
    pub email: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Letters behind the name.
    pub credentials: Option<String>,
    /// NPI.
    pub npi: Option<String>,
    /// Phone, E.164.
    pub phone: Option<String>,
    /// Whether appointments can be made with this person.
    pub bookable: bool,
    /// Roles.
    pub roles: Vec<Role>,
}

/// The details of a person, as typed or sent.
#[derive(Clone, Debug, Default)]
pub struct Typed<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// Letters behind the name.
    pub credentials: &'a str,
    /// NPI.
    pub npi: &'a str,
    /// Phone.
    pub phone: &'a str,
    /// Whether appointments can be made with this person.
    pub bookable: bool,
    /// Role words.
    pub roles: &'a [String],
}

impl Typed<'_> {
    /// Checks all fields at once.
    ///
    /// # Errors
    /// What is wrong, field by field.
    pub fn parse(&self) -> Result<Details, Problems> {
        let mut problems = Problems::default();
        let given = |typed: &str| !typed.trim().is_empty();
        let email = problems.keep("email", text::email(self.email));
        let given_name = problems.keep("given_name", text::line(self.given_name, 100));
        let family_name = problems.keep("family_name", text::line(self.family_name, 100));
        let credentials = problems
            .keep("credentials", text::optional_line(self.credentials, 60))
            .flatten();
        let npi = given(self.npi)
            .then(|| problems.keep("npi", text::npi(self.npi)))
            .flatten();
        let phone = given(self.phone)
            .then(|| problems.keep("phone", text::phone(self.phone)))
            .flatten();
        let mut roles = Vec::new();
        for word in self.roles {
            match word.parse::<Role>() {
                Ok(role) if roles.contains(&role) => {}
                Ok(role) => roles.push(role),
                Err(_) => problems.add(
                    "roles",
                    "unknown",
                    format!("There is no role “{}”.", word.chars().take(40).collect::<String>()),
                ),
            }
        }
        if roles.is_empty() && problems.of("roles").is_none() {
            problems.add("roles", "required", "Please choose at least one role.");
        }
        match (email, given_name, family_name) {
            (Some(email), Some(given_name), Some(family_name)) if problems.is_empty() => Ok(Details {
                email,
                given_name,
                family_name,
                credentials,
                npi,
                phone,
                bookable: self.bookable,
                roles,
            }),
            _ => Err(problems),
        }
    }
}

/// What a list keeps.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Holders of a role.
    pub role: Option<Role>,
    /// Accounts in a state.
    pub status: Option<Status>,
    /// Part of a name or address.
    pub words: String,
}

/// Where a page of the list starts: behind this family name, given name and id.
pub type After = (String, String, UserId);

/// Users by name; those without the right to the whole list see themselves.
///
/// # Errors
/// Rights; database.
pub async fn list(
    tx: &Tx,
    actor: &Actor,
    filter: &Filter,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<UserRow>, UserError> {
    let own = match actor.need(Permission::UserRead)? {
        Scope::Practice => None,
        _ => Some(actor.person(Permission::UserRead)?),
    };
    let (family, given, id) = after.map_or((None, None, None), |(family, given, id)| {
        (Some(family.as_str()), Some(given.as_str()), Some(*id))
    });
    let entry = Entry::new(Action::Search, "app_user").purpose(Purpose::Administration);
    let (rows, ()) = futures_util::try_join!(
        store::list(
            tx,
            actor.practice,
            own,
            filter.role,
            filter.status,
            filter.words.trim(),
            family,
            given,
            id,
            limit
        ),
        audit::record(tx, actor, entry),
    )?;
    Ok(rows)
}

/// One user, for reading.
///
/// # Errors
/// Rights; hidden; database.
pub async fn open(tx: &Tx, actor: &Actor, id: UserId) -> Result<UserRow, UserError> {
    let scope = actor.need(Permission::UserRead)?;
    if scope != Scope::Practice && actor.user != Some(id) {
        return Err(AccessError::Hidden.into());
    }
    let entry = Entry::new(Action::Read, "app_user")
        .id(id.uuid())
        .purpose(Purpose::Administration);
    let (row, ()) = futures_util::try_join!(store::find(tx, actor.practice, id), audit::record(tx, actor, entry))?;
    row.ok_or(UserError::Access(AccessError::Hidden))
}

/// One user, to be changed: visible, and not above the actor.
async fn for_change(tx: &Tx, actor: &Actor, id: UserId) -> Result<UserRow, UserError> {
    actor.need(Permission::UserManage)?;
    let row = store::find(tx, actor.practice, id).await?.ok_or(AccessError::Hidden)?;
    may_touch(&actor.roles, &row.roles)?;
    Ok(row)
}

/// Creates an account and sends its owner a link to set a password with (IAM-12).
///
/// # Errors
/// [`UserError`].
pub async fn create(app: &App, tx: &Tx, actor: &Actor, new: &Details) -> Result<UserId, UserError> {
    let id = insert(tx, actor, new, Status::Invited).await?;
    invitation::send(app, tx, id, &new.email).await?;
    Ok(id)
}

/// Creates an account in a state; used by [`create`] and by the command line, which sets the password itself.
pub(crate) async fn insert(tx: &Tx, actor: &Actor, new: &Details, status: Status) -> Result<UserId, UserError> {
    actor.need(Permission::UserManage)?;
    may_change_roles(&actor.roles, &[], &new.roles, false)?;
    let id: UserId = tx.id();
    let inserted = store::insert(
        tx,
        tx.practice(),
        id,
        &new.email,
        &new.given_name,
        &new.family_name,
        new.credentials.as_deref(),
        new.npi.as_deref(),
        new.phone.as_deref(),
        status,
        new.bookable,
        tx.now(),
    );
    inserted.await.map_err(taken)?;
    store::insert_roles(tx, tx.practice(), id, &new.roles, tx.now(), actor.user).await?;
    audit::record(
        tx,
        actor,
        entry(Action::Create, id).detail(json!({ "roles": new.roles })),
    )
    .await?;
    publish(tx, event("identity.user_created", id, actor)).await?;
    Ok(id)
}

fn taken(error: StoreError) -> UserError {
    if error.is_constraint("app_user_email_unique") {
        UserError::EmailTaken
    } else {
        error.into()
    }
}

fn entry(action: Action, id: UserId) -> Entry {
    Entry::new(action, "app_user")
        .id(id.uuid())
        .purpose(Purpose::Administration)
}

fn event(name: &'static str, id: UserId, actor: &Actor) -> Event {
    Event {
        name,
        subject: id.uuid(),
        client: None,
        actor: actor.user,
        facts: json!({}),
        topics: vec!["users".to_owned()],
    }
}

/// Changes details and roles.
///
/// # Errors
/// [`UserError`].
pub async fn update(tx: &Tx, actor: &Actor, id: UserId, version: i64, new: &Details) -> Result<i64, UserError> {
    actor.need(Permission::UserManage)?;
    queue_owners(tx).await?;
    let before = for_change(tx, actor, id).await?;
    if before.version != version {
        return Err(UserError::Stale {
            current: before.version,
        });
    }
    let is_self = actor.user == Some(id);
    may_change_roles(&actor.roles, &before.roles, &new.roles, is_self)?;
    if before.roles.contains(&Role::Owner) && !new.roles.contains(&Role::Owner) && before.status == Status::Active {
        another_owner(tx, id).await?;
    }
    let updated = store::update(
        tx,
        tx.practice(),
        id,
        version,
        &new.email,
        &new.given_name,
        &new.family_name,
        new.credentials.as_deref(),
        new.npi.as_deref(),
        new.phone.as_deref(),
        new.bookable,
        tx.now(),
    );
    if updated.await.map_err(taken)? == 0 {
        let current = store::find(tx, tx.practice(), id)
            .await?
            .map_or(version, |row| row.version);
        return Err(UserError::Stale { current });
    }
    audit::record(
        tx,
        actor,
        entry(Action::Update, id).detail(json!({ "fields": changed(&before, new) })),
    )
    .await?;
    let same_roles = before.roles.len() == new.roles.len() && before.roles.iter().all(|role| new.roles.contains(role));
    if !same_roles {
        store::delete_roles(tx, tx.practice(), id, &new.roles).await?;
        store::insert_roles(tx, tx.practice(), id, &new.roles, tx.now(), actor.user).await?;
        audit::record(
            tx,
            actor,
            entry(Action::Permission, id).detail(json!({ "before": before.roles, "after": new.roles })),
        )
        .await?;
    }
    publish(tx, event("identity.user_changed", id, actor)).await?;
    Ok(version + 1)
}

fn changed(before: &UserRow, new: &Details) -> Vec<&'static str> {
    [
        ("email", before.email != new.email),
        ("given_name", before.given_name != new.given_name),
        ("family_name", before.family_name != new.family_name),
        ("credentials", before.credentials != new.credentials),
        ("npi", before.npi != new.npi),
        ("phone", before.phone != new.phone),
        ("bookable", before.bookable != new.bookable),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Taken before the account is read, so that two who remove each other at once take turns.
async fn queue_owners(tx: &Tx) -> Result<(), StoreError> {
    let key = i64::try_from(tx.practice().uuid().as_u128() & 0x7fff_ffff).unwrap_or(0);
    store::queue_owners(tx, key).await.map(drop)
}

async fn another_owner(tx: &Tx, but: UserId) -> Result<(), UserError> {
    if store::other_owners(tx, tx.practice(), but).await?.0 == 0 {
        Err(UserError::LastOwner)
    } else {
        Ok(())
    }
}

/// Shuts an account out at once: its sessions end, its keys stop (IAM-11).
///
/// # Errors
/// [`UserError`].
pub async fn suspend(tx: &Tx, actor: &Actor, id: UserId, reason: &str) -> Result<(), UserError> {
    actor.need(Permission::UserManage)?;
    queue_owners(tx).await?;
    let row = for_change(tx, actor, id).await?;
    if actor.user == Some(id) {
        return Err(UserError::Oneself);
    }
    let reason = parse_reason(reason)?;
    if !matches!(row.status, Status::Active | Status::Onboarding) {
        return Err(UserError::State(row.status));
    }
    if row.roles.contains(&Role::Owner) && row.status == Status::Active {
        another_owner(tx, id).await?;
    }
    store::set_status(tx, tx.practice(), id, Status::Suspended, &reason, tx.now()).await?;
    let ended = session::end_all(tx, id, None, "suspended").await?;
    audit::record(
        tx,
        actor,
        entry(Action::Update, id).detail(json!({ "status": "suspended", "sessions_ended": ended })),
    )
    .await?;
    Ok(publish(tx, event("identity.user_suspended", id, actor)).await?)
}

/// Lets a suspended account in again; without a confirmed second factor it sets one up first.
///
/// # Errors
/// [`UserError`].
pub async fn reactivate(tx: &Tx, actor: &Actor, id: UserId, reason: &str) -> Result<(), UserError> {
    let row = for_change(tx, actor, id).await?;
    let reason = parse_reason(reason)?;
    if row.status != Status::Suspended {
        return Err(UserError::State(row.status));
    }
    let status = if crate::factor::is_set_up(tx, id).await? {
        Status::Active
    } else {
        Status::Onboarding
    };
    store::set_status(tx, tx.practice(), id, status, &reason, tx.now()).await?;
    audit::record(
        tx,
        actor,
        entry(Action::Update, id).detail(json!({ "status": status.word() })),
    )
    .await?;
    Ok(publish(tx, event("identity.user_reactivated", id, actor)).await?)
}

fn parse_reason(typed: &str) -> Result<String, UserError> {
    let mut problems = Problems::default();
    let reason = problems.keep("reason", text::line(typed, 300));
    reason.ok_or(UserError::Invalid(problems))
}

/// Removes an account that nobody ever used.
///
/// # Errors
/// [`UserError`].
pub async fn delete(tx: &Tx, actor: &Actor, id: UserId) -> Result<(), UserError> {
    let row = for_change(tx, actor, id).await?;
    if row.status != Status::Invited || row.last_sign_in.is_some() {
        return Err(UserError::Kept);
    }
    store::delete_links(tx, tx.practice(), id).await?;
    store::delete_roles(tx, tx.practice(), id, &[]).await?;
    // Somebody may have been assigned a client before they came.
    store::delete(tx, tx.practice(), id)
        .await
        .map_err(|error| match error {
            StoreError::Constraint { .. } | StoreError::Raised(_) => UserError::Kept,
            other => other.into(),
        })?;
    audit::record(tx, actor, entry(Action::Delete, id)).await?;
    Ok(publish(tx, event("identity.user_deleted", id, actor)).await?)
}

/// Sends a new link in place of the old one.
///
/// # Errors
/// [`UserError`].
pub async fn invite_again(app: &App, tx: &Tx, actor: &Actor, id: UserId) -> Result<(), UserError> {
    let row = for_change(tx, actor, id).await?;
    if row.status != Status::Invited {
        return Err(UserError::State(row.status));
    }
    invitation::send(app, tx, id, &row.email).await?;
    Ok(audit::record(
        tx,
        actor,
        entry(Action::Execute, id).detail(json!({ "sent": "invitation" })),
    )
    .await?)
}
