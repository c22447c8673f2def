//! The front door: how a request becomes an actor in a transaction, and how an answer or refusal leaves.
//!
//! Handlers here and in every room above take an [`Ask`] (who asks, and an open transaction), call one
//! operation, commit, and return a page, a redirect or JSON. They hold no rules.

mod api;
mod ask;
mod failure;
mod form;
mod page;
mod routes;

pub use api::{Created, Draft, Idempotency, IfMatch, Json, List, Paging, Query, Tagged, merged};
pub(crate) use ask::Shown;
pub use ask::{Ask, COOKIE, Visitor, cookie_value, form_token, session_token};
pub(crate) use failure::encoded;
pub use failure::{Failure, Html, render_failures, see_other, unprocessable};
pub use form::{Once, Posted, PublicForm, origin_guard};
pub use page::{DashboardCard, Drawing, Nav, live_page, staff_page};
pub use routes::{Access, Declared, Routes};
