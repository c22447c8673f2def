//! Looking at appointments, as far as the reader may.

use clients::{Chart, ChartError};
use futures_util::try_join;
use identity::audit::{self, Action, Entry};
use identity::{AccessError, Actor};
use jiff::{SignedDuration, Timestamp};
use kernel::{AppointmentId, ClientId, Permission, UserId};
use platform::Tx;
use serde_json::json;
use uuid::Uuid;

use super::super::store::{self, Appointment, Change};
use super::super::{Modality, Status};
use super::errors::AppointmentError;
use super::{Reach, reach, sight, without_hidden};

/// The longest appointment; how far back a list looks for visits that reach into its period.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// One appointment, on one's own calendar or of a client on one's caseload. Audited as a look at the client's record.
///
/// # Errors
/// Unknown or out of reach, which look alike.
pub async fn find(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    permission: Permission,
) -> Result<Appointment, AppointmentError> {
    let visit = find_quietly(tx, actor, id, permission).await?;
    audit::record(
        tx,
        actor,
        Entry::new(Action::Read, "appointment")
            .id(id.uuid())
            .client(visit.client_id),
    )
    .await?;
    Ok(visit)
}

/// As [`find`], for operations that write an audit line of their own.
pub(super) async fn find_quietly(
    tx: &Tx,
    actor: &Actor,
    id: AppointmentId,
    permission: Permission,
) -> Result<Appointment, AppointmentError> {
    let reach = reach(actor, permission)?;
    let sight = sight(actor, tx.now());
    let visit = store::find(tx, tx.practice(), id, sight.sees_all, sight.reader, sight.today)
        .await?
        .ok_or(AccessError::Hidden)?;
    if !reach.holds(visit.clinician_id) && visit.client_name.is_none() {
        return Err(AccessError::Hidden.into());
    }
    Ok(without_hidden(actor, visit))
}

/// As [`find_quietly`], to change it: one's own calendar where the right reaches no further, and a client within reach.
pub(super) async fn find_to_change(tx: &Tx, actor: &Actor, id: AppointmentId) -> Result<Appointment, AppointmentError> {
    let visit = find_quietly(tx, actor, id, Permission::ScheduleManage).await?;
    if !reach(actor, Permission::ScheduleManage)?.holds(visit.clinician_id) {
        return Err(AppointmentError::AnothersCalendar);
    }
    if visit.client_name.is_none() {
        return Err(AppointmentError::Restricted);
    }
    Ok(visit)
}

/// Who did what to an appointment that was found, newest first.
///
/// # Errors
/// The database.
pub async fn history(tx: &Tx, visit: &Appointment) -> Result<Vec<Change>, AppointmentError> {
    // Old and new times of a client who may not be named say nothing that the visit itself does not.
    Ok(store::changes(tx, tx.practice(), visit.id).await?)
}

/// Which appointments are looked for. Without a client or clinicians: everybody's within reach.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of one client.
    pub client: Option<ClientId>,
    /// Of some clinicians; empty is all within reach.
    pub clinicians: Vec<UserId>,
    /// That end after this.
    pub from: Timestamp,
    /// That start before this.
    pub until: Timestamp,
    /// After this one, in the order of start and id: the cursor.
    pub after: Option<(Timestamp, AppointmentId)>,
    /// At most this many.
    pub limit: i64,
}

/// Appointments in order of start, one audit line for the list. A client's own list needs the right to the client, not to the
/// calendar it stands on; names beyond reach are left out.
///
/// # Errors
/// No right to the schedule; the database.
pub async fn list(tx: &Tx, actor: &Actor, filter: &Filter) -> Result<Vec<Appointment>, AppointmentError> {
    let reach = reach(actor, Permission::ScheduleRead)?;
    let detail = json!({ "from": filter.from, "until": filter.until, "clinicians": filter.clinicians.len() });
    let mut entry = Entry::new(Action::Search, "appointment").detail(detail);
    if let Some(client) = filter.client {
        entry = entry.client(client);
    }
    let (visits, ()) = try_join!(select(tx, actor, reach, filter), audit::record(tx, actor, entry))?;
    Ok(visits.into_iter().map(|visit| without_hidden(actor, visit)).collect())
}

