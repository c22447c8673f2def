//! Scheduling against a real database, through its public functions.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't be set up should stop with its reason"
)]

mod booking;
mod day;
mod desk;
mod schema;
