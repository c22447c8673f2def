//! Time as people say it. Instants are UTC inside; every text made here names or implies the reader's zone.

use jiff::{Timestamp, civil, tz::TimeZone};

/// `Tue 24 Feb 2026`.
#[must_use]
pub fn day(date: civil::Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

/// `Today`, `Tomorrow`, `Yesterday`, else `Tue 24 Feb 2026`.
#[must_use]
pub fn near_day(date: civil::Date, today: civil::Date) -> String {
    match (date - today).get_days() {
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ => day(date),
    }
}

/// `Today 10:00`, `Tue 24 Feb 2026 10:00`, in the given zone.
#[must_use]
pub fn near(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let today = now.to_zoned(zone.clone()).date();
    format!("{} {}", near_day(local.date(), today), local.strftime("%H:%M"))
}

/// `10:00` in the given zone.
#[must_use]
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// The calendar day of an instant in a zone.
#[must_use]
pub fn date_in(at: Timestamp, zone: &TimeZone) -> civil::Date {
    at.to_zoned(zone.clone()).date()
}

/// Whole years lived on a day; the 29th of February counts as reached on the 1st of March of common years.
#[must_use]
pub fn age(born: civil::Date, on: civil::Date) -> i16 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i16::from(!had_birthday)
}

/// First instant of a local day and first instant of the next: a half-open range, 23 to 25 hours long.
///
/// # Errors
/// A date outside what instants can express.
pub fn day_range(date: civil::Date, zone: &TimeZone) -> Result<(Timestamp, Timestamp), jiff::Error> {
    let from = date.to_zoned(zone.clone())?.timestamp();
    let until = date.tomorrow()?.to_zoned(zone.clone())?.timestamp();
    Ok((from, until))
}

/// Resolves a wall time: in a spring gap the offset before the gap holds (02:30 becomes 03:30); of a repeated
/// hour the first pass is meant unless `fold` is 1 (SCH, Recurrence).
///
/// # Errors
/// A time outside what instants can express.
pub fn resolve(local: civil::DateTime, zone: &TimeZone, fold: i16) -> Result<Timestamp, jiff::Error> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    if fold == 1 && ambiguous.is_ambiguous() && matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Fold { .. }) {
        ambiguous.later()
    } else {
        ambiguous.compatible()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn new_york() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    #[test]
    fn sch_29_gap_and_fold_resolve_as_specified() {
        let check = |local: civil::DateTime, fold, utc: &str| {
            assert_eq!(
                resolve(local, &new_york(), fold).unwrap().to_string(),
                utc,
                "{local} fold {fold}"
            );
        };
        check(datetime(2026, 3, 8, 2, 30, 0, 0), 0, "2026-03-08T07:30:00Z");
        check(datetime(2026, 11, 1, 1, 30, 0, 0), 0, "2026-11-01T05:30:00Z");
        check(datetime(2026, 11, 1, 1, 30, 0, 0), 1, "2026-11-01T06:30:00Z");
        check(datetime(2026, 3, 3, 10, 0, 0, 0), 1, "2026-03-03T15:00:00Z");
        check(datetime(2026, 3, 10, 10, 0, 0, 0), 0, "2026-03-10T14:00:00Z");
    }

    #[test]
    fn sch_29_a_day_has_23_24_or_25_hours() {
        for (day, hours) in [(date(2026, 3, 8), 23), (date(2026, 3, 9), 24), (date(2026, 11, 1), 25)] {
            let (from, until) = day_range(day, &new_york()).unwrap();
            assert_eq!(until.duration_since(from).as_hours(), hours, "{day}");
        }
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        assert_eq!(age(date(2000, 5, 20), date(2026, 5, 19)), 25);
        assert_eq!(age(date(2000, 5, 20), date(2026, 5, 20)), 26);
        assert_eq!(age(date(2004, 2, 29), date(2026, 2, 28)), 21);
        assert_eq!(age(date(2004, 2, 29), date(2026, 3, 1)), 22);
    }

    #[test]
    fn days_read_as_people_say_them() {
        let today = date(2026, 2, 23);
        assert_eq!(near_day(today, today), "Today");
        assert_eq!(near_day(date(2026, 2, 24), today), "Tomorrow");
        assert_eq!(near_day(date(2026, 3, 24), today), "Tue 24 Mar 2026");
    }
}
