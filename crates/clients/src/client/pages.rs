//! Pages of clients: the list, registration, and the edit of demographics with its conflict page.

mod edit;
mod fields;
mod list;
mod registration;

use axum::routing::get;
use identity::web::{Access, Nav, Routes};
use kernel::{ClientId, Permission, Problems, Refusal};
use maud::Markup;

pub(in crate::client) use list::{lines, place};

platform::inventory::submit! {
    Nav { order: 30, label: "Clients", path: "/clients", icon: "users", shortcut: 'p', permission: Permission::ClientRead }
}

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page("/clients", Access::Need(Permission::ClientRead), get(list::list))
        .page(
            "/clients/new",
            Access::Need(Permission::ClientEdit),
            get(registration::draw).post(registration::register),
        )
        .page(
            "/clients/{id}/info",
            Access::Need(Permission::ClientRead),
            get(edit::draw).post(edit::save),
        )
}

/// The id of a path; one that is no id is as unknown as one that is not there.
pub(crate) fn id_of<I: std::str::FromStr>(text: &str) -> Result<I, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

/// As [`id_of`], for clients.
pub(crate) fn client_id(text: &str) -> Result<ClientId, Refusal> {
    id_of(text)
}

/// Everything wrong with a form, above it.
pub(crate) fn summary(problems: &Problems) -> Markup {
    let items: Vec<(&str, String)> = problems
        .0
        .iter()
        .map(|problem| (problem.field, problem.message.clone()))
        .collect();
    ui::form::error_summary(&items)
}

/// A text for the query part of an address.
pub(crate) fn encoded(text: &str) -> String {
    serde_html_form::to_string([("q", text)])
        .ok()
        .and_then(|pair| pair.strip_prefix("q=").map(str::to_owned))
        .unwrap_or_default()
}
