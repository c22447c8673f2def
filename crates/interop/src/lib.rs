//! Interop: faces for other programs. Import of FHIR bundles, a FHIR R4 server, and the description of the REST API as a page.
//!
//! It looks across the rooms below and owns no record: what it brings in is written by their functions, what it gives out is read
//! through them, with the asker's rights and reach. Nothing imports it but the server.

mod import;
mod r4;
mod viewer;

pub use import::{FileReport, Refusal, Report, Warning, import_bundle, import_files};
pub use viewer::viewer;

/// The routes of this room.
#[must_use]
pub fn routes() -> identity::web::Routes {
    import::pages::routes().merge(r4::routes())
}
