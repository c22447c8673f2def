//! Why something can't be done with an appointment, and the sentence for it, chosen once.

use clients::ChartError;
use identity::AccessError;
use identity::web::Failure;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{Problems, Refusal};
use platform::StoreError;

use super::super::Status;
use super::super::store::Appointment;

/// An hour that is taken, and what is free near it.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The visit that holds it, where the asker may see it.
    pub by: Option<Appointment>,
    /// Whether it is the client, not the clinician, who is taken.
    pub is_client: bool,
    /// The three free starts nearest to the wanted one.
    pub next_free: Vec<Timestamp>,
    /// The zone to say them in.
    pub zone: TimeZone,
}

impl Taken {
    /// `Tue 3 Mar 2026 09:00, …`, or nothing where none is near.
    #[must_use]
    pub fn next_free_words(&self) -> String {
        let words = |at: &Timestamp| {
            at.to_zoned(self.zone.clone())
                .strftime("%a %-d %b %Y %H:%M")
                .to_string()
        };
        self.next_free.iter().map(words).collect::<Vec<_>>().join(", ")
    }

    /// What happened and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        let who = if self.is_client {
            "The client is already booked at that time."
        } else {
            "That time is already booked."
        };
        let next = self.next_free_words();
        if next.is_empty() {
            format!("{who} Nothing is free in the two weeks from then; choose another clinician or a later date.")
        } else {
            format!("{who} Next free: {next}.")
        }
    }
}

/// Why an hour can't be given.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// Clinician or client already booked.
    #[error("hour already booked")]
    Taken(Box<Taken>),
    /// Values that can't be.
    #[error("invalid values")]
    Invalid(Problems),
    /// A soft rule stands against it and no reason was typed; the sentences say which.
    #[error("a reason is needed")]
    NeedsReason(Vec<&'static str>),
    /// One's role books one's own calendar only.
    #[error("another's calendar")]
    AnothersCalendar,
    /// The client is beyond reach, though the visit is seen.
    #[error("client out of reach")]
    Restricted,
    /// The edit was made on an old version.
    #[error("stale version, current is {current}")]
    Stale {
        /// Version stored now.
        current: i64,
    },
    /// It can't be moved any more.
    #[error("not movable when {0}")]
    NotMovable(Status),
    /// No right.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error("appointment could not be stored")]
    Store(#[from] StoreError),
}

/// Why an appointment can't be seen or taken further.
#[derive(Debug, thiserror::Error)]
pub enum AppointmentError {
    /// The status machine has no such step.
    #[error("{from} can't become {to}")]
    NotAllowed {
        /// Where it stands.
        from: Status,
        /// What was asked.
        to: Status,
    },
    /// Nobody is missed before the grace has passed.
    #[error("too early")]
    TooEarly {
        /// From when on.
        from: Timestamp,
        /// The zone to say it in.
        zone: TimeZone,
    },
    /// Values that can't be.
    #[error("invalid values")]
    Invalid(Problems),
    /// One's role keeps one's own calendar only.
    #[error("another's calendar")]
    AnothersCalendar,
    /// The client is beyond reach, though the visit is seen.
    #[error("client out of reach")]
    Restricted,
    /// The change was made on an old version.
    #[error("stale version, current is {current}")]
    Stale {
        /// Version stored now.
        current: i64,
    },
    /// No right.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error("appointment could not be reached")]
    Store(#[from] StoreError),
}

impl From<ChartError> for BookError {
    fn from(error: ChartError) -> Self {
        match error {
            ChartError::Access(error) => Self::Access(error),
            ChartError::Store(error) => Self::Store(error),
        }
    }
}

impl From<AppointmentError> for BookError {
    fn from(error: AppointmentError) -> Self {
        match error {
            AppointmentError::NotAllowed { from, .. } => Self::NotMovable(from),
            // Only a no-show can be too early.
            AppointmentError::TooEarly { .. } => Self::NotMovable(Status::Scheduled),
            AppointmentError::Invalid(problems) => Self::Invalid(problems),
            AppointmentError::AnothersCalendar => Self::AnothersCalendar,
            AppointmentError::Restricted => Self::Restricted,
            AppointmentError::Stale { current } => Self::Stale { current },
            AppointmentError::Access(error) => Self::Access(error),
            AppointmentError::Store(error) => Self::Store(error),
        }
    }
}

fn anothers_calendar() -> Refusal {
    Refusal::Forbidden("Your role keeps your own calendar. The front desk can do this for a colleague.".to_owned())
}

fn restricted() -> Refusal {
    Refusal::Forbidden(
        "This client is not on your caseload. An administrator or the front desk can assign you, or do this for you."
            .to_owned(),
    )
}

impl From<&BookError> for Refusal {
    fn from(error: &BookError) -> Self {
        match error {
            BookError::Taken(taken) => Self::Conflict {
                code: "slot_taken",
                sentence: taken.sentence(),
                field: Some("starts_at"),
            },
            BookError::Invalid(problems) => Self::Invalid(problems.clone()),
            BookError::NeedsReason(rules) => Self::field(
                "override_reason",
                "reason_needed",
                format!("{} Type a reason to go on all the same.", rules.join(" ")),
            ),
            BookError::AnothersCalendar => anothers_calendar(),
            BookError::Restricted => restricted(),
            BookError::Stale { current } => Self::Stale { current: *current },
            BookError::NotMovable(status) => Self::Conflict {
                code: "not_movable",
                sentence: format!(
                    "This appointment is {} and can't be moved any more. Book a new one instead.",
                    status.label().to_lowercase()
                ),
                field: None,
            },
            BookError::Access(error) => (*error).into(),
            BookError::Store(error) => error.into(),
        }
    }
}

impl From<&AppointmentError> for Refusal {
    fn from(error: &AppointmentError) -> Self {
        match error {
            AppointmentError::NotAllowed { from, to } => Self::Conflict {
                code: "status_not_allowed",
                sentence: not_allowed(*from, *to),
                field: None,
            },
            AppointmentError::TooEarly { from, zone } => Self::Conflict {
                code: "too_early",
                sentence: format!(
                    "A client can be marked as a no-show from {} on.",
                    kernel::when::clock(*from, zone)
                ),
                field: None,
            },
            AppointmentError::Invalid(problems) => Self::Invalid(problems.clone()),
            AppointmentError::AnothersCalendar => anothers_calendar(),
            AppointmentError::Restricted => restricted(),
            AppointmentError::Stale { current } => Self::Stale { current: *current },
            AppointmentError::Access(error) => (*error).into(),
            AppointmentError::Store(error) => error.into(),
        }
    }
}

/// Names what is allowed instead (SCH-68).
fn not_allowed(from: Status, to: Status) -> String {
    let next: Vec<String> = from.next().iter().map(|status| status.label().to_lowercase()).collect();
    let (from, to) = (from.label().to_lowercase(), to.label().to_lowercase());
    if next.is_empty() {
        format!("This appointment is {from}; it stays so.")
    } else {
        format!(
            "This appointment is {from} and can't become {to}. From here it can become: {}.",
            next.join(", ")
        )
    }
}

impl From<BookError> for Failure {
    fn from(error: BookError) -> Self {
        match error {
            BookError::Store(error) => error.into(),
            other => Self(Refusal::from(&other)),
        }
    }
}

impl From<AppointmentError> for Failure {
    fn from(error: AppointmentError) -> Self {
        match error {
            AppointmentError::Store(error) => error.into(),
            other => Self(Refusal::from(&other)),
        }
    }
}
