//! What people and machines may ask over HTTP, apart from the relay's own routes.

pub mod api;
pub mod assets;
pub mod client_ip;
pub mod console;
pub mod cookies;
pub mod health;
pub mod login;
pub mod metrics;
pub mod middleware;
pub mod origin;
pub mod relay;
pub mod root;
mod shell;
#[cfg(test)]
mod tests;

use actix_web::http::header::ACCEPT;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};

pub use shell::{Refresh, Shell};

/// Adds the routes that need no key: health, version, ping, figures, the root page, its assets and
/// the preflight of the relay's routes. Call it before the relay's own routes are added.
pub fn base(routes: &mut ServiceConfig) {
    middleware::cors::configure(routes);
    health::configure(routes);
    metrics::configure(routes);
    assets::configure(routes);
    root::configure(routes);
    routes.default_service(actix_web::web::to(not_found));
}

/// Answers what no route answers: people with a page, programs with JSON.
async fn not_found(request: HttpRequest) -> HttpResponse {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let is_person = accepts.is_some_and(|kinds| kinds.contains("text/html"));
    if is_person && !middleware::cors::is_relay(request.path()) {
        return console::not_found_page(&request).await;
    }
    HttpResponse::NotFound().json(serde_json::json!({
        "error": { "code": "not_found", "message": "there is nothing here; / says what there is" }
    }))
}
