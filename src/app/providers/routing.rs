//! What an operator may write of models and hours: the domain's own readers say what is wrong.

use serde_json::Value;
use switchyard_actors::domain::routing::pattern::{Pattern, PatternError};
use switchyard_actors::domain::window;

use crate::app::shape::Fault;

const ZONE: Fault = Fault {
    id: "wrong-zone",
    text: "Not the IANA name of a time zone, such as Europe/Berlin or Asia/Shanghai",
};
const EMPTY: Fault = Fault { id: "wrong-pattern-empty", text: "The pattern is empty" };
const LONG: Fault =
    Fault { id: "wrong-pattern-long", text: "The pattern is longer than 512 bytes" };
const REGEX: Fault = Fault {
    id: "wrong-pattern-regex",
    text: "Not a regular expression; for plain names leave `regex:` out",
};

/// Says what is wrong with the pattern of a model's name.
#[must_use]
pub fn pattern_fault(pattern: &Value) -> Option<Fault> {
    pattern.as_str().and_then(fault)
}

/// Says what is wrong with redirects: a pattern for each model to send.
pub(super) fn redirects_fault(redirects: &Value) -> Option<Fault> {
    redirects.as_object()?.keys().find_map(|pattern| fault(pattern))
}

fn fault(pattern: &str) -> Option<Fault> {
    Pattern::parse(pattern).err().map(|error| match error {
        PatternError::Empty => EMPTY,
        PatternError::TooLong => LONG,
        PatternError::Regex(_) => REGEX,
    })
}

/// Says what is wrong with the name of a zone; empty is none.
pub(super) fn zone_fault(name: &Value) -> Option<Fault> {
    let name = name.as_str()?.trim();
    (!name.is_empty() && window::zone(name).is_none()).then_some(ZONE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert_eq!(pattern_fault(&json!("claude-*")), None);
        assert_eq!(pattern_fault(&json!("regex:(")), Some(REGEX));
        assert_eq!(pattern_fault(&json!(" ")), Some(EMPTY));
        assert_eq!(redirects_fault(&json!({ "prefix:a": "b" })), None);
        assert_eq!(redirects_fault(&json!({ "a": "b", "regex:[": "b" })), Some(REGEX));
        assert_eq!(zone_fault(&json!("Europe/Berlin")), None);
        assert_eq!(zone_fault(&json!("")), None);
        assert_eq!(zone_fault(&json!("Mars/Olympus")), Some(ZONE));
    }
}
