//! `/metrics` in the text format of Prometheus. It holds numbers alone, no names and no secrets, so
//! it is open by default; `METRICS_PUBLIC=false` asks for the admin token.

use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::Shell;
use crate::telemetry;

/// Adds the route.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/metrics", web::get().to(metrics));
}

async fn metrics(request: HttpRequest, shell: Data<Shell>) -> HttpResponse {
    if !shell.settings.metrics.public
        && let Err(refused) = admit(&request, &shell)
    {
        return refused;
    }
    (shell.refresh)().await;
    let figures = &shell.metrics;
    // Who asks runs, too, and is not meant.
    let others = shell.activity.count().saturating_sub(1);
    figures.in_flight.set(i64::try_from(others).unwrap_or(i64::MAX));
    figures.panics.set(i64::try_from(telemetry::panics()).unwrap_or(i64::MAX));
    figures.ready.set(i64::from(shell.readiness.is_ready()));
    match figures.render() {
        Ok(text) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(error = %error, "the figures cannot be written");
            HttpResponse::InternalServerError().body("the figures cannot be written\n")
        }
    }
}

/// Lets the administrator in; a wrong token is counted as a guess of its address.
fn admit(request: &HttpRequest, shell: &Shell) -> Result<(), HttpResponse> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = header.and_then(|text| text.split_once(' ')).unwrap_or_default();
    let token = Some(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"));
    if token.is_some_and(|token| shell.admin_token.matches(token)) {
        return Ok(());
    }
    let guesser = token.and(shell.client_ip(request));
    let wait = guesser.and_then(|address| shell.guesses.guessed(address, shell.clock.now()));
    Err(wait.map_or_else(not_admin, too_often))
}

fn not_admin() -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header((WWW_AUTHENTICATE, "Bearer"))
        .body("the figures are for the administrator: send the admin token as a Bearer token\n")
}

fn too_often(wait: Duration) -> HttpResponse {
    HttpResponse::TooManyRequests()
        .insert_header((RETRY_AFTER, wait.as_secs().max(1).to_string()))
        .body("too many wrong tokens came from this address: send the right one\n")
}
