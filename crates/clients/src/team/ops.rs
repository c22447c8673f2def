//! What a person can do with a client's team: assign somebody, end an assignment.

use identity::Actor;
use identity::audit::{self, Action, Entry};
use identity::web::Failure;
use kernel::{AssignmentId, ClientId, Permission, Refusal, UserId};
use platform::{StoreError, Tx, events};
use serde_json::json;

use super::store::{self, Colleague};
use super::{NewAssignment, TeamRole};
use crate::chart::{ChartError, open_chart};
use crate::client::ops::event;

/// Why a team was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// Out of reach, or no such right.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The person is unknown, not active, or doesn't treat.
    #[error("not somebody who treats")]
    NotTreating,
    /// The person holds this place already.
    #[error("assigned already")]
    Already,
    /// Somebody else changed the primary clinician at the same moment.
    #[error("another primary clinician was named meanwhile")]
    Meanwhile,
    /// There is no such current assignment.
    #[error("no such assignment")]
    Gone,
    /// The database.
    #[error("assignment could not be stored")]
    Store(StoreError),
}

impl From<StoreError> for AssignError {
    fn from(error: StoreError) -> Self {
        if error.is_constraint("assignment_once") {
            Self::Already
        } else if error.is_constraint("assignment_one_primary") {
            Self::Meanwhile
        } else {
            Self::Store(error)
        }
    }
}

impl From<&AssignError> for Refusal {
    fn from(error: &AssignError) -> Self {
        let conflict = |code, sentence: &str| Self::Conflict {
            code,
            sentence: sentence.to_owned(),
            field: Some("user"),
        };
        match error {
            AssignError::Chart(error) => error.into(),
            AssignError::NotTreating => Self::field("user", "unknown", "Please choose somebody from the list."),
            AssignError::Already => conflict(
                "already_assigned",
                "This person is on the team in this role already. Nothing was changed.",
            ),
            AssignError::Meanwhile => conflict(
                "primary_changed",
                "Somebody named another primary clinician just now. Look at the team again, then decide.",
            ),
            AssignError::Gone => Self::NotFound,
            AssignError::Store(error) => error.into(),
        }
    }
}

impl From<AssignError> for Failure {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::Chart(error) => error.into(),
            AssignError::Store(error) => error.into(),
            other @ (AssignError::NotTreating | AssignError::Already | AssignError::Meanwhile | AssignError::Gone) => {
                Self(Refusal::from(&other))
            }
        }
    }
}

/// Puts somebody on a client's team. A new primary clinician takes the place of the one before from the first day on.
///
/// # Errors
/// See [`AssignError`].
pub async fn assign(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    new: &NewAssignment,
) -> Result<AssignmentId, AssignError> {
    let chart = open_chart(tx, actor, client, Permission::ClientAssign).await?;
    if !treats(tx, new.user).await? {
        return Err(AssignError::NotTreating);
    }
    if new.role == TeamRole::PrimaryClinician {
        let current = store::of_client(tx, tx.practice(), client).await?;
        if current
            .iter()
            .any(|one| one.user_id == new.user && one.role == new.role && one.valid_to.is_none())
        {
            return Err(AssignError::Already);
        }
        store::end_primary(tx, tx.practice(), client, new.from, tx.now(), actor.user).await?;
    }
    let id = insert(tx, actor, chart.id(), new).await?;
    let detail = json!({ "user": new.user, "role": new.role });
    audit::record(
        tx,
        actor,
        Entry::new(Action::Create, "assignment")
            .id(id.uuid())
            .client(client)
            .detail(detail),
    )
    .await?;
    events::publish(tx, event(actor, "clients.assigned", client)).await?;
    Ok(id)
}

/// Ends somebody's place on a team from today on.
///
/// # Errors
/// See [`AssignError`].
pub async fn end_assignment(tx: &Tx, actor: &Actor, client: ClientId, id: AssignmentId) -> Result<(), AssignError> {
    let chart = open_chart(tx, actor, client, Permission::ClientAssign).await?;
    if store::end(
        tx,
        tx.practice(),
        chart.id(),
        id,
        actor.today(tx.now()),
        tx.now(),
        actor.user,
    )
    .await?
        == 0
    {
        return Err(AssignError::Gone);
    }
    audit::record(
        tx,
        actor,
        Entry::new(Action::Update, "assignment")
            .id(id.uuid())
            .client(client)
            .detail(json!({ "fields": ["valid_to"] })),
    )
    .await?;
    events::publish(tx, event(actor, "clients.unassigned", client)).await?;
    Ok(())
}

/// Active colleagues who treat, for lists to choose from.
///
/// # Errors
/// The database.
pub async fn colleagues(tx: &Tx) -> Result<Vec<Colleague>, StoreError> {
    store::treating(tx, tx.practice()).await
}

pub(crate) async fn treats(tx: &Tx, user: UserId) -> Result<bool, StoreError> {
    store::does_treat(tx, tx.practice(), user).await.map(|(yes,)| yes)
}

pub(crate) async fn insert(
    tx: &Tx,
    actor: &Actor,
    client: ClientId,
    new: &NewAssignment,
) -> Result<AssignmentId, StoreError> {
    let id: AssignmentId = tx.id();
    store::insert(
        tx,
        tx.practice(),
        id,
        client,
        new.user,
        new.role,
        new.from,
        new.reason.as_deref(),
        tx.now(),
        actor.user,
    )
    .await?;
    Ok(id)
}
