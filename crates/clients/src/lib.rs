//! Clients: the people served, who treats them, what is known of them, and how they are found.
//!
//! Offers the proof of access to a chart ([`open_chart`]), the frame of its pages ([`chart_page`]) to which rooms above
//! add tabs, cards and timeline entries, search, registration, the care team, and homes for records of other systems.
//! Knows no appointment, note or money.
//!
//! Invariants: nobody gets a [`Chart`] out of reach (`cli_53_…`); a foreign number leads to one record (`int_…`).

mod chart;
mod client;
mod contact;
mod duplicate;
mod outside;
mod search;
mod team;

pub use chart::{Chart, ChartCard, ChartError, ChartTab, TimelineItem, TimelineSource, chart_page, open_chart};
pub use client::ops::{EditError, RegisterError, register, update_demographics};
pub use client::{Demographics, NewClient, PaymentMode, Sex, Status, directory};
pub use contact::ops::{ContactError, add_contact, end_contact};
pub use contact::{ContactKind, ContactUse, NewContact};
pub use outside::import::{
    ImportError, add_allergies, add_allergy, add_coverage, add_coverages, add_external_provider,
    add_external_providers, import_clients, keep_resource, keep_resources, upsert_client_from_import,
};
pub use outside::{
    Category, ExternalKey, Imported, ImportedAllergy, ImportedClient, ImportedCoverage, ImportedProvider, KeptResource,
    identify, identify_many, name_records,
};
pub use search::{Found, search};
pub use team::ops::{AssignError, assign, end_assignment};
pub use team::{Colleague, NewAssignment, TeamRole, colleagues};

/// The routes of this room.
#[must_use]
pub fn routes() -> identity::web::Routes {
    client::pages::routes()
        .merge(client::api::routes())
        .merge(chart::pages::routes())
        .merge(contact::pages::routes())
        .merge(team::pages::routes())
        .merge(outside::pages::routes())
        .merge(search::pages::routes())
}

/// How far a right to charts reaches: everything, or the clients one is assigned to.
pub(crate) fn is_whole(scope: kernel::Scope) -> bool {
    match scope {
        kernel::Scope::Practice | kernel::Scope::Location => true,
        kernel::Scope::Own | kernel::Scope::Assigned | kernel::Scope::Supervisees => false,
    }
}
