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

/// Does the same for a body that was converted: what its instructions said is what another format has
/// as its system prompt, and becomes the first item of the input. `None` also when the input is no list.
#[must_use]
pub fn replace_and_keep(body: &Bytes, text: &str) -> Option<Vec<Bytes>> {
    let own = members::find(body, "instructions")?.value;
    let own =
        own.and_then(|span| Some((serde_json::from_slice(body.get(span.clone())?).ok()?, span)));
    let Some((own, span)) = own.filter(|(own, _): &(String, _)| !own.is_empty()) else {
        return replace(body, text);
    };
    if own == text {
        return None;
    }
    let input = members::find(body, "input")?.value?;
    let items = body.get(input.clone())?.strip_prefix(b"[")?;
    let comma = if items.trim_ascii_start().starts_with(b"]") { "" } else { "," };
    let item = serde_json::json!({
        "type": "message", "role": "developer",
        "content": [{ "type": "input_text", "text": own }],
    });
    let edit = |span, replacement: String| Edit {
        name: CODEX_INSTRUCTIONS,
        span,
        replacement: replacement.into(),
    };
    let first = input.start + 1;
    let quoted = serde_json::Value::from(text).to_string();
    let edits = vec![edit(span, quoted), edit(first..first, format!("{item}{comma}"))];
    edit::apply(body, edits).ok()
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

    #[test]
    fn what_a_converted_body_says_is_kept_as_the_first_item_of_its_input() {
        let kept = |body: &'static str| {
            let segments = replace_and_keep(&Bytes::from_static(body.as_bytes()), "new")?;
            Some(String::from_utf8(segments.concat()).unwrap())
        };
        let item = r#"{"content":[{"text":"ow\"n","type":"input_text"}],"role":"developer","type":"message"}"#;
        for (before, after) in [
            (
                r#"{"input": [{"n":1.50}],"instructions":"ow\"n"}"#,
                "{\"input\": [ITEM,{\"n\":1.50}],\"instructions\":\"new\"}",
            ),
            (
                r#"{"instructions":"ow\"n","input":[ ]}"#,
                "{\"instructions\":\"new\",\"input\":[ITEM ]}",
            ),
            (r#"{"instructions":"","input":[1]}"#, "{\"instructions\":\"new\",\"input\":[1]}"),
            (r#"{"input":[1]}"#, "{\"instructions\":\"new\",\"input\":[1]}"),
        ] {
            let written: Value = serde_json::from_str(&kept(before).unwrap()).unwrap();
            let expected: Value = serde_json::from_str(&after.replace("ITEM", item)).unwrap();
            assert_eq!(written, expected, "{before}");
        }
        assert!(kept(r#"{"input": [{"n":1.50}],"instructions":"own"}"#).unwrap().contains("1.50"));
        assert_eq!(kept(r#"{"instructions":"new","input":[1]}"#), None);
        assert_eq!(kept(r#"{"instructions":"own","input":"text"}"#), None);
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
