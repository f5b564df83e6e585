//! The management API under `/api/actions`, with the paths, bodies and answers of the original.
//!
//! An operation is a file that implements [`Action`]; its family's `routes` function lists it, and
//! with that it is served and documented. A new family is added to `actions` below.

mod action;
mod active_sessions;
mod authenticate;
pub mod document;
mod envelope;
mod error_rules;
mod health;
mod keys;
mod limits;
mod model_prices;
pub mod money;
mod overview;
mod providers;
mod reference;
mod request_filters;
mod routes;
mod routing;
mod sensitive_words;
mod serve;
mod state;
mod uploads;
mod usage_logs;
mod users;
pub mod words;

use actix_web::web::{ServiceConfig, get, head, to};
use paperclip::actix::web::ServiceConfig as DocumentedConfig;

pub use action::{Access, Action, Call, Module, Reply, Spec};
pub use authenticate::{
    ADMIN_NAME, COOKIE_NAME, Known, Unknown, cookie_token, origin, token, visitor,
};
pub use routes::{Listed, Routes};
pub use state::{AdminMark, Api, ClientIp, IsAdmin};
pub use uploads::{Unread, Uploads};

/// Lists every operation.
fn actions(routes: &mut Routes<'_, '_>) {
    users::routes(routes);
    keys::routes(routes);
    providers::routes(routes);
    model_prices::routes(routes);
    usage_logs::routes(routes);
    overview::routes(routes);
    routing::routes(routes);
    active_sessions::routes(routes);
    limits::routes(routes);
    error_rules::routes(routes);
    sensitive_words::routes(routes);
    request_filters::routes(routes);
}

/// Adds the operations to a server whose `paperclip` gathers them; returns what each one takes and
/// gives.
pub fn configure(config: &mut DocumentedConfig<'_>) -> Vec<Listed> {
    let mut routes = Routes::new(config);
    actions(&mut routes);
    routes.listed()
}

/// Adds the whole API to a server: operations, document and its readers, health, and an answer for
/// what is not there. `web::Data<Api>` must be in the application's data, for the readers
/// `web::Data<Shell>` as well.
pub fn mount(config: &mut ServiceConfig) {
    configure(&mut DocumentedConfig::from(&mut *config));
    reference::mount(config);
    config
        .route("/api/actions/openapi.json", get().to(document::serve))
        .route("/api/actions/openapi.json", head().to(document::serve))
        .route("/api/actions/health", get().to(health::serve))
        .route("/api/actions", to(nothing))
        .route("/api/actions/{rest:.*}", to(nothing));
}

async fn nothing() -> actix_web::HttpResponse {
    envelope::not_found()
}
