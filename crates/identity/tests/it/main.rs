//! Tests of identity through its public functions and its pages, each on a database of its own.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops with its reason"
)]

mod chain;
mod doors;
mod matrix;
mod users;
