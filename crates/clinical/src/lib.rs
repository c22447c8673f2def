//! Clinical: the record of care. Notes of sessions, which become immutable when signed, and the history that a
//! client brings along: problems, findings, past encounters.
//!
//! It builds on the calendar and the chart and knows nothing of money. Rooms above read it through the functions
//! here, never through its tables.

mod contributions;
pub mod history;
pub mod note;

use axum::routing::{get, post};
use identity::web::{Access, Routes};
use kernel::Permission;
use note::{api, pages};
use utoipa_axum::routes as describe;

pub use contributions::subscribe;
pub use note::ops::{Note, NoteError};

/// This room's routes.
#[must_use]
pub fn routes() -> Routes {
    let (write, read) = (Access::Need(Permission::NoteWrite), Access::Need(Permission::NoteRead));
    Routes::new()
        .page("/appointments/{id}/note", write, post(pages::begin))
        .page("/notes", write, get(pages::list))
        .page("/notes/{id}", read, get(pages::show).post(pages::save))
        .page("/notes/{id}/edit", write, get(pages::edit))
        .page("/notes/{id}/draft", write, post(pages::autosave))
        .page("/notes/{id}/signature", write, get(pages::review).post(pages::sign))
        .page("/notes/{id}/pdf", read, get(pages::pdf))
        .page("/clients/{id}/notes", read, get(pages::list_of_client))
        .api(read, describe!(api::list, api::create))
        .api(read, describe!(api::read, api::change))
        .api(write, describe!(api::sign))
}