async fn select(
    tx: &Tx,
    actor: &Actor,
    reach: Reach,
    filter: &Filter,
) -> Result<Vec<Appointment>, platform::StoreError> {
    let sight = sight(actor, tx.now());
    let practice = tx.practice();
    let earliest = filter.from.checked_sub(LONGEST).unwrap_or(filter.from);
    let (after, after_id) = filter
        .after
        .unwrap_or((earliest, AppointmentId::from_uuid(Uuid::nil())));
    let (from, until, limit) = (filter.from, filter.until, filter.limit);
    if let Some(client) = filter.client {
        let mut visits = store::of_client(
            tx,
            practice,
            client,
            earliest,
            from,
            until,
            after,
            after_id,
            limit,
            sight.sees_all,
            sight.reader,
            sight.today,
        )
        .await?;
        visits.retain(|visit| {
            let is_wanted = filter.clinicians.is_empty() || filter.clinicians.contains(&visit.clinician_id);
            is_wanted && (reach.holds(visit.clinician_id) || visit.client_name.is_some())
        });
        return Ok(visits);
    }
    let clinicians: Vec<UserId> = match reach {
        Reach::Practice if filter.clinicians.is_empty() => {
            return store::in_period(
                tx,
                practice,
                earliest,
                from,
                until,
                after,
                after_id,
                limit,
                sight.sees_all,
                sight.reader,
                sight.today,
            )
            .await;
        }
        Reach::Practice => filter.clinicians.clone(),
        Reach::Own(user) if filter.clinicians.is_empty() => vec![user],
        Reach::Own(user) => filter
            .clinicians
            .iter()
            .copied()
            .filter(|clinician| *clinician == user)
            .collect(),
    };
    store::of_clinicians(
        tx,
        practice,
        &clinicians,
        earliest,
        from,
        until,
        after,
        after_id,
        limit,
        sight.sees_all,
        sight.reader,
        sight.today,
    )
    .await
}

/// A visit together with its client's opened chart: what rooms above build upon.
#[derive(Debug)]
pub struct Visit {
    /// The appointment.
    pub id: AppointmentId,
    /// The client's chart, opened for the permission that was asked.
    pub chart: Chart,
    /// Whom the client sees.
    pub clinician_id: UserId,
    /// The clinician's name.
    pub clinician_name: String,
    /// What for.
    pub type_name: String,
    /// Usual CPT or HCPCS code of the type.
    pub code: Option<String>,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
    /// IANA zone of its wall time.
    pub time_zone: String,
    /// How they meet.
    pub modality: Modality,
    /// Where it stands.
    pub status: Status,
}

/// Opens a visit with its chart: the right to the chart is the right to its visits. Needs no right to the calendar.
///
/// # Errors
/// Unknown, or a chart out of reach, which look alike; no such permission.
pub async fn visit(tx: &Tx, actor: &Actor, id: AppointmentId, permission: Permission) -> Result<Visit, ChartError> {
    let found = store::find(tx, tx.practice(), id, false, None, actor.today(tx.now()))
        .await
        .map_err(ChartError::Store)?;
    let found = found.ok_or(ChartError::Access(AccessError::Hidden))?;
    let chart = clients::open_chart(tx, actor, found.client_id, permission).await?;
    Ok(Visit {
        id,
        chart,
        clinician_id: found.clinician_id,
        clinician_name: found.clinician_name,
        type_name: found.type_name,
        code: found.code,
        starts_at: found.starts_at,
        ends_at: found.ends_at,
        time_zone: found.time_zone,
        modality: found.modality,
        status: found.status,
    })
}
