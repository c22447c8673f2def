//! The appointment: its states and what may follow what, its start on the wall clock, how a cancellation is classed. Pure: reads
//! no clock and no database.
//!
//! Invariants: a status changes only along `Status::next` (shown by `sch_68_…`); `starts_at` is `local_start` resolved through the
//! zone and `local_fold` (shown by `sch_29_…`).

pub mod ops;
pub mod store;

pub(crate) mod api;
pub(crate) mod pages;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{AppointmentTypeId, ClientId, LocationId, UserId};

/// Shortest and longest appointment, in minutes (SCH, Records).
pub const MINUTES: std::ops::RangeInclusive<i32> = 5..=720;
/// A client is missed from this long after the start (SCH, Rules: grace).
pub const NO_SHOW_GRACE: SignedDuration = SignedDuration::from_mins(15);
/// Notice that keeps a client's cancellation from being late.
pub const NOTICE_HOURS: i32 = 24;

kernel::words! {
    /// Where an appointment stands. The first six hold their hour: nobody else can be booked into it.
    Status {
        /// Asked for, not yet accepted.
        Requested = "requested",
        /// Booked.
        Scheduled = "scheduled",
        /// The client said yes to it.
        Confirmed = "confirmed",
        /// The client is here.
        CheckedIn = "checked_in",
        /// Under way.
        InSession = "in_session",
        /// Took place.
        Completed = "completed",
        /// Not accepted.
        Declined = "declined",
        /// Not accepted in time.
        Expired = "expired",
        /// Called off in time, or by the practice.
        Cancelled = "cancelled",
        /// Called off by the client with less than the notice.
        LateCancelled = "late_cancelled",
        /// The client did not come.
        NoShow = "no_show",
        /// Booked by mistake; counts nowhere.
        EnteredInError = "entered_in_error",
    }
}

impl Status {
    /// What may follow (SCH, Rules: status machine); everything else is refused.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        use Status as S;
        match self {
            S::Requested => &[S::Scheduled, S::Declined, S::Expired, S::Cancelled, S::EnteredInError],
            S::Scheduled => &[
                S::Confirmed,
                S::CheckedIn,
                S::InSession,
                S::Completed,
                S::Cancelled,
                S::LateCancelled,
                S::NoShow,
                S::EnteredInError,
            ],
            S::Confirmed => &[
                S::Scheduled,
                S::CheckedIn,
                S::InSession,
                S::Completed,
                S::Cancelled,
                S::LateCancelled,
                S::NoShow,
                S::EnteredInError,
            ],
            S::CheckedIn => &[S::Scheduled, S::InSession, S::Cancelled, S::EnteredInError],
            S::InSession => &[S::Completed, S::EnteredInError],
            S::Completed | S::Cancelled | S::LateCancelled | S::NoShow => &[S::Scheduled, S::EnteredInError],
            S::Declined | S::Expired => &[S::EnteredInError],
            S::EnteredInError => &[],
        }
    }

    /// Whether another status may follow.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Whether the clinician's and the client's hour is held. The trigger function `appointment_claim_hour` names the same six.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Requested | Self::Scheduled | Self::Confirmed | Self::CheckedIn | Self::InSession | Self::Completed
        )
    }

    /// Whether the start can still be moved: before anybody has come.
    #[must_use]
    pub const fn is_movable(self) -> bool {
        matches!(self, Self::Requested | Self::Scheduled | Self::Confirmed)
    }

    /// The status in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Scheduled => "Scheduled",
            Self::Confirmed => "Confirmed",
            Self::CheckedIn => "Checked in",
            Self::InSession => "In session",
            Self::Completed => "Completed",
            Self::Declined => "Declined",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
            Self::LateCancelled => "Cancelled late",
            Self::NoShow => "No-show",
            Self::EnteredInError => "Entered in error",
        }
    }
}

kernel::words! {
    /// How client and clinician meet.
    Modality {
        /// In a room of the practice.
        InPerson = "in_person",
        /// By video.
        Video = "video",
        /// By telephone.
        AudioOnly = "audio_only",
    }
}

impl Modality {
    /// The modality in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::InPerson => "In person",
            Self::Video => "Video",
            Self::AudioOnly => "Phone",
        }
    }
}

kernel::words! {
    /// Who called an appointment off.
    CancelledBy {
        /// The client, or somebody for them.
        Client = "client",
        /// The clinician.
        Clinician = "clinician",
        /// The practice.
        Practice = "practice",
    }
}

impl CancelledBy {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Client => "The client",
            Self::Clinician => "The clinician",
            Self::Practice => "The practice",
        }
    }
}

