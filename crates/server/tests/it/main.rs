//! The house as a whole, against a real PostgreSQL: every statement, every route, every tenant.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests stop with their reason"
)]

mod conventions;
mod http;
mod plans;
mod statements;
mod tenancy;
mod tidy;
