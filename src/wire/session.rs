//! Which conversation a request says it belongs to, in the order real clients were seen to say it.

use switchyard_actors::domain::session::SessionHints;

use super::request::RequestFacts;

const CLIENT_LIMIT: usize = 256;

/// Gathers the hints; `header` answers a header by its lower-case name.
pub fn hints<'h>(header: impl Fn(&str) -> Option<&'h str>, facts: &RequestFacts) -> SessionHints {
    let named = [
        header("x-claude-code-session-id"),
        facts.user_session.as_deref(),
        header("session-id"),
        header("session_id"),
        header("thread-id"),
        facts.prompt_cache_key.as_deref(),
        header("x-session-id"),
        header("x-session-affinity"),
        facts.metadata_session.as_deref(),
    ];
    let client = named.into_iter().flatten().map(str::trim).find(|name| is_usable(name));
    SessionHints {
        client: client.map(str::to_owned),
        content: facts.content,
        messages: facts.messages,
    }
}

fn is_usable(name: &str) -> bool {
    (1..=CLIENT_LIMIT).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::dialect::{Dialect, Operation};

    use super::*;
    use crate::wire::request;

    fn client(headers: &[(&str, &'static str)], body: &str) -> Option<String> {
        let facts = request::facts(Dialect::Responses, Operation::Generate, body.as_bytes());
        let header =
            |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        hints(header, &facts.unwrap()).client
    }

    #[test]
    fn hints_are_taken_in_the_measured_order() {
        let body = r#"{"model":"m","prompt_cache_key":"cache","metadata":{"session_id":"meta",
            "user_id":"{\"session_id\":\"user\"}"}}"#;
        let mut headers = vec![
            ("x-claude-code-session-id", "claude"),
            ("session-id", "codex"),
            ("x-session-id", "opencode"),
        ];
        assert_eq!(client(&headers, body).as_deref(), Some("claude"));
        headers.remove(0);
        assert_eq!(client(&headers, body).as_deref(), Some("user"));
        let body = body.replace("user_id", "user");
        assert_eq!(client(&headers, &body).as_deref(), Some("codex"));
        headers.remove(0);
        assert_eq!(client(&headers, &body).as_deref(), Some("cache"));
        let body = body.replace("prompt_cache_key", "other");
        assert_eq!(client(&headers, &body).as_deref(), Some("opencode"));
        assert_eq!(client(&[], &body).as_deref(), Some("meta"));
        assert_eq!(client(&[], r#"{"model":"m"}"#), None);
    }

    #[test]
    fn a_name_that_is_empty_long_or_not_visible_ascii_is_passed_over() {
        let long: &'static str = Box::leak("x".repeat(257).into_boxed_str());
        for bad in ["", "  ", "a b", "a\u{7f}", "é", long] {
            let headers = [("session-id", bad), ("x-session-id", " good ")];
            assert_eq!(client(&headers, r#"{"model":"m"}"#).as_deref(), Some("good"), "{bad:?}");
        }
    }
}
