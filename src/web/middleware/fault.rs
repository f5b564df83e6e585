//! The answer of a request whose handler panicked. The panic itself is logged once by its hook.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use switchyard_actors::domain::ids::RequestId;

use super::REQUEST_ID;

/// A fault of the program, as its client sees it.
#[derive(Debug)]
pub struct Fault {
    request: RequestId,
}

impl Fault {
    /// Makes the answer for a request.
    #[must_use]
    pub const fn new(request: RequestId) -> Self {
        Self { request }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the program has a fault; request {}", self.request)
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    fn error_response(&self) -> HttpResponse {
        tracing::error!(request.id = %self.request, "request {} ended by a fault", self.request);
        HttpResponse::InternalServerError()
            .insert_header((REQUEST_ID, self.request.to_string()))
            .json(serde_json::json!({
                "error": { "code": "internal", "message": self.to_string() }
            }))
    }
}
