//! Headers that an operator adds to each request of a provider.

use serde_json::Value;

use crate::app::shape::Fault;

/// Headers that belong to the connection, to the body, or to the relay's own credential handling.
/// One of them in a provider's list would break framing, or send a key where it should not go.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-goog-api-key",
];

const NAME: Fault = Fault {
    id: "wrong-header-name",
    text: "A header's name may hold letters, digits and a few signs only",
};
const TAKEN: Fault = Fault {
    id: "wrong-header-reserved",
    text: "This header is set by the relay itself and cannot be a custom one: credentials, \
           cookies, and what belongs to the connection or the body's framing",
};
const VALUE: Fault =
    Fault { id: "wrong-header-value", text: "A header's value may not hold control characters" };
const TWICE: Fault = Fault { id: "wrong-header-twice", text: "The same header is named twice" };

/// Tells whether a header may not be among a provider's own; case does not matter.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// Says what is wrong with a list of headers.
pub(super) fn fault(headers: &Value) -> Option<Fault> {
    let headers = headers.as_object()?;
    for (name, value) in headers {
        if !is_name(name) {
            return Some(NAME);
        }
        if is_reserved(name) {
            return Some(TAKEN);
        }
        if !value.as_str().is_some_and(is_value) {
            return Some(VALUE);
        }
        if headers.keys().filter(|other| other.eq_ignore_ascii_case(name)).count() > 1 {
            return Some(TWICE);
        }
    }
    None
}

/// Tells whether a text is a field name of RFC 9110, 5.1.
fn is_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7F))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn headers_of_one_s_own_pass() {
        assert_eq!(fault(&json!({ "X-Tenant": "a b", "User-Agent": "gateway/1" })), None);
    }

    #[test]
    fn credentials_framing_and_damaged_headers_are_refused() {
        for headers in [
            json!({ "Authorization": "Bearer x" }),
            json!({ "X-Api-Key": "x" }),
            json!({ "Transfer-Encoding": "chunked" }),
            json!({ "a b": "x" }),
            json!({ "X-A": "one\r\nX-B: two" }),
            json!({ "X-A": "one", "x-a": "two" }),
        ] {
            assert!(fault(&headers).is_some(), "{headers}");
        }
    }
}
