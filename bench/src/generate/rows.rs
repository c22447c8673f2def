//! The rows of one practice, table by table, in PostgreSQL's text format for `COPY`.

use std::fmt::Write;

use jiff::Timestamp;
use uuid::Uuid;

use super::ZONE;
use super::names::{CREDENTIALS, FAMILY, GIVEN, TOWNS};
use super::plan::{Amount, Dice, Slot, meetings};

/// Rows for one table.
pub(super) struct Table {
    /// Table and columns.
    pub(super) target: &'static str,
    /// One line per row.
    pub(super) text: String,
}

/// Who and what a practice is made of.
pub(super) struct Practice {
    pub(super) id: Uuid,
    number: usize,
    slug: String,
    location: Uuid,
    owner: Uuid,
    clinicians: Vec<Uuid>,
    clients: Vec<Uuid>,
    types: Vec<Uuid>,
    opened_at: Timestamp,
}

/// Name, minutes, hue, service code.
const TYPES: [(&str, u8, u8, &str); 3] = [
    ("Individual session", 50, 0, "90834"),
    ("Intake", 50, 2, "90791"),
    ("Family session", 50, 4, "90847"),
];

impl Practice {
    /// Gives out the ids.
    pub(super) fn plan(number: usize, slug: &str, amount: Amount, slots: &[Slot]) -> Self {
        let mut dice = Dice::new(slug, "ids");
        let opened_at = slots.first().map_or(Timestamp::UNIX_EPOCH, |slot| slot.starts_at);
        let mut ids = |count: usize| (0..count).map(|_| dice.id(opened_at)).collect::<Vec<_>>();
        let (single, clinicians, clients, types) =
            (ids(3), ids(amount.clinicians()), ids(amount.clients), ids(TYPES.len()));
        let at = |place: usize| single.get(place).copied().unwrap_or_default();
        Self {
            id: at(0),
            number,
            slug: slug.to_owned(),
            location: at(1),
            owner: at(2),
            clinicians,
            clients,
            types,
            opened_at,
        }
    }

    /// All rows, in an order in which each row's parents come first.
    pub(super) fn tables(&self, amount: Amount, slots: &[Slot]) -> Vec<Table> {
        let mut dice = Dice::new(&self.slug, "rows");
        let mut tables = vec![self.practice(), self.location()];
        tables.extend(self.users(&mut dice));
        tables.extend(self.people(&mut dice));
        tables.push(self.appointment_types());
        tables.push(self.resources());
        tables.extend(self.visits(&mut dice, amount, slots));
        tables
    }

    fn practice(&self) -> Table {
        let (id, slug, number, at) = (self.id, &self.slug, self.number, self.opened_at);
        Table {
            target: "practice (practice_id, slug, legal_name, time_zone, status, created_at, updated_at)",
            text: format!("{id}\t{slug}\tBench Practice {number}\t{ZONE}\tactive\t{at}\t{at}\n"),
        }
    }

    fn location(&self) -> Table {
        let (practice, id, at) = (self.id, self.location, self.opened_at);
        let (city, state, code) = TOWNS[self.number % TOWNS.len()];
        Table {
            target: "location (practice_id, id, name, time_zone, city, state, postal_code, created_at, updated_at)",
            text: format!("{practice}\t{id}\tMain office\t{ZONE}\t{city}\t{state}\t{code}\t{at}\t{at}\n"),
        }
    }

    fn users(&self, dice: &mut Dice) -> [Table; 2] {
        let (practice, at, slug) = (self.id, self.opened_at, &self.slug);
        let (mut users, mut roles) = (String::new(), String::new());
        let everyone = std::iter::once(&self.owner).chain(&self.clinicians);
        for (number, id) in everyone.enumerate() {
            let (given, family) = (dice.pick(&GIVEN), dice.pick(&FAMILY));
            let is_owner = number == 0;
            let (name, role) = if is_owner {
                ("owner".to_owned(), "owner")
            } else {
                (format!("clinician-{number}"), "clinician")
            };
            let credentials = if is_owner { r"\N" } else { dice.pick(&CREDENTIALS) };
            let bookable = if is_owner { 'f' } else { 't' };
            line(
                &mut users,
                format_args!(
                    "{practice}\t{id}\t{name}@{slug}.example\t{given}\t{family}\t{credentials}\tactive\t{bookable}\t{at}\t{at}"
                ),
            );
            line(&mut roles, format_args!("{practice}\t{id}\t{role}\t{at}"));
        }
        [
            Table {
                target: "app_user (practice_id, id, email, given_name, family_name, credentials, status, bookable, created_at, updated_at)",
                text: users,
            },
            Table {
                target: "user_role (practice_id, user_id, role, granted_at)",
                text: roles,
            },
        ]
    }