kernel::words! {
    /// Why an appointment was called off (SCH, Records: cancellation).
    CancellationReason {
        /// Illness.
        Illness = "illness",
        /// Another obligation.
        Conflict = "conflict",
        /// No way to get here.
        Transport = "transport",
        /// Nobody to mind the children.
        Childcare = "childcare",
        /// What it costs.
        Cost = "cost",
        /// Weather.
        Weather = "weather",
        /// Insurance.
        Insurance = "insurance",
        /// Not needed any more.
        NotNeeded = "not_needed",
        /// The clinician is away.
        ClinicianAbsent = "clinician_absent",
        /// The practice is closed.
        Closure = "closure",
        /// Came, and left before being seen.
        LeftBeforeSeen = "left_before_seen",
        /// Anything else; the note says what.
        Other = "other",
    }
}

impl CancellationReason {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Illness => "Illness",
            Self::Conflict => "Another obligation",
            Self::Transport => "Transport",
            Self::Childcare => "Childcare",
            Self::Cost => "Cost",
            Self::Weather => "Weather",
            Self::Insurance => "Insurance",
            Self::NotNeeded => "Not needed any more",
            Self::ClinicianAbsent => "Clinician absent",
            Self::Closure => "Practice closed",
            Self::LeftBeforeSeen => "Left before being seen",
            Self::Other => "Other",
        }
    }
}

/// A start as it was given: people say a wall time, programs an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A wall time; fold 1 is the second pass of a repeated hour.
    Wall(DateTime, i16),
    /// An instant.
    Instant(Timestamp),
}

/// A start in all three forms that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The instant.
    pub at: Timestamp,
    /// The wall time.
    pub local: DateTime,
    /// 1 for the second pass of a repeated hour.
    pub fold: i16,
}

impl Start {
    /// Resolves the start in a zone: a wall time in a spring gap takes the offset before it and is kept as it was said.
    ///
    /// # Errors
    /// A time outside what instants can express.
    pub fn resolve(self, zone: &TimeZone) -> Result<Resolved, jiff::Error> {
        match self {
            Self::Wall(local, fold) => {
                let at = kernel::when::resolve(local, zone, fold)?;
                // A fold asked for where no hour repeats means nothing.
                let fold = i16::from(fold == 1 && at != kernel::when::resolve(local, zone, 0)?);
                Ok(Resolved { at, local, fold })
            }
            Self::Instant(at) => {
                let local = at.to_zoned(zone.clone()).datetime();
                let fold = i16::from(kernel::when::resolve(local, zone, 0)? != at);
                Ok(Resolved { at, local, fold })
            }
        }
    }
}

/// What is wanted of a new appointment.
#[derive(Clone, Debug)]
pub struct NewAppointment {
    /// Who comes.
    pub client: ClientId,
    /// Whom they see.
    pub clinician: UserId,
    /// What for; length and modality follow from it unless given.
    pub kind: AppointmentTypeId,
    /// When.
    pub start: Start,
    /// How long, where it differs from the type's length.
    pub minutes: Option<i32>,
    /// How they meet, where it differs from the type's first.
    pub modality: Option<Modality>,
    /// Where; its zone is the appointment's.
    pub location: Option<LocationId>,
    /// Reason for the visit, for staff.
    pub reason: Option<String>,
    /// Why it may lie outside the working hours or in the past.
    pub override_reason: Option<String>,
}

/// Until when a client may cancel without being late: multiples of 24 hours are days on the wall clock, anything else is
/// elapsed time (SCH, DST worked examples).
///
/// # Errors
/// A time outside what instants can express.
pub fn notice_deadline(
    local_start: DateTime,
    starts_at: Timestamp,
    zone: &TimeZone,
    notice_hours: i32,
) -> Result<Timestamp, jiff::Error> {
    if notice_hours % 24 == 0 {
        let wall = local_start.checked_sub((notice_hours / 24).days())?;
        kernel::when::resolve(wall, zone, 0)
    } else {
        starts_at.checked_sub(notice_hours.hours())
    }
}

