//! FHIR R4 without I/O: reads foreign bundles into plain drafts, writes our records as JSON, parses search parameters.
//!
//! Pure: no database, no clock, no network. It knows the standard and US Core 6.1.0; it doesn't know practices, permissions or
//! what is already stored, so whether a draft is new, known or a duplicate is decided by the caller.
//!
//! The way in: [`read`] turns bytes into a [`Bundle`], [`interpret`] gives one [`Interpreted`] per entry. The way out: [`write`].
//! Searches: [`search`].
//!
//! Invariants: nothing of a bundle is lost (every entry has exactly one outcome, and its resource is kept untouched beside it);
//! no input, however mangled, makes this crate panic.

mod bundle;
mod date;
pub mod draft;
mod interpret;
mod json;
mod reference;
pub mod search;
mod types;
pub mod write;

pub use bundle::{Bundle, BundleError, Entry, MAXIMUM_DEPTH, Problem, read};
pub use date::{DateError, When};
pub use interpret::{Code, Count, Interpreted, Outcome, Refusal, Warning, count, interpret};
pub use reference::{Reference, Target};
pub use types::{Address, Coding, Concept, Identifier, Name, Period, Telecom, system};
