//! The clock, injected: nothing else in the house asks the system for the time.
//!
//! A running server follows the system, or, for walk-throughs and training, a file that holds an instant;
//! tests set and move the time by hand.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use kernel::TypedId;

/// Tells the time and makes time-ordered ids.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    /// Microseconds since the epoch, moved by tests.
    Set(Arc<AtomicI64>),
    /// A file holding an RFC 3339 instant; while it is absent or unreadable the system's time holds.
    File(Arc<PathBuf>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at an instant until moved.
    #[must_use]
    pub fn set_at(instant: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(instant.as_microsecond()))))
    }

    /// A clock that reads its instant from a file each time it is asked.
    #[must_use]
    pub fn from_file(path: PathBuf) -> Self {
        Self(Source::File(Arc::new(path)))
    }

    /// The current instant, whole microseconds (what PostgreSQL keeps).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            Source::System => system_now().as_microsecond(),
            Source::Set(micros) => micros.load(Ordering::SeqCst),
            Source::File(path) => std::fs::read_to_string(path.as_path())
                .ok()
                .and_then(|text| text.trim().parse::<Timestamp>().ok())
                .unwrap_or_else(system_now)
                .as_microsecond(),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
    }

    /// Moves a set clock; no effect on others.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Set(micros) = &self.0 {
            let step = i64::try_from(by.as_micros()).unwrap_or(0);
            micros.fetch_add(step, Ordering::SeqCst);
        }
    }

    /// A fresh UUIDv7 id of the wanted kind, ordered by this clock.
    #[must_use]
    pub fn id<I: TypedId>(&self) -> I {
        id_at(self.now())
    }
}

/// A fresh UUIDv7 (RFC 9562 section 5.7) with the given instant's milliseconds and 74 random bits.
#[must_use]
pub fn id_at<I: TypedId>(instant: Timestamp) -> I {
    let millis = u64::try_from(instant.as_millisecond()).unwrap_or(0);
    I::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid())
}

// The one place where the system's clock is read.
#[expect(clippy::disallowed_methods, reason = "this is the injected clock itself")]
fn system_now() -> Timestamp {
    Timestamp::now()
}
