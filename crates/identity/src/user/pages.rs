//! Later.

pub(super) fn routes() -> crate::web::Routes {
    crate::web::Routes::new()
}
