//! `/metrics` in the text format of Prometheus. It holds numbers alone, no names and no secrets, so
//! it is open by default; `METRICS_PUBLIC=false` asks for the admin token.

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::Shell;
use crate::telemetry;

/// Adds the route.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/metrics", web::get().to(metrics));
}

async fn metrics(request: HttpRequest, shell: Data<Shell>) -> HttpResponse {
    if !shell.settings.metrics.public && !is_admin(&request, &shell) {
        return HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, "Bearer")).body(
            "the figures are for the administrator: send the admin token as a Bearer token\n",
        );
    }
    (shell.refresh)().await;
    let figures = &shell.metrics;
    figures.in_flight.set(i64::try_from(shell.activity.count()).unwrap_or(i64::MAX));
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

fn is_admin(request: &HttpRequest, shell: &Shell) -> bool {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = header.and_then(|text| text.split_once(' ')).unwrap_or_default();
    scheme.eq_ignore_ascii_case("bearer") && shell.admin_token.matches(token.trim())
}
