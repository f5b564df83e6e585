//! Errors inside answers: `response.failed` with its error, a bare `error` event, an error object alone.

use serde::Deserialize;

use super::super::LONGEST_WAIT;
use super::super::hub::{Json, StreamError, TroubleKind};

/// What a client is told when the upstream says nothing.
const UNSAID: &str = "the upstream reported an error without saying which";

/// The names vendors give to what went wrong.
const NAMES: &[(&str, TroubleKind)] = &[
    ("context_length_exceeded", TroubleKind::ContextLength),
    ("rate_limit_exceeded", TroubleKind::RateLimit),
    ("rate_limit_error", TroubleKind::RateLimit),
    ("too_many_requests", TroubleKind::RateLimit),
    ("insufficient_quota", TroubleKind::Quota),
    ("usage_not_included", TroubleKind::Quota),
    ("usage_limit_reached", TroubleKind::Quota),
    ("billing_hard_limit_reached", TroubleKind::Quota),
    ("server_is_overloaded", TroubleKind::Overloaded),
    ("slow_down", TroubleKind::Overloaded),
    ("overloaded_error", TroubleKind::Overloaded),
    ("timeout", TroubleKind::Timeout),
    ("vector_store_timeout", TroubleKind::Timeout),
    ("invalid_request_error", TroubleKind::BadRequest),
    ("invalid_prompt", TroubleKind::BadRequest),
    ("cyber_policy", TroubleKind::BadRequest),
    ("content_policy_violation", TroubleKind::BadRequest),
];

/// An error object.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorIn {
    code: Option<Json>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}

impl ErrorIn {
    /// Returns it as all formats know it.
    pub(super) fn hub(&self) -> StreamError {
        let code = self.code.as_ref().and_then(|code| code.read::<String>().ok());
        let named = |name: &str| NAMES.iter().find(|(known, _)| *known == name).map(|one| one.1);
        let by_code = code.as_deref().and_then(|code| {
            // `invalid_image`, `invalid_base64_image`, and whatever else was wrong in the request.
            named(code).or_else(|| code.starts_with("invalid_").then_some(TroubleKind::BadRequest))
        });
        let kind = by_code.or_else(|| self.kind.as_deref().and_then(named));
        let message = self.message.clone().filter(|message| !message.is_empty());
        let message = message.unwrap_or_else(|| UNSAID.to_owned());
        StreamError {
            kind: kind.unwrap_or(TroubleKind::Upstream),
            retry_after_s: retry_after(&message),
            message,
        }
    }
}

/// Reads when another try makes sense, where the words say so: `Please try again in 1.2s.`
fn retry_after(message: &str) -> Option<u64> {
    named_wait(message).filter(|wait| *wait < LONGEST_WAIT.as_secs())
}

fn named_wait(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    let (_, behind) = lower.split_once("try again in")?;
    let behind = behind.trim_start();
    let end = behind.find(|char: char| !char.is_ascii_digit() && char != '.')?;
    let (number, unit) = behind.split_at_checked(end)?;
    let (whole, broken) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.parse::<u64>().ok()?;
    let is_broken = broken.bytes().any(|digit| digit != b'0');
    let unit = unit.trim_start();
    if unit.starts_with("ms") {
        return Some(whole.div_ceil(1_000).max(u64::from(is_broken)));
    }
    let rounded = whole.saturating_add(u64::from(is_broken));
    match unit.chars().next()? {
        's' => Some(rounded),
        'm' => Some(rounded.saturating_mul(60)),
        'h' => Some(rounded.saturating_mul(3_600)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(error: &str) -> StreamError {
        serde_json::from_str::<ErrorIn>(error).unwrap().hub()
    }

    #[test]
    fn codes_say_what_went_wrong() {
        for (code, kind) in [
            ("context_length_exceeded", TroubleKind::ContextLength),
            ("insufficient_quota", TroubleKind::Quota),
            ("usage_not_included", TroubleKind::Quota),
            ("rate_limit_exceeded", TroubleKind::RateLimit),
            ("server_is_overloaded", TroubleKind::Overloaded),
            ("slow_down", TroubleKind::Overloaded),
            ("timeout", TroubleKind::Timeout),
            ("invalid_image", TroubleKind::BadRequest),
            ("server_error", TroubleKind::Upstream),
            ("something_new", TroubleKind::Upstream),
        ] {
            let error = read(&format!(r#"{{"code":"{code}","message":"m"}}"#));
            assert_eq!((error.kind, error.message.as_str()), (kind, "m"), "{code}");
        }
        let by_type = read(r#"{"type":"invalid_request_error","code":null,"message":"m"}"#);
        assert_eq!(by_type.kind, TroubleKind::BadRequest);
        assert_eq!(read(r#"{"code":429}"#).message, UNSAID);
    }

    #[test]
    fn the_words_say_when_to_return() {
        for (words, seconds) in [
            ("Rate limit reached. Please try again in 11.054s. Visit", Some(12)),
            ("try again in 20ms", Some(1)),
            ("Try again in 3 seconds", Some(3)),
            ("try again in 2m0s", Some(120)),
            ("try again later", None),
            ("try again in 3", None),
            ("try again in 999999h", None),
        ] {
            assert_eq!(retry_after(words), seconds, "{words}");
        }
    }
}
