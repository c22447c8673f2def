//! Working hours and the free starts that follow from them. Pure: hours, claims and now come in as values.
//!
//! Invariant: a free start lies on the grid counted in wall-clock minutes from local midnight, inside one open interval, and keeps
//! the buffers of its neighbours (SCH, free-slot computation); it is advice, the claims' constraint decides.

pub mod store;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Free starts lie on quarters of an hour.
pub const GRID_MINUTES: i32 = 15;

/// A half-open stretch of time.
pub type Span = (Timestamp, Timestamp);

/// A stretch of one weekday in which somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// ISO weekday: 1 is Monday.
    pub weekday: i16,
    /// From, on the wall clock.
    pub opens: Time,
    /// Until, on the wall clock; midnight is the end of the day.
    pub closes: Time,
}

/// Time that is taken, with the pause its kind needs after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// From and until.
    pub span: Span,
    /// Minutes wanted free behind it.
    pub buffer_after: i32,
}

/// Monday to Friday, 9 to 17: the hours of whoever has set none.
#[must_use]
pub fn default_week() -> Vec<Block> {
    let clock = |hour| Time::new(hour, 0, 0, 0).unwrap_or(Time::midnight());
    (1..=5)
        .map(|weekday| Block {
            weekday,
            opens: clock(9),
            closes: clock(17),
        })
        .collect()
}

/// Somebody's week out of the rows of several; nine to five where they have none.
#[must_use]
pub fn week_of(clinician: kernel::UserId, rows: &[store::BlockRow]) -> Vec<Block> {
    let own: Vec<Block> = rows
        .iter()
        .filter(|row| row.clinician_id == clinician)
        .map(|row| Block {
            weekday: row.weekday,
            opens: row.opens,
            closes: row.closes,
        })
        .collect();
    if own.is_empty() { default_week() } else { own }
}

/// The open stretches of a date, as instants, in order.
#[must_use]
pub fn open_on(date: Date, week: &[Block], zone: &TimeZone) -> Vec<Span> {
    let weekday = i16::from(weekday_number(date.weekday()));
    let mut spans: Vec<Span> = week
        .iter()
        .filter(|block| block.weekday == weekday)
        .filter_map(|block| instants(date, block, zone))
        .collect();
    spans.sort();
    spans
}

fn instants(date: Date, block: &Block, zone: &TimeZone) -> Option<Span> {
    let until = if block.closes == Time::midnight() {
        date.tomorrow().ok()?.to_datetime(Time::midnight())
    } else {
        date.to_datetime(block.closes)
    };
    let from = kernel::when::resolve(date.to_datetime(block.opens), zone, 0).ok()?;
    let until = kernel::when::resolve(until, zone, 0).ok()?;
    (from < until).then_some((from, until))
}

const fn weekday_number(weekday: Weekday) -> i8 {
    weekday.to_monday_one_offset()
}

/// Whether a whole stretch lies within working hours. Blocks that touch count as one.
#[must_use]
pub fn is_open(span: Span, date: Date, week: &[Block], zone: &TimeZone) -> bool {
    let mut reached = span.0;
    for (from, until) in open_on(date, week, zone) {
        if from <= reached && reached < until {
            reached = until;
        }
    }
    reached >= span.1
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Minutes of the session.
    pub minutes: i32,
    /// Minutes wanted free behind it.
    pub buffer_after: i32,
    /// Nothing earlier is offered.
    pub not_before: Timestamp,
}

/// Free starts of one clinician on some dates, in order. `client_busy` is time the client has elsewhere.
#[must_use]
pub fn free_starts(
    dates: impl IntoIterator<Item = Date>,
    week: &[Block],
    zone: &TimeZone,
    busy: &[Busy],
    client_busy: &[Span],
    wanted: Wanted,
) -> Vec<Timestamp> {
    let length = minutes(wanted.minutes);
    let mut starts = Vec::new();
    for date in dates {
        for (opens, closes) in open_on(date, week, zone) {
            let mut at = on_grid(opens, zone);
            while at.saturating_add(length).is_ok_and(|end| end <= closes) {
                if at >= wanted.not_before && fits(at, wanted, busy, client_busy) {
                    starts.push(at);
                }
                let Ok(next) = at.checked_add(minutes(GRID_MINUTES)) else {
                    break;
                };
                at = next;
            }
        }
    }
    starts
}

fn fits(at: Timestamp, wanted: Wanted, busy: &[Busy], client_busy: &[Span]) -> bool {
    let end = at + minutes(wanted.minutes);
    let clear_of_clinician = busy.iter().all(|taken| {
        end + minutes(wanted.buffer_after) <= taken.span.0 || at >= taken.span.1 + minutes(taken.buffer_after)
    });
    clear_of_clinician && client_busy.iter().all(|taken| end <= taken.0 || at >= taken.1)
}

/// The first instant from here on whose wall clock shows a multiple of the grid. Offsets differ by multiples of it.
fn on_grid(from: Timestamp, zone: &TimeZone) -> Timestamp {
    let wall = from.to_zoned(zone.clone()).time();
    let seconds = i64::from(wall.minute()) * 60 + i64::from(wall.second());
    let grid = i64::from(GRID_MINUTES) * 60;
    from + SignedDuration::from_secs((grid - seconds % grid) % grid)
}

/// The starts nearest to a wanted one, in order of time.
#[must_use]
pub fn nearest(starts: &[Timestamp], wanted: Timestamp, count: usize) -> Vec<Timestamp> {
    let mut by_distance: Vec<Timestamp> = starts.to_vec();
    by_distance.sort_by_key(|at| (at.duration_since(wanted).abs(), *at));
    by_distance.truncate(count);
    by_distance.sort();
    by_distance
}