/// How a cancellation is classed: only a client's own, after the deadline, is late.
#[must_use]
pub fn cancellation_class(by: CancelledBy, now: Timestamp, deadline: Timestamp) -> Status {
    if by == CancelledBy::Client && now >= deadline {
        Status::LateCancelled
    } else {
        Status::Cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    /// The specification's table once more, written from the other side: who may come before.
    #[test]
    fn sch_68_the_status_machine_allows_exactly_what_is_specified() {
        use Status as S;
        let before = |status: S| -> Vec<S> {
            let mut from = match status {
                S::Requested => vec![],
                S::Scheduled => vec![
                    S::Requested,
                    S::Confirmed,
                    S::CheckedIn,
                    S::Completed,
                    S::Cancelled,
                    S::LateCancelled,
                    S::NoShow,
                ],
                S::Confirmed => vec![S::Scheduled],
                S::CheckedIn | S::LateCancelled | S::NoShow => vec![S::Scheduled, S::Confirmed],
                S::InSession => vec![S::Scheduled, S::Confirmed, S::CheckedIn],
                S::Completed => vec![S::Scheduled, S::Confirmed, S::InSession],
                S::Declined | S::Expired => vec![S::Requested],
                S::Cancelled => vec![S::Requested, S::Scheduled, S::Confirmed, S::CheckedIn],
                S::EnteredInError => S::ALL
                    .iter()
                    .copied()
                    .filter(|other| *other != S::EnteredInError)
                    .collect(),
            };
            from.sort();
            from
        };
        for to in S::ALL {
            for from in S::ALL {
                assert_eq!(from.may_become(*to), before(*to).contains(from), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn sch_68_nothing_leaves_a_mistake_and_nothing_stays_where_it_is() {
        assert!(Status::EnteredInError.next().is_empty());
        assert!(Status::ALL.iter().all(|status| !status.may_become(*status)));
        assert!(
            Status::ALL
                .iter()
                .filter(|status| status.is_movable())
                .all(|status| status.is_active())
        );
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn sch_29_a_wall_time_and_its_instant_resolve_to_each_other() {
        let check = |local: DateTime, fold, utc: &str| {
            let resolved = Start::Wall(local, fold).resolve(&zone("America/New_York")).unwrap();
            assert_eq!(
                (resolved.at.to_string().as_str(), resolved.local, resolved.fold),
                (utc, local, fold),
                "{local}"
            );
        };
        check(datetime(2026, 3, 3, 10, 0, 0, 0), 0, "2026-03-03T15:00:00Z");
        check(datetime(2026, 3, 10, 10, 0, 0, 0), 0, "2026-03-10T14:00:00Z");
        check(datetime(2026, 3, 8, 2, 30, 0, 0), 0, "2026-03-08T07:30:00Z");
        check(datetime(2026, 11, 1, 1, 30, 0, 0), 0, "2026-11-01T05:30:00Z");
        check(datetime(2026, 11, 1, 1, 30, 0, 0), 1, "2026-11-01T06:30:00Z");
        let second: Timestamp = "2026-11-01T06:30:00Z".parse().unwrap();
        let resolved = Start::Instant(second).resolve(&zone("America/New_York")).unwrap();
        assert_eq!((resolved.local, resolved.fold), (datetime(2026, 11, 1, 1, 30, 0, 0), 1));
        // A second pass that does not exist is the only one.
        assert_eq!(
            Start::Wall(datetime(2026, 3, 3, 10, 0, 0, 0), 1)
                .resolve(&zone("America/New_York"))
                .unwrap()
                .fold,
            0
        );
    }

    #[test]
    fn sch_29_phoenix_has_one_offset_all_year() {
        for day in [
            datetime(2026, 3, 3, 10, 0, 0, 0),
            datetime(2026, 3, 10, 10, 0, 0, 0),
            datetime(2026, 11, 3, 10, 0, 0, 0),
        ] {
            let at = Start::Wall(day, 0).resolve(&zone("America/Phoenix")).unwrap().at;
            assert_eq!(at.to_zoned(TimeZone::UTC).hour(), 17);
        }
    }

    #[test]
    fn sch_55_the_notice_of_a_day_is_counted_on_the_wall_clock() {
        let check = |local: DateTime, hours, utc: &str| {
            let at = kernel::when::resolve(local, &zone("America/New_York"), 0).unwrap();
            assert_eq!(
                notice_deadline(local, at, &zone("America/New_York"), hours)
                    .unwrap()
                    .to_string(),
                utc
            );
        };
        check(datetime(2026, 3, 8, 10, 0, 0, 0), 24, "2026-03-07T15:00:00Z");
        check(datetime(2026, 11, 1, 10, 0, 0, 0), 24, "2026-10-31T14:00:00Z");
        check(datetime(2026, 11, 1, 10, 0, 0, 0), 12, "2026-11-01T03:00:00Z");
    }

    #[test]
    fn sch_55_only_the_clients_own_late_word_is_late() {
        let deadline: Timestamp = "2026-02-16T14:00:00Z".parse().unwrap();
        let second = SignedDuration::from_secs(1);
        assert_eq!(
            cancellation_class(CancelledBy::Client, deadline - second, deadline),
            Status::Cancelled
        );
        assert_eq!(
            cancellation_class(CancelledBy::Client, deadline, deadline),
            Status::LateCancelled
        );
        assert_eq!(
            cancellation_class(CancelledBy::Practice, deadline + second, deadline),
            Status::Cancelled
        );
        assert_eq!(
            cancellation_class(CancelledBy::Clinician, deadline + second, deadline),
            Status::Cancelled
        );
    }
}
