//! Who asks: the cookie or key of a request becomes an [`Actor`] in an open transaction, in one flush.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{ApiKeyId, Permission, PracticeId, Refusal, Role, SessionId, UserId};
use platform::{App, StoreError, Tx};
use sha2::{Digest, Sha256};

use super::Failure;
use super::routes::{Access, declared_access};
use crate::Actor;
use crate::audit::{self, Action, Entry};

/// The session cookie's name; `__Host-` is put before it where people come by HTTPS.
pub const COOKIE: &str = "session";
/// Without a request for this long a session no longer opens anything (IAM, numbers: idle 20 min).
const IDLE: SignedDuration = crate::session::IDLE;
/// How stale `seen_at` may get before a request writes it, so that not every read writes.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Who asks, and an open transaction of their practice. A handler commits it, or it rolls back.
pub struct Ask {
    /// The house.
    pub app: App,
    /// Who asks.
    pub actor: Actor,
    /// The transaction.
    pub tx: Tx,
}

impl Ask {
    /// Splits into parts, where a handler needs to give the transaction away.
    pub fn into_parts(self) -> (App, Actor, Tx) {
        (self.app, self.actor, self.tx)
    }

    /// After a refusal that killed the transaction: rolls it back and opens a fresh one to draw the page with.
    ///
    /// # Errors
    /// The database.
    pub async fn again(self) -> Result<Self, Failure> {
        let Self { app, actor, tx } = self;
        tx.rollback().await?;
        let tx = app.db.begin(actor.practice).await?;
        Ok(Self { app, actor, tx })
    }
}

platform::row! {
    /// What one look-up by token tells.
    struct Found {
        user_id: UserId,
        holder_id: uuid::Uuid,
        assurance: i16,
        seen_at: Timestamp,
        given_name: String,
        family_name: String,
        credentials: Option<String>,
        roles: Vec<String>,
        limits: Option<Vec<String>>,
        practice_name: String,
        time_zone: String,
        is_demo: bool,
    }
}

platform::statement! {
    /// A live session with its user, roles and practice. Index: session_token_unique.
    fn find_session(practice: PracticeId, token_hash: &[u8], now: Timestamp, idle_since: Timestamp) -> maybe Found = "
    select s.user_id, s.id as holder_id, s.assurance, s.seen_at, u.given_name, u.family_name, u.credentials,
           coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = $1 and r.user_id = s.user_id), '{}') as roles,
           null::text[] as limits, p.legal_name as practice_name, p.time_zone, p.is_demo
      from session s
      join app_user u on u.practice_id = s.practice_id and u.id = s.user_id
      join practice p on p.practice_id = s.practice_id
     where s.practice_id = $1 and s.token_hash = $2 and s.ended_at is null and s.ends_at > $3 and s.seen_at > $4
       and u.status in ('active', 'onboarding') and p.status in ('active', 'set_up')"
}
platform::statement! {
    /// A live API key with its user, roles and practice. Index: api_key_secret_unique.
    fn find_key(practice: PracticeId, secret_hash: &[u8], now: Timestamp) -> maybe Found = "
    select k.user_id, k.id as holder_id, 2::smallint as assurance, coalesce(k.used_at, k.created_at) as seen_at, u.given_name, u.family_name, u.credentials,
           coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = $1 and r.user_id = k.user_id), '{}') as roles,
           k.scopes as limits, p.legal_name as practice_name, p.time_zone, p.is_demo
      from api_key k
      join app_user u on u.practice_id = k.practice_id and u.id = k.user_id
      join practice p on p.practice_id = k.practice_id
     where k.practice_id = $1 and k.secret_hash = $2 and k.revoked_at is null and k.expires_at > $3
       and u.status in ('active', 'onboarding') and p.status in ('active', 'set_up')"
}
platform::statement! {
    /// Notes that a session was used.
    fn touch_session(practice: PracticeId, id: uuid::Uuid, now: Timestamp) -> count = "
    update session set seen_at = $3 where practice_id = $1 and id = $2"
}
platform::statement! {
    /// Notes that a key was used.
    fn touch_key(practice: PracticeId, id: uuid::Uuid, now: Timestamp) -> count = "
    update api_key set used_at = $3 where practice_id = $1 and id = $2"
}

