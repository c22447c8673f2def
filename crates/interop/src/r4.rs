//! t
pub fn routes() -> identity::web::Routes { identity::web::Routes::new() }
