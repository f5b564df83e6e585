//! The names vendors give their errors, and whose fault each one means.

use super::super::frame::ErrorClass::{
    self, Auth, Client, NotFound, Overloaded, Provider, RateLimit,
};

/// Known codes, types and Gemini statuses in lower case, with the status they stand for; those of an
/// account's trouble stand in `account`.
const NAMES: &[(&str, ErrorClass, u16)] = &[
    ("invalid_request_error", Client, 400),
    ("invalid_request", Client, 400),
    ("badrequesterror", Client, 400),
    ("bad_request", Client, 400),
    ("invalid_argument", Client, 400),
    ("invalid_prompt", Client, 400),
    ("invalid_value", Client, 400),
    ("invalid_type", Client, 400),
    ("invalid_image", Client, 400),
    ("invalid_function_parameters", Client, 400),
    ("unsupported_parameter", Client, 400),
    ("unsupported_value", Client, 400),
    ("unknown_parameter", Client, 400),
    ("missing_required_parameter", Client, 400),
    ("string_above_max_length", Client, 400),
    ("array_above_max_length", Client, 400),
    ("out_of_range", Client, 400),
    ("cyber_policy", Client, 400),
    ("context_length_exceeded", Client, 400),
    ("content_policy_violation", Client, 400),
    ("content_filter", Client, 400),
    ("prompt_blocked", Client, 400),
    ("request_too_large", Client, 413),
    ("unprocessable_entity_error", Client, 422),
    ("authentication_error", Auth, 401),
    ("unauthenticated", Auth, 401),
    ("invalid_authentication", Auth, 401),
    ("unauthorized", Auth, 401),
    ("token_expired", Auth, 401),
    ("permission_error", Auth, 403),
    ("permission_denied", Auth, 403),
    ("forbidden", Auth, 403),
    ("not_found_error", NotFound, 404),
    ("not_found", NotFound, 404),
    ("model_not_found", NotFound, 404),
    ("deploymentnotfound", NotFound, 404),
    ("rate_limit_error", RateLimit, 429),
    ("rate_limit_exceeded", RateLimit, 429),
    ("rate_limit_reached", RateLimit, 429),
    ("too_many_requests", RateLimit, 429),
    ("resource_exhausted", RateLimit, 429),
    ("usage_limit_reached", RateLimit, 429),
    ("requests", RateLimit, 429),
    ("tokens", RateLimit, 429),
    ("overloaded_error", Overloaded, 529),
    ("overloaded", Overloaded, 529),
    ("server_is_overloaded", Overloaded, 503),
    ("engine_overloaded", Overloaded, 503),
    ("slow_down", Overloaded, 503),
    ("unavailable", Overloaded, 503),
    ("failed_precondition", Provider, 400),
    ("api_error", Provider, 500),
    ("server_error", Provider, 500),
    ("internal", Provider, 500),
    ("internal_error", Provider, 500),
    ("internal_server_error", Provider, 500),
    ("unknown", Provider, 500),
    ("data_loss", Provider, 500),
    ("aborted", Provider, 502),
    ("cancelled", Provider, 502),
    ("bad_gateway_error", Provider, 502),
    ("upstream_error", Provider, 502),
    ("service_unavailable_error", Provider, 503),
    ("service_unavailable", Provider, 503),
    ("timeout_error", Provider, 504),
    ("timeout", Provider, 504),
    ("deadline_exceeded", Provider, 504),
    ("gateway_timeout_error", Provider, 504),
];

/// Words of error texts that carry no code; digits say nothing, they sit in ids too.
const WORDS: &[(&str, ErrorClass, u16)] = &[
    ("prompt is too long", Client, 400),
    ("maximum context length", Client, 400),
    ("api key", Auth, 401),
    ("api_key", Auth, 401),
    ("unauthorized", Auth, 401),
    ("authentication", Auth, 401),
    ("令牌", Auth, 401),
    ("密钥", Auth, 401),
    ("credit balance", Auth, 402),
    ("insufficient balance", Auth, 402),
    ("余额", Auth, 402),
    ("额度", Auth, 402),
    ("forbidden", Auth, 403),
    ("permission", Auth, 403),
    ("access denied", Auth, 403),
    ("rate limit", RateLimit, 429),
    ("too many requests", RateLimit, 429),
    ("quota", RateLimit, 429),
    ("频繁", RateLimit, 429),
    ("overloaded", Overloaded, 529),
    ("at capacity", Overloaded, 529),
    ("负载", Overloaded, 529),
    ("model not found", NotFound, 404),
    ("does not exist", NotFound, 404),
    ("unavailable", Provider, 503),
    ("不可用", Provider, 503),
    ("timed out", Provider, 504),
    ("timeout", Provider, 504),
    ("超时", Provider, 504),
];

/// Messages that speak of the vendor's own machines, whatever name or status they come with.
const OWN_TROUBLE: &[&str] = &["no space left on device", "disk quota exceeded"];

/// Looks a code, type or status up.
pub(super) fn by_name(name: &str) -> Option<(ErrorClass, u16)> {
    let known = NAMES.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, class, status)| (*class, *status))
}

/// Guesses from the words of an error that has no known name.
pub(super) fn by_words(message: &str) -> Option<(ErrorClass, u16)> {
    let message = message.to_lowercase();
    let known = WORDS.iter().find(|(words, _, _)| message.contains(words));
    known.map(|(_, class, status)| (*class, *status))
}

/// Recognises trouble of the vendor's own machines by its message.
pub(super) fn own_trouble(message: &str) -> bool {
    let message = message.to_lowercase();
    OWN_TROUBLE.iter().any(|words| message.contains(words))
}

/// Says whose fault a bare status means.
pub(super) const fn by_status(status: u16) -> ErrorClass {
    match status {
        400 | 413 | 415 | 422 => Client,
        401..=403 => Auth,
        404 => NotFound,
        429 => RateLimit,
        529 => Overloaded,
        _ => Provider,
    }
}
