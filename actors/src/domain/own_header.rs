//! Headers that an operator adds to each request of a provider: which of them can go out.

use super::passing::{is_framing, is_token};

/// Why a header cannot be among a provider's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// Its name is none of HTTP (RFC 9110, 5.1).
    Name,
    /// It belongs to the connection, to the body, or to the relay's own credential handling: in a
    /// provider's list it would break framing, or send a key where it should not go.
    Reserved,
    /// Its value holds a control character.
    Value,
}

/// Says why a header cannot go out; `None` of one that can. The case of its name does not matter. What is not
/// ASCII in its value goes out as UTF-8, byte for byte: HTTP calls such bytes opaque and lets them pass.
#[must_use]
pub fn fault(name: &str, value: &str) -> Option<HeaderFault> {
    if !is_token(name) {
        return Some(HeaderFault::Name);
    }
    if is_reserved(name) {
        return Some(HeaderFault::Reserved);
    }
    (!is_value(value)).then_some(HeaderFault::Value)
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_framing(&name)
        || matches!(
            name.as_str(),
            "authorization" | "content-type" | "cookie" | "x-api-key" | "x-goog-api-key"
        )
}

fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_s_own_pass_in_any_script() {
        for (name, value) in [
            ("X-Tenant", "a b"),
            ("User-Agent", "gateway/1"),
            ("x-team", "Zürich 北京"),
            ("x-empty", ""),
            ("x-tab", "a\tb"),
        ] {
            assert_eq!(fault(name, value), None, "{name}: {value}");
        }
    }

    #[test]
    fn credentials_framing_and_damaged_headers_cannot_go_out() {
        for (name, value, wanted) in [
            ("Authorization", "Bearer x", HeaderFault::Reserved),
            ("X-Api-Key", "x", HeaderFault::Reserved),
            ("Transfer-Encoding", "chunked", HeaderFault::Reserved),
            ("a b", "x", HeaderFault::Name),
            ("", "x", HeaderFault::Name),
            ("größe", "x", HeaderFault::Name),
            ("X-A", "one\r\nX-B: two", HeaderFault::Value),
            ("X-A", "bell\u{7}", HeaderFault::Value),
            ("X-A", "\u{7F}", HeaderFault::Value),
        ] {
            assert_eq!(fault(name, value), Some(wanted), "{name}: {value:?}");
        }
    }
}
