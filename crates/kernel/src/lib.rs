//! Kernel: the values that every room of the house speaks.
//!
//! Typed ids, money, names and other checked text, time as people say it, roles and permissions,
//! and the one list of ways in which the house refuses. It does no I/O, reads no clock and draws no
//! randomness; everything here is tested with plain values.

pub mod id;
pub mod money;
pub mod permission;
pub mod refusal;
pub mod text;
pub mod when;
pub mod words;

pub use id::*;
pub use money::Cents;
pub use permission::{Permission, Role, Scope};
pub use refusal::{FieldProblem, Problems, Refusal};
