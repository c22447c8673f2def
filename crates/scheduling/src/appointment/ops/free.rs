//! Free starts: for somebody who looks for one, and for somebody who has just lost one.

use futures_util::try_join;
use identity::Actor;
use identity::audit::{self, Action, Entry};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use kernel::{AppointmentId, AppointmentTypeId, ClientId, Permission, Problems, UserId};
use platform::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use super::super::store::{self, Claim};
use super::errors::{AppointmentError, Taken};
use super::{reach, sight, without_hidden};
use crate::appointment_type;
use crate::hours::{self, Block, Busy, Span, Wanted};

/// How many days behind a lost start are searched for others.
const DAYS_AFTER_LOSS: i64 = 14;
/// The longest period of one search (SCH, free-slot computation: staff).
pub const SEARCH_DAYS_MAX: i32 = 62;

/// A booking that lost its hour.
pub(super) struct Lost {
    pub clinician: UserId,
    pub client: ClientId,
    /// The appointment itself, when it was to be moved: its own hour is free for it.
    pub except: Option<AppointmentId>,
    pub from: Timestamp,
    pub until: Timestamp,
    pub buffer_after: i32,
}

/// Who holds the hour, as far as the asker may see it, and the three nearest free starts.
pub(super) async fn explain(
    tx: &Tx,
    actor: &Actor,
    lost: &Lost,
    week: &[Block],
    zone: &TimeZone,
) -> Result<Taken, StoreError> {
    let first = lost.from.to_zoned(zone.clone()).date();
    let dates: Vec<Date> = first
        .series(1.day())
        .take(usize::try_from(DAYS_AFTER_LOSS).unwrap_or(14))
        .collect();
    let Some((from, until)) = period(&dates, zone) else {
        return Ok(Taken {
            by: None,
            is_client: false,
            next_free: Vec::new(),
            zone: zone.clone(),
        });
    };
    let mut claims = store::busy(tx, &[lost.clinician.uuid(), lost.client.uuid()], from, until).await?;
    claims.retain(|claim| lost.except.is_none_or(|except| claim.source_id != except.uuid()));
    let holder = |resource: Uuid| {
        claims
            .iter()
            .find(|claim| claim.resource_id == resource && claim.starts_at < lost.until && claim.ends_at > lost.from)
    };
    let of_clinician = holder(lost.clinician.uuid());
    let is_client = of_clinician.is_none() && holder(lost.client.uuid()).is_some();
    let by = match of_clinician.or_else(|| holder(lost.client.uuid())) {
        Some(claim) => {
            let sight = sight(actor, tx.now());
            let visit = store::find(
                tx,
                tx.practice(),
                AppointmentId::from_uuid(claim.source_id),
                sight.sees_all,
                sight.reader,
                sight.today,
            )
            .await?;
            visit.map(|visit| without_hidden(actor, visit))
        }
        None => None,
    };
    let minutes = i32::try_from(lost.until.duration_since(lost.from).as_mins()).unwrap_or(i32::MAX);
    let wanted = Wanted {
        minutes,
        buffer_after: lost.buffer_after,
        not_before: tx.now(),
    };
    let starts = hours::free_starts(
        dates,
        week,
        zone,
        &busy_of(&claims, lost.clinician),
        &spans_of(&claims, lost.client),
        wanted,
    );
    Ok(Taken {
        by,
        is_client,
        next_free: hours::nearest(&starts, lost.from, 3),
        zone: zone.clone(),
    })
}

fn busy_of(claims: &[Claim], clinician: UserId) -> Vec<Busy> {
    let own = claims.iter().filter(|claim| claim.resource_id == clinician.uuid());
    own.map(|claim| Busy {
        span: (claim.starts_at, claim.ends_at),
        buffer_after: claim.buffer_after_minutes,
    })
    .collect()
}

fn spans_of(claims: &[Claim], client: ClientId) -> Vec<Span> {
    claims
        .iter()
        .filter(|claim| claim.resource_id == client.uuid())
        .map(|claim| (claim.starts_at, claim.ends_at))
        .collect()
}