/// What a browser or program shows: the practice and a secret, as `<practice>.<secret>` in URL-safe base64.
#[derive(Clone)]
pub(crate) struct Shown {
    practice: PracticeId,
    secret: Vec<u8>,
    is_key: bool,
}

impl Shown {
    /// The practice it names.
    pub(crate) const fn practice(&self) -> PracticeId {
        self.practice
    }

    pub(crate) fn parse(text: &str, is_key: bool) -> Option<Self> {
        let (practice, secret) = text.split_once('.')?;
        let practice: [u8; 16] = URL_SAFE_NO_PAD.decode(practice).ok()?.try_into().ok()?;
        let secret = URL_SAFE_NO_PAD
            .decode(secret)
            .ok()
            .filter(|secret| secret.len() == 32)?;
        Some(Self {
            practice: PracticeId::from_uuid(uuid::Uuid::from_bytes(practice)),
            secret,
            is_key,
        })
    }

    fn of(headers: &HeaderMap, is_program: bool) -> Option<Self> {
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.strip_prefix("Bearer "));
        match bearer {
            Some(text) if is_program => Self::parse(text.trim().strip_prefix("msk_")?, true),
            Some(_) => None,
            None => session_token(headers).and_then(|text| Self::parse(&text, false)),
        }
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.secret).to_vec()
    }
}

/// The text that a cookie or, behind `msk_`, an API key holds.
#[must_use]
pub fn cookie_value(practice: PracticeId, secret: &[u8]) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(practice.uuid().as_bytes()),
        URL_SAFE_NO_PAD.encode(secret)
    )
}

/// The session cookie of a request, if it has one.
#[must_use]
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    cookies
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name.strip_prefix("__Host-").unwrap_or(name) == COOKIE).then(|| value.to_owned()))
}

/// The form token of a session: known to its pages, useless for signing in.
#[must_use]
pub fn form_token(session_token: &str) -> String {
    let digest = Sha256::new()
        .chain_update("form-token\0")
        .chain_update(session_token)
        .finalize();
    URL_SAFE_NO_PAD.encode(&digest[..24])
}

impl FromRequestParts<App> for Ask {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let access = declared_access(parts).ok_or_else(|| {
            tracing::error!(
                path = parts.uri.path(),
                "A route without a declared right was asked for"
            );
            Failure(Refusal::Fault)
        })?;
        let path = parts.uri.path();
        let is_program = path.starts_with("/api/") || path.starts_with("/fhir/");
        let shown = Shown::of(&parts.headers, is_program).ok_or(Failure(Refusal::SignIn))?;
        let tx = app.db.begin(shown.practice).await?;
        let found = look_up(&tx, &shown).await?.ok_or(Failure(Refusal::SignIn))?;
        let assurance = found.assurance;
        if (access == Access::FirstFactor) != (assurance == 1) {
            return Err(Failure(Refusal::SignIn));
        }
        let actor = actor(parts, &shown, found)?;
        if let Access::Need(permission) = access
            && let Err(error) = actor.need(permission)
        {
            refuse(app, &actor, permission, parts.uri.path()).await?;
            return Err(error.into());
        }
        Ok(Self {
            app: app.clone(),
            actor,
            tx,
        })
    }
}

/// The browser of somebody who may not be signed in.
pub struct Visitor(pub crate::session::Browser);

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(|text| text.chars().take(300).collect())
        };
        Ok(Self(crate::session::Browser {
            address: peer(parts),
            agent: header("user-agent"),
            request: header("x-request-id"),
        }))
    }
}

fn peer(parts: &Parts) -> Option<String> {
    parts
        .extensions
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
        .map(|info| info.0.ip().to_string())
}

