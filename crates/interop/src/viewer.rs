//! t
pub fn viewer(_: &utoipa::openapi::OpenApi) -> maud::Markup { maud::html!{} }
