//! The names of the headers that every request or answer is searched for, made once: a name that is
//! looked up as text is parsed, and often copied, at each look.

use actix_http::header::HeaderName;

static AUTHORIZATION: HeaderName = HeaderName::from_static("authorization");
static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
static X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
static USER_AGENT: HeaderName = HeaderName::from_static("user-agent");
static CONTENT_LENGTH: HeaderName = HeaderName::from_static("content-length");
static CONTENT_ENCODING: HeaderName = HeaderName::from_static("content-encoding");
static CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");
static X_APP: HeaderName = HeaderName::from_static("x-app");
static ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
static ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
static X_CLAUDE_CODE_SESSION_ID: HeaderName = HeaderName::from_static("x-claude-code-session-id");
static SESSION_ID: HeaderName = HeaderName::from_static("session-id");
static SESSION_UNDERSCORE_ID: HeaderName = HeaderName::from_static("session_id");
static THREAD_ID: HeaderName = HeaderName::from_static("thread-id");
static X_SESSION_ID: HeaderName = HeaderName::from_static("x-session-id");
static X_SESSION_AFFINITY: HeaderName = HeaderName::from_static("x-session-affinity");
static ANTHROPIC_RATELIMIT_REQUESTS_REMAINING: HeaderName =
    HeaderName::from_static("anthropic-ratelimit-requests-remaining");
static ANTHROPIC_RATELIMIT_REQUESTS_LIMIT: HeaderName =
    HeaderName::from_static("anthropic-ratelimit-requests-limit");
static ANTHROPIC_RATELIMIT_TOKENS_REMAINING: HeaderName =
    HeaderName::from_static("anthropic-ratelimit-tokens-remaining");
static ANTHROPIC_RATELIMIT_TOKENS_LIMIT: HeaderName =
    HeaderName::from_static("anthropic-ratelimit-tokens-limit");
static X_RATELIMIT_REMAINING_REQUESTS: HeaderName =
    HeaderName::from_static("x-ratelimit-remaining-requests");
static X_RATELIMIT_LIMIT_REQUESTS: HeaderName =
    HeaderName::from_static("x-ratelimit-limit-requests");
static X_RATELIMIT_REMAINING_TOKENS: HeaderName =
    HeaderName::from_static("x-ratelimit-remaining-tokens");
static X_RATELIMIT_LIMIT_TOKENS: HeaderName = HeaderName::from_static("x-ratelimit-limit-tokens");

/// Finds the name of a header that is often looked for, by its lower-case text.
#[must_use]
pub fn known(name: &str) -> Option<&'static HeaderName> {
    Some(match name {
        "authorization" => &AUTHORIZATION,
        "x-api-key" => &X_API_KEY,
        "x-goog-api-key" => &X_GOOG_API_KEY,
        "user-agent" => &USER_AGENT,
        "content-length" => &CONTENT_LENGTH,
        "content-encoding" => &CONTENT_ENCODING,
        "content-type" => &CONTENT_TYPE,
        "x-app" => &X_APP,
        "anthropic-beta" => &ANTHROPIC_BETA,
        "anthropic-version" => &ANTHROPIC_VERSION,
        "x-claude-code-session-id" => &X_CLAUDE_CODE_SESSION_ID,
        "session-id" => &SESSION_ID,
        "session_id" => &SESSION_UNDERSCORE_ID,
        "thread-id" => &THREAD_ID,
        "x-session-id" => &X_SESSION_ID,
        "x-session-affinity" => &X_SESSION_AFFINITY,
        "anthropic-ratelimit-requests-remaining" => &ANTHROPIC_RATELIMIT_REQUESTS_REMAINING,
        "anthropic-ratelimit-requests-limit" => &ANTHROPIC_RATELIMIT_REQUESTS_LIMIT,
        "anthropic-ratelimit-tokens-remaining" => &ANTHROPIC_RATELIMIT_TOKENS_REMAINING,
        "anthropic-ratelimit-tokens-limit" => &ANTHROPIC_RATELIMIT_TOKENS_LIMIT,
        "x-ratelimit-remaining-requests" => &X_RATELIMIT_REMAINING_REQUESTS,
        "x-ratelimit-limit-requests" => &X_RATELIMIT_LIMIT_REQUESTS,
        "x-ratelimit-remaining-tokens" => &X_RATELIMIT_REMAINING_TOKENS,
        "x-ratelimit-limit-tokens" => &X_RATELIMIT_LIMIT_TOKENS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_is_the_one_that_was_looked_for() {
        let names = [
            "authorization",
            "x-api-key",
            "x-goog-api-key",
            "user-agent",
            "content-length",
            "content-encoding",
            "content-type",
            "x-app",
            "anthropic-beta",
            "anthropic-version",
            "x-claude-code-session-id",
            "session-id",
            "session_id",
            "thread-id",
            "x-session-id",
            "x-session-affinity",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-limit",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-limit-tokens",
        ];
        for name in names {
            assert_eq!(known(name).map(HeaderName::as_str), Some(name));
        }
        assert_eq!(known("x-other"), None);
    }
}
