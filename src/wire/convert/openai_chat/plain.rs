//! The frame that nearly all are: one more piece of text. It is read in one go; whatever says anything else
//! is not of this form, and is read as a whole.

use serde::Deserialize;

use crate::wire::convert::never::Never;

/// A frame that only adds text.
#[derive(Deserialize)]
struct Plain {
    choices: [Choice; 1],
    #[serde(default, rename = "usage")]
    _usage: Option<Never>,
    #[serde(default, rename = "error")]
    _error: Option<Never>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u64,
    delta: Delta,
    #[serde(default, rename = "finish_reason")]
    _finish_reason: Option<Never>,
    #[serde(default, rename = "message")]
    _message: Option<Never>,
    #[serde(default, rename = "usage")]
    _usage: Option<Never>,
}

#[derive(Deserialize)]
struct Delta {
    content: String,
    #[serde(default, rename = "refusal")]
    _refusal: Option<Never>,
    #[serde(default, rename = "reasoning_content")]
    _reasoning_content: Option<Never>,
    #[serde(default, rename = "reasoning")]
    _reasoning: Option<Never>,
    #[serde(default, rename = "reasoning_details")]
    _reasoning_details: Option<Never>,
    #[serde(default, rename = "tool_calls")]
    _tool_calls: Option<Never>,
    #[serde(default, rename = "function_call")]
    _function_call: Option<Never>,
    #[serde(default, rename = "images")]
    _images: Option<Never>,
    #[serde(default, rename = "annotations")]
    _annotations: Option<Never>,
    #[serde(default, rename = "audio")]
    _audio: Option<Never>,
}

/// Reads the text of a frame that adds nothing else.
pub(super) fn text(data: &str) -> Option<String> {
    let Plain { choices: [Choice { index, delta, .. }], .. } = serde_json::from_str(data).ok()?;
    (index == 0).then_some(delta.content)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn text_alone_is_plain() {
        let frame = |choice: &str, more: &str| {
            text(&format!("{{\"id\":\"c\",\"choices\":[{choice}]{more}}}"))
        };
        let plain = r#"{"index":0,"delta":{"content":"a\n"},"finish_reason":null,"logprobs":null}"#;
        assert_eq!(frame(plain, ""), Some("a\n".to_owned()));
        assert_eq!(frame(plain, r#","usage":null"#), Some("a\n".to_owned()));
        assert_eq!(frame(plain, r#","usage":{"prompt_tokens":1}"#), None);
        assert_eq!(frame(plain, r#","error":"x""#), None);
        for choice in [
            r#"{"index":1,"delta":{"content":"a"}}"#,
            r#"{"delta":{"content":"a"},"finish_reason":"stop"}"#,
            r#"{"delta":{"content":"a","tool_calls":[]}}"#,
            r#"{"delta":{"content":[]}}"#,
            r#"{"delta":{"content":"a","reasoning_content":"b"}}"#,
        ] {
            assert_eq!(frame(choice, ""), None, "{choice}");
        }
    }
}
