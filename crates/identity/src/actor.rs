//! The actor: who asks, for which practice, with which rights.

use jiff::tz::TimeZone;
use kernel::{ApiKeyId, Permission, PracticeId, Refusal, Role, Scope, SessionId, UserId};

use crate::rights;

/// Why an actor may not do or see something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The record does not exist for this actor; unknown, foreign and out of reach look alike.
    #[error("hidden")]
    Hidden,
    /// The actor's roles do not allow this at all.
    #[error("permission {0} missing")]
    Missing(Permission),
}

impl From<AccessError> for Refusal {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Hidden => Self::NotFound,
            AccessError::Missing(_) => Self::Forbidden(
                "Your role does not include this. Nothing was changed; an owner or administrator can grant it."
                    .to_owned(),
            ),
        }
    }
}

/// Who asks. Made from a session, an API key, or the command line; never from a request's words alone.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The practice acted for.
    pub practice: PracticeId,
    /// The practice's name, for pages and documents.
    pub practice_name: String,
    /// The practice's time zone: its "today".
    pub zone: TimeZone,
    /// Whether the practice is the synthetic demonstration.
    pub is_demo: bool,
    /// The user; `None` for the command line and the house itself.
    pub user: Option<UserId>,
    /// The person's name, or what acts when there is no person.
    pub name: String,
    /// Letters behind the name on notes.
    pub credentials: Option<String>,
    /// Roles held now.
    pub roles: Vec<Role>,
    /// The browser's session.
    pub session: Option<SessionId>,
    /// The API key, when a program asks.
    pub key: Option<ApiKeyId>,
    /// What the API key is limited to; `None` is no limit beyond the roles.
    pub limits: Option<Vec<Permission>>,
    /// The form token of this session; empty where there are no forms.
    pub csrf: String,
    /// The network address asked from.
    pub address: Option<String>,
    /// The id of the request in log and error pages.
    pub request: Option<String>,
    /// Light, dark, or as the machine is set.
    pub theme: ui::Theme,
}

impl Actor {
    /// The house itself, with every right in a practice: the command line, imports it starts, jobs.
    #[must_use]
    pub fn house(practice: PracticeId, name: &str, zone: TimeZone) -> Self {
        Self {
            practice,
            practice_name: String::new(),
            zone,
            is_demo: false,
            user: None,
            name: name.to_owned(),
            credentials: None,
            roles: Role::ALL
                .iter()
                .copied()
                .filter(|role| !matches!(role, Role::Supervisee | Role::Intern | Role::Auditor))
                .collect(),
            session: None,
            key: None,
            limits: None,
            csrf: String::new(),
            address: None,
            request: None,
            theme: ui::Theme::System,
        }
    }

    /// How far this actor's right reaches; `None` is no right. A key without the permission in its scopes has none.
    #[must_use]
    pub fn scope(&self, permission: Permission) -> Option<Scope> {
        match &self.limits {
            Some(limits) if !limits.contains(&permission) => None,
            _ => rights::of_roles(&self.roles, permission),
        }
    }

    /// Whether the actor has the right at any reach: what decides if a link or button is shown.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.scope(permission).is_some()
    }

    /// The reach of a right that an operation needs.
    ///
    /// # Errors
    /// [`AccessError::Missing`] where there is none.
    pub fn need(&self, permission: Permission) -> Result<Scope, AccessError> {
        self.scope(permission).ok_or(AccessError::Missing(permission))
    }

    /// The user, where only a person can do something.
    ///
    /// # Errors
    /// [`AccessError::Missing`] for the command line and the house.
    pub fn person(&self, permission: Permission) -> Result<UserId, AccessError> {
        self.user.ok_or(AccessError::Missing(permission))
    }

    /// Today in the practice's zone.
    #[must_use]
    pub fn today(&self, now: jiff::Timestamp) -> jiff::civil::Date {
        kernel::when::date_in(now, &self.zone)
    }
}
