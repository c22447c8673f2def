//! Routes that declare what they need. There is no other way to add one, and a route without its declaration
//! answers nobody: [`super::Ask`] refuses to be made for it.

use axum::Router;
use axum::extract::Extension;
use axum::routing::MethodRouter;
use kernel::Permission;
use platform::App;
use utoipa_axum::router::OpenApiRouter;

/// Who may ask for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Public,
    /// Whoever has given a password but not yet the second factor.
    FirstFactor,
    /// Any signed-in member of staff.
    SignedIn,
    /// Whoever has the permission at some reach; the operation decides for the record.
    Need(Permission),
}

/// A declared route, for tests that walk them all.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Path with its parameters in braces.
    pub path: String,
    /// Who may ask.
    pub access: Access,
    /// Whether it is part of the REST description.
    pub is_api: bool,
}

/// The routes of one room.
#[derive(Default)]
pub struct Routes {
    pages: Router<App>,
    api: OpenApiRouter<App>,
    declared: Vec<Declared>,
}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds pages (or other non-REST resources) at a path. Methods that need other rights go into another call
    /// with the same path.
    #[must_use]
    pub fn page(mut self, path: &str, access: Access, methods: MethodRouter<App>) -> Self {
        self.declared.push(Declared {
            path: path.to_owned(),
            access,
            is_api: false,
        });
        self.pages = self.pages.route(path, methods.layer(Extension(access)));
        self
    }

    /// Adds REST handlers, as `utoipa_axum::routes!` gives them.
    #[must_use]
    pub fn api(
        mut self,
        access: Access,
        (schemas, paths, methods): utoipa_axum::router::UtoipaMethodRouter<App>,
    ) -> Self {
        for path in paths.paths.keys() {
            self.declared.push(Declared {
                path: path.clone(),
                access,
                is_api: true,
            });
        }
        self.api = self.api.routes((schemas, paths, methods.layer(Extension(access))));
        self
    }

    /// Adds another room's routes.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.pages = self.pages.merge(other.pages);
        self.api = self.api.merge(other.api);
        self.declared.extend(other.declared);
        self
    }

    /// Everything declared.
    #[must_use]
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The router and the description of its REST part.
    pub fn build(self) -> (Router<App>, utoipa::openapi::OpenApi) {
        let (api, description) = self.api.split_for_parts();
        (self.pages.merge(api), description)
    }
}

/// The declaration of the route that a request met.
pub(super) fn declared_access(request: &axum::http::request::Parts) -> Option<Access> {
    request.extensions.get::<Access>().copied()
}