    fn people(&self, dice: &mut Dice) -> [Table; 4] {
        let (practice, at) = (self.id, self.opened_at);
        let (mut clients, mut contacts, mut assignments) = (String::new(), String::new(), String::new());
        let day = at.strftime("%F").to_string();
        for (number, id) in self.clients.iter().enumerate() {
            let (given, family) = (dice.pick(&GIVEN), dice.pick(&FAMILY));
            let (year, month, date) = (1940 + dice.below(75), 1 + dice.below(12), 1 + dice.below(28));
            let sex = dice.pick(&["female", "male", "female", "male", "other", "unknown"]);
            let status = dice.pick(&["active", "active", "active", "inactive", "discharged"]);
            let record = number + 1;
            // Names repeat; a second family name for some keeps the spread of the index near that of life.
            let second = if dice.below(3) == 0 {
                format!("-{}", dice.pick(&FAMILY))
            } else {
                String::new()
            };
            line(
                &mut clients,
                format_args!(
                    "{practice}\t{id}\t{record:06}\t{family}{second}\t{given}\t{year}-{month:02}-{date:02}\t{sex}\t{{en}}\t{status}\t{at}\t{at}"
                ),
            );
            let (phone, contact) = (5_550_000 + dice.below(10_000), dice.id(at));
            line(
                &mut contacts,
                format_args!("{practice}\t{contact}\t{id}\tphone\tmobile\t+1503{phone}\t{at}"),
            );
            let clinician = self
                .clinicians
                .get(number % self.clinicians.len().max(1))
                .unwrap_or(&self.owner);
            line(
                &mut assignments,
                format_args!(
                    "{practice}\t{}\t{id}\t{clinician}\tprimary_clinician\t{day}\t{at}",
                    dice.id(at)
                ),
            );
        }
        let next = self.clients.len() + 1;
        [
            Table {
                target: "client (practice_id, id, mrn, family, given, birth_date, sex_administrative, languages, status, created_at, updated_at)",
                text: clients,
            },
            Table {
                target: "client_contact_point (practice_id, id, client_id, kind, use, value, created_at)",
                text: contacts,
            },
            Table {
                target: "assignment (practice_id, id, client_id, user_id, role, valid_from, created_at)",
                text: assignments,
            },
            Table {
                target: "client_counter (practice_id, next_number)",
                text: format!("{practice}\t{next}\n"),
            },
        ]
    }

    fn appointment_types(&self) -> Table {
        let (practice, at) = (self.id, self.opened_at);
        let mut text = String::new();
        for (position, (id, (name, minutes, colour, code))) in self.types.iter().zip(TYPES).enumerate() {
            line(
                &mut text,
                format_args!(
                    "{practice}\t{id}\t{name}\t{minutes}\t{colour}\t{{in_person,video}}\t{code}\t{position}\t{at}\t{at}"
                ),
            );
        }
        Table {
            target: "appointment_type (practice_id, id, name, minutes, colour, modalities, code, position, created_at, updated_at)",
            text,
        }
    }

    fn resources(&self) -> Table {
        let practice = self.id;
        let mut text = String::new();
        let kinds = self
            .clinicians
            .iter()
            .map(|id| (id, "clinician"))
            .chain(self.clients.iter().map(|id| (id, "client")));
        for (id, kind) in kinds {
            line(&mut text, format_args!("{practice}\t{id}\t{kind}\t{id}"));
        }
        Table {
            target: "resource (practice_id, id, kind, person_id)",
            text,
        }
    }

    fn visits(&self, dice: &mut Dice, amount: Amount, slots: &[Slot]) -> [Table; 2] {
        let (practice, location) = (self.id, self.location);
        let (mut visits, mut claims) = (String::new(), String::new());
        for (clinician, slot, client) in meetings(amount, slots.len()) {
            let (Some(clinician), Some(slot), Some(client)) = (
                self.clinicians.get(clinician),
                slots.get(slot),
                self.clients.get(client),
            ) else {
                continue;
            };
            let id = dice.id(slot.starts_at);
            let kind = self
                .types
                .get(dice.below(TYPES.len() as u64) as usize)
                .copied()
                .unwrap_or_default();
            let (status, cancelled) = status(dice, slot);
            let Slot {
                starts_at,
                ends_at,
                local,
                ..
            } = slot;
            let modality = dice.pick(&["in_person", "in_person", "video"]);
            line(
                &mut visits,
                format_args!(
                    "{practice}\t{id}\t{kind}\t{client}\t{clinician}\t{location}\t{starts_at}\t{ends_at}\t{ZONE}\t{local}\t{modality}\t{status}\t{cancelled}\t{}\t{}\t{}",
                    if cancelled == r"\N" { r"\N" } else { "client" },
                    self.opened_at,
                    self.opened_at,
                ),
            );
            if status != "cancelled" && status != "no_show" {
                for resource in [clinician, client] {
                    line(
                        &mut claims,
                        format_args!("{practice}\t{resource}\t[{starts_at},{ends_at})\tappointment\t{id}"),
                    );
                }
            }
        }
        [
            Table {
                target: "appointment (practice_id, id, type_id, client_id, clinician_id, location_id, starts_at, ends_at, time_zone, \
                         local_start, modality, status, cancelled_at, cancelled_by, created_at, updated_at)",
                text: visits,
            },
            Table {
                target: "resource_claim (practice_id, resource_id, span, source, source_id)",
                text: claims,
            },
        ]
    }
}

/// What became of a visit, and when it was cancelled if it was.
fn status(dice: &mut Dice, slot: &Slot) -> (&'static str, String) {
    let none = || r"\N".to_owned();
    match dice.below(100) {
        0..8 => ("cancelled", slot.starts_at.to_string()),
        8..13 if slot.is_past => ("no_show", none()),
        _ if slot.is_past => ("completed", none()),
        13..40 => ("confirmed", none()),
        _ => ("scheduled", none()),
    }
}

/// Adds one row. Writing to a string cannot fail.
fn line(text: &mut String, row: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(row);
    text.push('\n');
}
