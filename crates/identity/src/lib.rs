//! Identity: the practice, its people and their rights, sign-in, and the audit log.
//!
//! Every request passes here first: a route declares what it needs ([`web::Routes`]), the asker becomes an
//! [`Actor`], and what was done or seen becomes an audit event in the same transaction. It knows no client
//! and no appointment; rooms above ask it who is asking.

mod account;
pub mod actor;
pub mod api_key;
pub mod audit;
mod dashboard;
mod factor;
mod invitation;
pub mod location;
mod opening;
mod operations;
pub mod password;
pub mod practice;
pub mod rights;
pub mod session;
pub mod sign_in;
pub mod totp;
pub mod user;
pub mod web;

pub use account::{Proof, prove_password};
pub use actor::{AccessError, Actor};
pub use api_key::{KeyError, create_key};
pub use opening::{
    Account, Made, NewAccount, NewPractice, OpenError, Opened, create_account, find_account, house_actor,
    list_accounts, open_practice, practice_by_slug,
};

/// All routes of this room.
#[must_use]
pub fn routes() -> web::Routes {
    web::Routes::new()
        .merge(sign_in::routes())
        .merge(account::routes())
        .merge(dashboard::routes())
        .merge(practice::routes())
        .merge(location::routes())
        .merge(user::routes())
        .merge(audit::routes())
        .merge(operations::routes())
}
