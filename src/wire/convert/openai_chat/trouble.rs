//! Errors of the upstream within a stream, and our own.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::lax::lax;
use crate::wire::convert::hub::{StreamError, TroubleKind};

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorIn<'a> {
    #[serde(deserialize_with = "lax")]
    message: Option<String>,
    #[serde(rename = "type", deserialize_with = "lax")]
    kind: Option<String>,
    /// A word or a number: some vendors write the HTTP status here.
    #[serde(borrow)]
    code: Option<&'a RawValue>,
}

/// Reads an error: an object, or its words alone.
pub(super) fn read(raw: &RawValue) -> StreamError {
    if let Ok(message) = serde_json::from_str::<String>(raw.get()) {
        return error(TroubleKind::Upstream, message);
    }
    let read: ErrorIn<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let code = read.code.map(|code| code.get().trim_matches('"')).unwrap_or_default();
    let kind = kind_of(code).or_else(|| kind_of(read.kind.as_deref().unwrap_or_default()));
    let message = read.message.unwrap_or_else(|| "the upstream sent an error".to_owned());
    error(kind.unwrap_or(TroubleKind::Upstream), message)
}

/// Makes an error of the upstream.
pub(super) fn upstream(message: impl Into<String>) -> StreamError {
    error(TroubleKind::Upstream, message.into())
}

/// Makes the error of a model that has stopped for want of machines.
pub(super) fn overloaded() -> StreamError {
    let message = "the model had no capacity left to end its answer".to_owned();
    error(TroubleKind::Overloaded, message)
}

fn error(kind: TroubleKind, message: String) -> StreamError {
    StreamError { kind, message, retry_after_s: None }
}

fn kind_of(word: &str) -> Option<TroubleKind> {
    Some(match word {
        "context_length_exceeded" => TroubleKind::ContextLength,
        "insufficient_quota" | "billing_error" | "402" => TroubleKind::Quota,
        "rate_limit_exceeded" | "rate_limit_error" | "429" => TroubleKind::RateLimit,
        "server_is_overloaded" | "overloaded_error" | "slow_down" | "503" | "529" => {
            TroubleKind::Overloaded
        }
        "timeout" | "timeout_error" | "504" => TroubleKind::Timeout,
        "invalid_request_error" | "400" => TroubleKind::BadRequest,
        _ => return None,
    })
}

/// The body of an error, as a client reads it.
#[derive(Serialize)]
pub(super) struct ErrorOut<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

/// What stands for an answer whose call nobody can read.
pub(super) const BAD_CALL: ErrorOut<'static> = ErrorOut {
    error: ErrorBody {
        message: "the model wrote a call of a tool that cannot be read",
        kind: "server_error",
        param: None,
        code: None,
    },
};
