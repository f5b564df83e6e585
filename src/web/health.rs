//! Health, version and ping: what load balancers, container platforms and people look at.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use serde::Serialize;

use super::Shell;
use crate::process::{Reason, Severity};

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where clients find out whether anybody is there, without a key.
pub const PING: &str = "/v1/_ping";

/// Adds the routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/api/health", web::get().to(ready))
        .route("/api/health", web::head().to(ready))
        .route("/api/health/live", web::get().to(live))
        .route("/api/health/live", web::head().to(live))
        .route("/api/health/ready", web::get().to(ready))
        .route("/api/health/ready", web::head().to(ready))
        .route("/api/version", web::get().to(version))
        .route(PING, web::get().to(ping));
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Said>,
}

#[derive(Serialize)]
struct Said {
    part: &'static str,
    status: &'static str,
    reason: Cow<'static, str>,
}

impl From<Reason> for Said {
    fn from(reason: Reason) -> Self {
        Self { part: reason.part, status: word(reason.severity), reason: reason.text }
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Degraded => "degraded",
        Severity::Down => "down",
    }
}

/// Answers as long as the process can answer at all.
async fn live() -> impl Responder {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Health {
        status: "ok",
        version: VERSION,
        reasons: Vec::new(),
    })
}

/// Answers 200 when requests may come (also degraded), else 503 with the reasons.
async fn ready(shell: Data<Shell>) -> impl Responder {
    let reasons = shell.readiness.reasons();
    let worst = if reasons.iter().any(|reason| reason.severity == Severity::Down) {
        Some(Severity::Down)
    } else {
        reasons.first().map(|reason| reason.severity)
    };
    let down = worst == Some(Severity::Down);
    let status = if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if down {
        answer.insert_header((RETRY_AFTER, "2"));
    }
    let reasons = reasons.into_iter().map(Said::from).collect();
    answer.json(Health { status: worst.map_or("ok", word), version: VERSION, reasons })
}

#[derive(Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
}

async fn version() -> impl Responder {
    web::Json(Version { name: "switchyard", version: VERSION })
}

#[derive(Serialize)]
struct Pong {
    status: &'static str,
}

async fn ping() -> impl Responder {
    web::Json(Pong { status: "pong" })
}
