//! Locations: the places where the practice works (IAM-3).

mod api;
pub mod ops;
mod pages;
pub(crate) mod store;

use crate::web::Routes;

pub use store::LocationRow;

/// CMS place-of-service codes that outpatient practices use, with their names.
pub(crate) const PLACES_OF_SERVICE: &[(&str, &str)] = &[
    ("02", "02 Telehealth, not in the client's home"),
    ("10", "10 Telehealth in the client's home"),
    ("11", "11 Office"),
    ("12", "12 Home"),
    ("03", "03 School"),
    ("04", "04 Homeless shelter"),
    ("14", "14 Group home"),
    ("22", "22 On-campus outpatient hospital"),
    ("49", "49 Independent clinic"),
    ("50", "50 Federally qualified health center"),
    ("53", "53 Community mental health center"),
    ("57", "57 Non-residential substance abuse facility"),
    ("99", "99 Other"),
];

/// Routes of locations.
pub(crate) fn routes() -> Routes {
    pages::routes().merge(api::routes())
}
