//! The `instructions` of a Responses body: other ones take their place, and nothing else changes.

use bytes::Bytes;

use super::members;
use crate::wire::edit::{self, Edit};

/// The name of [`replace`] on the row.
pub const CODEX_INSTRUCTIONS: &str = "codex_instructions";

/// Puts a text in the place of a body's instructions, or in front where it has none. `None` when it
/// has that text already, or is no object.
#[must_use]
pub fn replace(body: &Bytes, text: &str) -> Option<Vec<Bytes>> {
    let found = members::find(body, "instructions")?;
    let quoted = serde_json::Value::from(text).to_string();
    let (span, replacement) = if let Some(span) = found.value {
        let own = body.get(span.clone())?;
        if serde_json::from_slice::<String>(own).is_ok_and(|own| own == text) {
            return None;
        }
        (span, quoted)
    } else {
        let comma = if found.is_empty { "" } else { "," };
        (found.inside..found.inside, format!(r#""instructions":{quoted}{comma}"#))
    };
    let edit = Edit { name: CODEX_INSTRUCTIONS, span, replacement: replacement.into() };
    edit::apply(body, vec![edit]).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn replaced(body: &'static str, text: &str) -> Option<String> {
        let segments = replace(&Bytes::from_static(body.as_bytes()), text)?;
        Some(String::from_utf8(segments.concat()).unwrap())
    }

    #[test]
    fn only_the_instructions_change() {
        assert_eq!(
            replaced(r#" {"model" : "m", "instructions" : "a\"b", "x": 1.50}"#, "new\n").as_deref(),
            Some(r#" {"model" : "m", "instructions" : "new\n", "x": 1.50}"#)
        );
        assert_eq!(
            replaced(r#"{"instructions":null}"#, "n").as_deref(),
            Some(r#"{"instructions":"n"}"#)
        );
        assert_eq!(
            replaced(r#"{ "model":"m"}"#, "n").as_deref(),
            Some(r#"{"instructions":"n", "model":"m"}"#)
        );
        assert_eq!(replaced("{}", "n").as_deref(), Some(r#"{"instructions":"n"}"#));
        assert_eq!(replaced(r#"{"input":[{"instructions":"x"}],"instructions":"n"}"#, "n"), None);
        assert_eq!(replaced("[]", "n"), None);
    }

    proptest! {
        #[test]
        fn all_other_members_keep_their_bytes(own in proptest::option::of(".{0,20}"), text in ".{0,20}") {
            let mut body = json!({ "a": [1, "instructions", { "instructions": 2 }], "z": "é" });
            if let Some(own) = &own {
                body["instructions"] = json!(own);
            }
            let bytes = Bytes::from(body.to_string());
            let segments = replace(&bytes, &text);
            prop_assert_eq!(segments.is_none(), own.as_deref() == Some(text.as_str()));
            if let Some(segments) = segments {
                body["instructions"] = json!(text);
                let written: Value = serde_json::from_slice(&segments.concat()).unwrap();
                prop_assert_eq!(written, body);
            }
        }
    }
}
