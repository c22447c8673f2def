//! FHIR dates and times with the precision that their sender gave: a year, a month, a day or an instant.
//!
//! Invariant: precision is never invented; a month stays a month until a search asks which instants it covers.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan, civil};
use serde::{Deserialize, Serialize};

/// A date or time as precise as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum When {
    /// `1990`
    Year(i16),
    /// `1990-02`
    Month {
        /// The year.
        year: i16,
        /// 1 to 12.
        month: i8,
    },
    /// `1990-02-24`
    Day(civil::Date),
    /// `1990-02-24T10:00:00-05:00`
    Instant {
        /// The point in time.
        at: Timestamp,
        /// The sender's distance from UTC, so that the day can be told as the sender saw it.
        offset_seconds: i32,
    },
}

/// Why text is no FHIR date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not written as FHIR writes dates.
    #[error("not written as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss±hh:mm")]
    Shape,
    /// A day or hour that doesn't exist.
    #[error("no such day or hour")]
    Impossible,
    /// An hour without its distance from UTC.
    #[error("an hour without its time zone")]
    ZoneMissing,
}

/// What a text says, before a missing zone is judged: searches supply one, resources don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Year, month or day.
    Date(When),
    /// An hour, its distance from UTC if told, and the smallest step it was written in.
    Time {
        local: civil::DateTime,
        offset: Option<Offset>,
        step_nanoseconds: i64,
    },
}

impl When {
    /// The day on which it begins, as its sender saw it.
    #[must_use]
    pub fn first_day(&self) -> civil::Date {
        match *self {
            Self::Year(year) => civil::Date::new(year, 1, 1).unwrap_or(civil::Date::ZERO),
            Self::Month { year, month } => civil::Date::new(year, month, 1).unwrap_or(civil::Date::ZERO),
            Self::Day(day) => day,
            Self::Instant { at, offset_seconds } => offset(offset_seconds).to_datetime(at).date(),
        }
    }

    /// The day after its last one.
    #[must_use]
    pub fn day_after(&self) -> civil::Date {
        let first = self.first_day();
        match self {
            Self::Year(_) => first.saturating_add(1.year()),
            Self::Month { .. } => first.saturating_add(1.month()),
            Self::Day(_) | Self::Instant { .. } => first.saturating_add(1.day()),
        }
    }

    /// Whether only a year or a month is known.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        matches!(self, Self::Year(_) | Self::Month { .. })
    }

    /// The point in time, or for a date the moment at which it begins in the given zone.
    #[must_use]
    pub fn instant(&self, zone: &TimeZone) -> Timestamp {
        match *self {
            Self::Instant { at, .. } => at,
            _ => midnight(self.first_day(), zone),
        }
    }
}

/// The moment at which a day begins in a zone.
pub(crate) fn midnight(day: civil::Date, zone: &TimeZone) -> Timestamp {
    let edge = if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    day.to_zoned(zone.clone()).map_or(edge, |zoned| zoned.timestamp())
}

fn offset(seconds: i32) -> Offset {
    Offset::from_seconds(seconds).unwrap_or(Offset::UTC)
}

impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Year(year) => write!(formatter, "{year:04}"),
            Self::Month { year, month } => write!(formatter, "{year:04}-{month:02}"),
            Self::Day(day) => write!(formatter, "{day}"),
            Self::Instant { at, offset_seconds: 0 } => write!(formatter, "{at}"),
            Self::Instant { at, offset_seconds } => {
                write!(formatter, "{}", at.display_with_offset(offset(offset_seconds)))
            }
        }
    }
}

impl From<When> for String {
    fn from(when: When) -> Self {
        when.to_string()
    }
}

impl TryFrom<String> for When {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl FromStr for When {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        match written(text)? {
            Written::Date(when) => Ok(when),
            Written::Time { offset: None, .. } => Err(DateError::ZoneMissing),
            Written::Time {
                local,
                offset: Some(offset),
                ..
            } => {
                let at = offset.to_timestamp(local).map_err(|_| DateError::Impossible)?;
                Ok(Self::Instant {
                    at,
                    offset_seconds: offset.seconds(),
                })
            }
        }
    }
}