fn minutes(count: i32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    fn new_york() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    fn at(date: Date, hour: i8, minute: i8) -> Timestamp {
        kernel::when::resolve(date.at(hour, minute, 0, 0), &new_york(), 0).unwrap()
    }

    fn tuesday() -> Vec<Block> {
        vec![
            Block {
                weekday: 2,
                opens: time(9, 0, 0, 0),
                closes: time(12, 0, 0, 0),
            },
            Block {
                weekday: 2,
                opens: time(13, 0, 0, 0),
                closes: time(17, 0, 0, 0),
            },
        ]
    }

    fn individual() -> Wanted {
        Wanted {
            minutes: 50,
            buffer_after: 10,
            not_before: Timestamp::MIN,
        }
    }

    /// SCH, walk-through 3: a session at 10:00, buffer 10.
    #[test]
    fn sch_12_the_walk_through_has_fifteen_starts() {
        let day = date(2026, 3, 3);
        let busy = [Busy {
            span: (at(day, 10, 0), at(day, 10, 50)),
            buffer_after: 10,
        }];
        let starts = free_starts([day], &tuesday(), &new_york(), &busy, &[], individual());
        let words: Vec<String> = starts
            .iter()
            .map(|start| kernel::when::clock(*start, &new_york()))
            .collect();
        assert_eq!(words.len(), 15);
        assert_eq!(
            (
                words[0].as_str(),
                words[1].as_str(),
                words[2].as_str(),
                words[14].as_str()
            ),
            ("09:00", "11:00", "13:00", "16:00")
        );
    }

    /// SCH, walk-through 4: 11:00 is gone too.
    #[test]
    fn sch_12_the_nearest_three_of_a_lost_slot() {
        let day = date(2026, 3, 3);
        let busy = [10, 11].map(|hour| Busy {
            span: (at(day, hour, 0), at(day, hour, 50)),
            buffer_after: 10,
        });
        let starts = free_starts([day], &tuesday(), &new_york(), &busy, &[], individual());
        assert_eq!(
            nearest(&starts, at(day, 11, 0), 3),
            [at(day, 9, 0), at(day, 13, 0), at(day, 13, 15)]
        );
    }

    #[test]
    fn sch_12_the_clients_own_time_counts_without_buffers() {
        let day = date(2026, 3, 3);
        let client = [(at(day, 9, 50), at(day, 12, 0)), (at(day, 13, 0), at(day, 17, 0))];
        assert_eq!(
            free_starts([day], &tuesday(), &new_york(), &[], &client, individual()),
            [at(day, 9, 0)]
        );
    }

    #[test]
    fn sch_29_open_hours_shrink_and_grow_with_the_clock_change() {
        let night = |weekday| {
            vec![Block {
                weekday,
                opens: time(0, 0, 0, 0),
                closes: time(6, 0, 0, 0),
            }]
        };
        for (day, hours) in [(date(2026, 3, 8), 5), (date(2026, 3, 15), 6), (date(2026, 11, 1), 7)] {
            let open = open_on(day, &night(7), &new_york());
            assert_eq!(open[0].1.duration_since(open[0].0).as_hours(), hours, "{day}");
        }
        let whole = [Block {
            weekday: 7,
            opens: time(0, 0, 0, 0),
            closes: Time::midnight(),
        }];
        let starts = free_starts(
            [date(2026, 11, 1)],
            &whole,
            &new_york(),
            &[],
            &[],
            Wanted {
                minutes: 60,
                buffer_after: 0,
                not_before: Timestamp::MIN,
            },
        );
        assert_eq!(starts.len(), 25 * 4 - 3);
    }

    #[test]
    fn sch_15_outside_hours_is_seen_at_both_ends_and_across_the_lunch_break() {
        let day = date(2026, 3, 3);
        let open = |from: (i8, i8), until: (i8, i8)| {
            is_open(
                (at(day, from.0, from.1), at(day, until.0, until.1)),
                day,
                &tuesday(),
                &new_york(),
            )
        };
        assert!(open((9, 0), (12, 0)));
        assert!(!open((8, 45), (9, 35)));
        assert!(!open((11, 30), (12, 20)));
        assert!(!open((11, 30), (13, 30)));
        assert!(!open((18, 0), (19, 0)));
        let touching = [
            tuesday()[0],
            Block {
                weekday: 2,
                opens: time(12, 0, 0, 0),
                closes: time(13, 0, 0, 0),
            },
        ];
        assert!(is_open((at(day, 11, 30), at(day, 12, 30)), day, &touching, &new_york()));
    }

    proptest! {
        #[test]
        fn sch_12_no_free_start_overlaps_or_leaves_the_hours(taken in prop::collection::vec((0_i64..480, 5_i64..120), 0..8), length in 5_i32..120) {
            let day = date(2026, 3, 3);
            let busy: Vec<Busy> = taken.iter().map(|(from, long)| {
                let start = at(day, 9, 0) + SignedDuration::from_mins(*from);
                Busy { span: (start, start + SignedDuration::from_mins(*long)), buffer_after: 0 }
            }).collect();
            for start in free_starts([day], &tuesday(), &new_york(), &busy, &[], Wanted { minutes: length, buffer_after: 0, not_before: Timestamp::MIN }) {
                let end = start + SignedDuration::from_mins(i64::from(length));
                prop_assert!(is_open((start, end), day, &tuesday(), &new_york()));
                prop_assert!(busy.iter().all(|taken| end <= taken.span.0 || start >= taken.span.1));
                prop_assert_eq!(start.to_zoned(new_york()).minute() % 15, 0);
            }
        }
    }
}
