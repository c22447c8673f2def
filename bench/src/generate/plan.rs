//! What a generated practice holds, worked out from numbers alone: the same seed always gives the same practice.

use jiff::civil::{Date, DateTime, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::BenchError;

/// Appointments of one clinician on a full day.
pub(super) const SLOTS_PER_DAY: usize = 8;
/// Share of the slots that are taken, in percent.
const TAKEN_PERCENT: usize = 80;
/// Working days that the calendar covers; three quarters of them have passed.
const WORKING_DAYS: usize = 260;

/// How much to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) practices: usize,
    /// In each practice.
    pub(super) clients: usize,
    /// In each practice.
    pub(super) appointments: usize,
}

impl Amount {
    /// Clinicians that a practice needs for so many appointments.
    pub(super) fn clinicians(self) -> usize {
        self.appointments
            .div_ceil(SLOTS_PER_DAY * WORKING_DAYS * TAKEN_PERCENT / 100)
            .max(1)
    }
}

/// One hour in which a clinician may see a client.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) local: DateTime,
    pub(super) is_past: bool,
}

/// The slots of a year around a day, oldest first; the same for every clinician.
pub(super) fn slots(today: Date, zone: &TimeZone) -> Result<Vec<Slot>, BenchError> {
    let mut day = today.checked_sub(((WORKING_DAYS * 3 / 4) as i64 * 7 / 5).days())?;
    let mut slots = Vec::with_capacity(WORKING_DAYS * SLOTS_PER_DAY);
    while slots.len() < WORKING_DAYS * SLOTS_PER_DAY {
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            // 9 to 17 on the hour; whoever has no working hours on record works exactly then.
            for hour in 9..17 {
                let local = day.to_datetime(time(hour, 0, 0, 0));
                let starts_at = zone.to_ambiguous_timestamp(local).compatible()?;
                let ends_at = starts_at.checked_add(50.minutes())?;
                slots.push(Slot {
                    starts_at,
                    ends_at,
                    local,
                    is_past: day < today,
                });
            }
        }
        day = day.tomorrow()?;
    }
    Ok(slots)
}

/// Which appointments exist: clinician, slot and client, by their places. No clinician and no client meets twice in one
/// slot.
pub(super) fn meetings(amount: Amount, slots: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let clinicians = amount.clinicians();
    // Neighbours in one slot get neighbouring clients, so they differ as long as there are more clients than clinicians.
    let per_slot = clinicians.min(amount.clients.max(1));
    let places = slots * per_slot;
    let wanted = amount.appointments.min(places);
    (0..wanted).map(move |number| {
        // Spreads the wanted number evenly over all places.
        let place = number * places / wanted.max(1);
        let (slot, clinician) = (place / per_slot, place % per_slot);
        let client = (slot * per_slot + clinician) % amount.clients.max(1);
        (clinician, slot, client)
    })
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of their own for each practice and purpose (FNV-1a of the words).
    pub(super) fn new(slug: &str, purpose: &str) -> Self {
        let bytes = slug.bytes().chain([b'/']).chain(purpose.bytes());
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    pub(super) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'list>(&mut self, list: &[&'list str]) -> &'list str {
        let place = self.number() % (list.len().max(1) as u64);
        list.get(place as usize).copied().unwrap_or_default()
    }

    /// A number below a bound.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    /// A UUIDv7 made at an instant.
    pub(super) fn id(&mut self, made_at: Timestamp) -> Uuid {
        let millisecond = u128::from(made_at.as_millisecond().unsigned_abs()) << 80;
        let random = (u128::from(self.number()) << 64 | u128::from(self.number())) & ((1 << 80) - 1);
        let mut bytes = (millisecond | random).to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x70;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Uuid::from_bytes(bytes)
    }
}

/// The day on which a run takes place, in a zone.
pub(super) fn today(given: Option<Date>, zone: &TimeZone) -> Date {
    given.unwrap_or_else(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "a benchmark runs on the day it runs, unless a day is given"
        )]
        let now = Timestamp::now();
        now.to_zoned(zone.clone()).date()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Amount, Dice, SLOTS_PER_DAY, WORKING_DAYS, meetings, slots};
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    fn check(amount: Amount) {
        let slots = WORKING_DAYS * SLOTS_PER_DAY;
        let all: Vec<_> = meetings(amount, slots).collect();
        assert_eq!(all.len(), amount.appointments);
        let clinicians: HashSet<_> = all.iter().map(|(clinician, slot, _)| (clinician, slot)).collect();
        let clients: HashSet<_> = all.iter().map(|(_, slot, client)| (client, slot)).collect();
        assert_eq!(clinicians.len(), all.len(), "a clinician is in two places");
        assert_eq!(clients.len(), all.len(), "a client is in two places");
        assert!(all.iter().all(|(clinician, slot, client)| {
            *clinician < amount.clinicians() && *slot < slots && *client < amount.clients
        }));
    }

    #[test]
    fn nobody_is_in_two_places_at_once() {
        check(Amount {
            practices: 1,
            clients: 2_000,
            appointments: 20_000,
        });
        check(Amount {
            practices: 1_000,
            clients: 1_000,
            appointments: 10_000,
        });
        check(Amount {
            practices: 1,
            clients: 50,
            appointments: 10_000,
        });
    }

    #[test]
    fn slots_are_working_hours_also_when_clocks_change() {
        let all = slots(date(2027, 3, 15), &TimeZone::fixed(jiff::tz::offset(-5))).expect("the year exists");
        assert_eq!(all.len(), WORKING_DAYS * SLOTS_PER_DAY);
        assert!(all.windows(2).all(|pair| pair[0].ends_at <= pair[1].starts_at));
        let past = all.iter().filter(|slot| slot.is_past).count() * 100 / all.len();
        assert!((73..=77).contains(&past), "{past} percent have passed");
    }

    #[test]
    fn ids_are_version_7_and_ordered_by_time() {
        let mut dice = Dice::new("bench", "ids");
        let (early, late) = (
            dice.id("2026-01-01T00:00:00Z".parse().expect("valid")),
            dice.id("2026-01-02T00:00:00Z".parse().expect("valid")),
        );
        assert!(early < late && early.get_version_num() == 7);
    }
}
