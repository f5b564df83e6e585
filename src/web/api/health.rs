//! `GET /api/actions/health`: the API answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

use super::envelope;
use super::state::Api;
use crate::app::time::iso;

/// The version of the API, which is not that of the program.
pub const API_VERSION: &str = "1.0.0";

/// Answers.
pub async fn serve(api: Data<Api>) -> HttpResponse {
    let body = json!({
        "status": "ok",
        "timestamp": iso(api.app.clock.now()),
        "version": API_VERSION,
    });
    envelope::json(StatusCode::OK, body.to_string())
}