/// The person's choice of light or dark; a cookie of the machine, not of the account.
fn theme(headers: &HeaderMap) -> ui::Theme {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    let chosen = cookies
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == "theme");
    chosen.map_or(ui::Theme::System, |(_, value)| ui::Theme::from_name(value))
}

async fn look_up(tx: &Tx, shown: &Shown) -> Result<Option<Found>, StoreError> {
    let now = tx.now();
    let found = if shown.is_key {
        find_key(tx, shown.practice, &shown.hash(), now).await?
    } else {
        find_session(tx, shown.practice, &shown.hash(), now, now - IDLE).await?
    };
    if let Some(found) = &found
        && now.duration_since(found.seen_at) > SEEN_EVERY
    {
        if shown.is_key {
            touch_key(tx, shown.practice, found.holder_id, now).await?;
        } else {
            touch_session(tx, shown.practice, found.holder_id, now).await?;
        }
    }
    Ok(found)
}

fn actor(parts: &Parts, shown: &Shown, found: Found) -> Result<Actor, Failure> {
    let zone = TimeZone::get(&found.time_zone).map_err(|error| Failure::fault(&error))?;
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let unlimited = found
        .limits
        .as_ref()
        .is_none_or(|limits| limits.iter().any(|limit| limit == "*"));
    let limits = if unlimited {
        None
    } else {
        found.limits.map(|words| {
            words
                .iter()
                .filter_map(|word| word.parse().ok())
                .collect::<Vec<Permission>>()
        })
    };
    Ok(Actor {
        practice: shown.practice,
        practice_name: found.practice_name,
        zone,
        is_demo: found.is_demo,
        user: Some(found.user_id),
        name: format!("{} {}", found.given_name, found.family_name),
        credentials: found.credentials,
        roles: found
            .roles
            .iter()
            .filter_map(|role| role.parse::<Role>().ok())
            .collect(),
        session: (!shown.is_key).then(|| SessionId::from_uuid(found.holder_id)),
        key: shown.is_key.then(|| ApiKeyId::from_uuid(found.holder_id)),
        limits,
        csrf: if shown.is_key {
            String::new()
        } else {
            session_token(&parts.headers)
                .map(|token| form_token(&token))
                .unwrap_or_default()
        },
        address: peer(parts),
        request: header("x-request-id"),
        theme: theme(&parts.headers),
    })
}

/// Writes a refusal met at the door, before any operation was asked.
async fn refuse(app: &App, actor: &Actor, permission: Permission, path: &str) -> Result<(), Failure> {
    tracing::info!(
        permission = permission.word(),
        path,
        "Refused at the door for want of a right"
    );
    let detail = serde_json::json!({ "permission": permission.word() });
    Ok(audit::refuse(&app.db, actor, Entry::new(Action::Execute, "route").detail(detail)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_61_a_shown_secret_is_whole_or_nothing() {
        let practice = PracticeId::from_uuid(uuid::Uuid::from_u128(7));
        let text = cookie_value(practice, &[9; 32]);
        let shown = Shown::parse(&text, false).unwrap();
        assert_eq!(
            (shown.practice, shown.secret.as_slice()),
            (practice, [9; 32].as_slice())
        );
        for forged in [
            "",
            ".",
            "x.y",
            &text[1..],
            &format!("{text}AA"),
            &cookie_value(practice, &[9; 31]),
        ] {
            assert!(Shown::parse(forged, false).is_none(), "{forged}");
        }
    }

    #[test]
    fn iam_61_cookies_are_found_among_others_with_and_without_the_host_prefix() {
        let headers = |text: &str| HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())]);
        assert_eq!(
            session_token(&headers("theme=dark; __Host-session=abc")).as_deref(),
            Some("abc")
        );
        assert_eq!(session_token(&headers("session=abc; x=y")).as_deref(), Some("abc"));
        assert_eq!(session_token(&headers("sessions=abc")), None);
    }
}