/// Reads the text of a date or time.
pub(crate) fn written(text: &str) -> Result<Written, DateError> {
    match text.split_once('T') {
        None => date(text).map(Written::Date),
        Some((day, time)) => {
            let When::Day(day) = date(day)? else {
                return Err(DateError::Shape);
            };
            clock(day, time)
        }
    }
}

fn date(text: &str) -> Result<When, DateError> {
    let mut parts = text.split('-');
    let year: i16 = digits(parts.next(), 4)?;
    let month = parts.next();
    let day = parts.next();
    if parts.next().is_some() {
        return Err(DateError::Shape);
    }
    let Some(month) = month else {
        return if year == 0 {
            Err(DateError::Impossible)
        } else {
            Ok(When::Year(year))
        };
    };
    let month: i8 = digits(Some(month), 2)?;
    let first = civil::Date::new(year, month, 1).map_err(|_| DateError::Impossible)?;
    match day {
        _ if year == 0 => Err(DateError::Impossible),
        None => Ok(When::Month {
            year,
            month: first.month(),
        }),
        Some(day) => {
            let day: i8 = digits(Some(day), 2)?;
            civil::Date::new(year, month, day)
                .map(When::Day)
                .map_err(|_| DateError::Impossible)
        }
    }
}

fn clock(day: civil::Date, text: &str) -> Result<Written, DateError> {
    let zone_at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at_checked(zone_at).ok_or(DateError::Shape)?;
    let mut parts = time.split(':');
    let hour: i8 = digits(parts.next(), 2)?;
    let minute: i8 = digits(parts.next(), 2)?;
    let second = parts.next();
    if parts.next().is_some() {
        return Err(DateError::Shape);
    }
    let (second, nanosecond, step_nanoseconds) = match second {
        None => (0, 0, 60_000_000_000),
        Some(second) => seconds(second)?,
    };
    // A leap second is the last moment of its minute here, as everywhere else.
    let second = if second == 60 { 59 } else { second };
    let time = civil::Time::new(hour, minute, second, nanosecond).map_err(|_| DateError::Impossible)?;
    Ok(Written::Time {
        local: day.to_datetime(time),
        offset: zone_offset(zone)?,
        step_nanoseconds,
    })
}

fn seconds(text: &str) -> Result<(i8, i32, i64), DateError> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return Ok((digits(Some(text), 2)?, 0, 1_000_000_000));
    };
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateError::Shape);
    }
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let nanosecond: i32 = kept.parse().map_err(|_| DateError::Shape)?;
    // PostgreSQL keeps microseconds, so a finer step would match nothing.
    let places = u32::try_from(fraction.len().min(6)).unwrap_or(6);
    Ok((digits(Some(whole), 2)?, nanosecond, 10_i64.pow(9 - places)))
}

fn zone_offset(text: &str) -> Result<Option<Offset>, DateError> {
    let sign = match text.as_bytes().first() {
        None => return Ok(None),
        Some(b'Z') if text.len() == 1 => return Ok(Some(Offset::UTC)),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return Err(DateError::Shape),
    };
    let (hours, minutes) = text
        .get(1..)
        .and_then(|rest| rest.split_once(':'))
        .ok_or(DateError::Shape)?;
    let (hours, minutes): (i32, i32) = (digits(Some(hours), 2)?, digits(Some(minutes), 2)?);
    if hours > 14 || minutes > 59 {
        return Err(DateError::Impossible);
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60))
        .map(Some)
        .map_err(|_| DateError::Impossible)
}

fn digits<T: FromStr>(text: Option<&str>, length: usize) -> Result<T, DateError> {
    let text = text.ok_or(DateError::Shape)?;
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateError::Shape);
    }
    text.parse().map_err(|_| DateError::Shape)
}
