//! Scheduling: who meets whom, when and where. Knows nothing of notes or money.
//!
//! Offers appointments with their status machine, the calendar, free starts, and [`visit`], the proof with which rooms above open a
//! session. What happens here is told upward as events: `scheduling.booked`, `.moved`, `.changed`, `.confirmed`, `.checked_in`,
//! `.check_in_undone`, `.started`, `.completed`, `.cancelled`, `.no_show`.
//!
//! Invariants: two visits of one clinician or client never overlap, whatever code writes them (shown by `sch_11_…`); a status
//! changes only along the machine (shown by `sch_68_…`).

mod appointment;
mod appointment_type;
mod calendar;
mod cards;
mod hours;

pub use appointment::ops::{
    AppointmentError, BookError, Cancellation, Filter, Move, SEARCH_DAYS_MAX, Slot, SlotSearch, Taken, Visit, book,
    cancel, check_in, complete, confirm, find, free_slots, history, list, mark_no_show, reschedule, start,
    undo_check_in, visit,
};
pub use appointment::pages::AppointmentAction;
pub use appointment::store::{Appointment, Change};
pub use appointment::{CancellationReason, CancelledBy, Modality, NewAppointment, Start, Status};
pub use appointment_type::{AppointmentType, TypeError, list as appointment_types, seed_default_types};

use kernel::Permission;

platform::inventory::submit! {
    identity::web::Nav { order: 20, label: "Calendar", path: "/calendar", icon: "calendar", shortcut: 'c', permission: Permission::ScheduleRead }
}

/// The routes of this room.
#[must_use]
pub fn routes() -> identity::web::Routes {
    calendar::routes()
        .merge(appointment::pages::routes())
        .merge(appointment::api::routes())
}
