//! Dates in a search: a prefix and a moment as wide as it was written, as half-open ranges.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::SearchError;
use super::value::alternatives;
use crate::date::{self, DateError, When, Written};

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// Within.
    Equal,
    /// Outside.
    NotEqual,
    /// After its end.
    Greater,
    /// Not before its beginning.
    GreaterOrEqual,
    /// Before its beginning.
    Less,
    /// Not after its end.
    LessOrEqual,
    /// Begins after its end.
    StartsAfter,
    /// Ends before its beginning.
    EndsBefore,
}

/// A date as searched for: everything from its first moment until just before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTest {
    /// How to compare.
    pub prefix: Prefix,
    /// The first moment.
    pub from: Timestamp,
    /// The moment after the last.
    pub until: Timestamp,
    /// The first day.
    pub first_day: Date,
    /// The day after the last.
    pub day_after: Date,
}

/// Where a moment must lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds<T> {
    /// At or after the first and before the second.
    Within(T, T),
    /// Before the first, or at or after the second.
    Outside(T, T),
    /// At or after.
    From(T),
    /// Before.
    Before(T),
}

impl<T: PartialOrd> Bounds<T> {
    /// Whether a moment lies there.
    pub fn contains(&self, moment: &T) -> bool {
        match self {
            Self::Within(from, until) => moment >= from && moment < until,
            Self::Outside(from, until) => moment < from || moment >= until,
            Self::From(from) => moment >= from,
            Self::Before(until) => moment < until,
        }
    }
}

impl DateTest {
    /// For a column of instants.
    #[must_use]
    pub fn instants(&self) -> Bounds<Timestamp> {
        self.bounds(self.from, self.until)
    }

    /// For a column of days, such as a birth date.
    #[must_use]
    pub fn days(&self) -> Bounds<Date> {
        self.bounds(self.first_day, self.day_after)
    }

    fn bounds<T>(&self, from: T, until: T) -> Bounds<T> {
        match self.prefix {
            Prefix::Equal => Bounds::Within(from, until),
            Prefix::NotEqual => Bounds::Outside(from, until),
            Prefix::Greater | Prefix::StartsAfter => Bounds::From(until),
            Prefix::GreaterOrEqual => Bounds::From(from),
            Prefix::Less | Prefix::EndsBefore => Bounds::Before(from),
            Prefix::LessOrEqual => Bounds::Before(until),
        }
    }

    /// Whether a period passes, its end not included; an open end never ends. As the standard has it: equal means wholly within,
    /// greater and less mean that a part of it lies there, starts-after and ends-before that all of it does.
    #[must_use]
    pub fn matches_period(&self, start: Timestamp, end: Option<Timestamp>) -> bool {
        let end = end.unwrap_or(Timestamp::MAX);
        let within = start >= self.from && end <= self.until;
        match self.prefix {
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Greater => end > self.until,
            Prefix::GreaterOrEqual => within || end > self.until,
            Prefix::Less => start < self.from,
            Prefix::LessOrEqual => within || start < self.from,
            Prefix::StartsAfter => start >= self.until,
            Prefix::EndsBefore => end <= self.from,
        }
    }
}

/// Reads dates joined by commas.
pub(super) fn tests(name: &str, value: &str, zone: &TimeZone) -> Result<Vec<DateTest>, SearchError> {
    let wrong = |why| SearchError::Value {
        name: name.to_owned(),
        why,
    };
    let one = |text: &str| {
        let (prefix, rest) = prefix(text).map_err(wrong)?;
        // A plus sign that nobody encoded arrives as a blank.
        let rest = rest.replace(' ', "+");
        let written = date::written(&rest).map_err(|error| wrong(explain(error)))?;
        test(prefix, written, zone).ok_or_else(|| wrong("there is no such day or hour"))
    };
    alternatives(value).into_iter().map(|text| one(text.trim())).collect()
}

fn prefix(text: &str) -> Result<(Prefix, &str), &'static str> {
    let Some((letters, rest)) = text
        .split_at_checked(2)
        .filter(|(letters, _)| letters.bytes().all(|byte| byte.is_ascii_lowercase()))
    else {
        return Ok((Prefix::Equal, text));
    };
    let prefix = match letters {
        "eq" => Prefix::Equal,
        "ne" => Prefix::NotEqual,
        "gt" => Prefix::Greater,
        "ge" => Prefix::GreaterOrEqual,
        "lt" => Prefix::Less,
        "le" => Prefix::LessOrEqual,
        "sa" => Prefix::StartsAfter,
        "eb" => Prefix::EndsBefore,
        _ => return Err("the prefix is none of eq, ne, gt, ge, lt, le, sa, eb"),
    };
    Ok((prefix, rest))
}

fn test(prefix: Prefix, written: Written, zone: &TimeZone) -> Option<DateTest> {
    match written {
        Written::Date(when) => {
            let (first_day, day_after) = (when.first_day(), when.day_after());
            let (from, until) = (date::midnight(first_day, zone), date::midnight(day_after, zone));
            Some(DateTest {
                prefix,
                from,
                until,
                first_day,
                day_after,
            })
        }
        Written::Time {
            local,
            offset,
            step_nanoseconds,
        } => {
            let from = match offset {
                Some(offset) => offset.to_timestamp(local).ok()?,
                None => local.to_zoned(zone.clone()).ok()?.timestamp(),
            };
            let until = from
                .checked_add(SignedDuration::from_nanos(step_nanoseconds))
                .unwrap_or(Timestamp::MAX);
            let day = When::Day(local.date());
            Some(DateTest {
                prefix,
                from,
                until,
                first_day: day.first_day(),
                day_after: day.day_after(),
            })
        }
    }
}

fn explain(error: DateError) -> &'static str {
    match error {
        DateError::Shape => "a date is written as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss±hh:mm",
        DateError::Impossible => "there is no such day or hour",
        DateError::ZoneMissing => "the hour lacks its time zone",
    }
}
