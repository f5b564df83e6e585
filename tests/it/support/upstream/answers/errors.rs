//! How vendors refuse, before and within a stream, and streams that stop short.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{PLAIN, frames};
use crate::support::upstream::script::Script;

/// An error body in the dialect's form.
pub fn error_body(dialect: Dialect, status: u16, message: &str) -> String {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    match dialect {
        Dialect::Anthropic => {
            json!({ "type": "error", "error": { "type": kind, "message": message } })
        }
        Dialect::OpenaiChat | Dialect::Responses => {
            json!({ "error": { "type": kind, "message": message, "code": null } })
        }
        Dialect::Gemini | Dialect::GeminiCli => {
            let name = match status {
                400 => "INVALID_ARGUMENT",
                401 => "UNAUTHENTICATED",
                404 => "NOT_FOUND",
                429 => "RESOURCE_EXHAUSTED",
                500 => "INTERNAL",
                _ => "UNAVAILABLE",
            };
            json!({ "error": { "code": status, "message": message, "status": name } })
        }
    }
    .to_string()
}

/// An error event as the vendor sends it within a stream.
pub fn error_event(dialect: Dialect, status: u16, message: &str) -> String {
    let body = error_body(dialect, status, message);
    match dialect {
        Dialect::Anthropic => format!("event: error\ndata: {body}\n\n"),
        Dialect::OpenaiChat | Dialect::Gemini | Dialect::GeminiCli => format!("data: {body}\n\n"),
        Dialect::Responses => {
            let code = match status {
                400 => "invalid_request_error",
                429 => "rate_limit_exceeded",
                529 => "server_is_overloaded",
                _ => "server_error",
            };
            let data = json!({ "type": "error", "code": code, "message": message,
                "param": null, "sequence_number": 1 });
            format!("event: error\ndata: {data}\n\n")
        }
    }
}

/// A stream with so many content pieces and then nothing more: no terminal frame, nor an end.
pub fn truncated(dialect: Dialect, model: &str, pieces: usize) -> Script {
    let all = frames(dialect, model, pieces, &PLAIN);
    let last = format!("piece {}", pieces - 1);
    let end = all.iter().position(|frame| frame.contains(&last)).expect("the last piece is there");
    Script::stream().chunks(all.into_iter().take(end + 1))
}