/// The instants from the first date's beginning to the last one's end.
fn period(dates: &[Date], zone: &TimeZone) -> Option<Span> {
    let (from, _) = kernel::when::day_range(*dates.first()?, zone).ok()?;
    let (_, until) = kernel::when::day_range(*dates.last()?, zone).ok()?;
    Some((from, until))
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct SlotSearch {
    /// With any of these; empty is everybody within reach who can be booked.
    pub clinicians: Vec<UserId>,
    /// For what: its length and buffer.
    pub kind: AppointmentTypeId,
    /// For whom, if that is known: time they have elsewhere is left out.
    pub client: Option<ClientId>,
    /// First day, in the practice's zone.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// A start that can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// With whom.
    pub clinician: UserId,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
}

/// Free starts in order of time (SCH-12): three set-based queries whatever the period. Advice only; booking decides.
///
/// # Errors
/// No right to the schedule; an unknown type; a period that is too long or runs backwards.
pub async fn free_slots(tx: &Tx, actor: &Actor, search: &SlotSearch) -> Result<Vec<Slot>, AppointmentError> {
    let reach = reach(actor, Permission::ScheduleRead)?;
    let mut problems = Problems::default();
    let days = (search.until - search.from).get_days();
    if days < 0 {
        problems.add("until", "order", "The last day lies before the first.");
    }
    if days >= SEARCH_DAYS_MAX {
        problems.add("until", "too_long", format!("Search {SEARCH_DAYS_MAX} days at most."));
    }
    let practice = tx.practice();
    let entry = Entry::new(Action::Search, "slot").detail(json!({ "from": search.from, "until": search.until }));
    let (kind, bookable, ()) = try_join!(
        appointment_type::find(tx, practice, search.kind),
        hours::store::bookable(tx, practice),
        audit::record(tx, actor, entry)
    )?;
    let Some(kind) = kind.filter(|kind| kind.active) else {
        problems.add(
            "type",
            "unknown",
            "This type of appointment is not in use. Choose another.",
        );
        return Err(AppointmentError::Invalid(problems));
    };
    if !problems.is_empty() {
        return Err(AppointmentError::Invalid(problems));
    }
    let is_wanted = |id: UserId| reach.holds(id) && (search.clinicians.is_empty() || search.clinicians.contains(&id));
    let clinicians: Vec<UserId> = bookable
        .iter()
        .map(|clinician| clinician.id)
        .filter(|id| is_wanted(*id))
        .collect();
    let dates: Vec<Date> = search
        .from
        .series(1.day())
        .take_while(|date| *date <= search.until)
        .collect();
    let Some((from, until)) = period(&dates, &actor.zone) else {
        return Ok(Vec::new());
    };
    let resources: Vec<Uuid> = clinicians
        .iter()
        .map(|id| id.uuid())
        .chain(search.client.map(ClientId::uuid))
        .collect();
    let (weeks, claims) = try_join!(
        hours::store::weeks(tx, practice, &clinicians),
        store::busy(tx, &resources, from, until)
    )?;
    let client_busy = search
        .client
        .map(|client| spans_of(&claims, client))
        .unwrap_or_default();
    let wanted = Wanted {
        minutes: kind.minutes,
        buffer_after: kind.buffer_after_minutes,
        not_before: tx.now(),
    };
    let mut slots = Vec::new();
    for clinician in clinicians {
        let week = hours::week_of(clinician, &weeks);
        let starts = hours::free_starts(
            dates.iter().copied(),
            &week,
            &actor.zone,
            &busy_of(&claims, clinician),
            &client_busy,
            wanted,
        );
        slots.extend(starts.into_iter().filter_map(|starts_at| {
            let ends_at = starts_at.checked_add(i64::from(kind.minutes).minutes()).ok()?;
            Some(Slot {
                clinician,
                starts_at,
                ends_at,
            })
        }));
    }
    slots.sort_by_key(|slot| (slot.starts_at, slot.clinician));
    Ok(slots)
}
