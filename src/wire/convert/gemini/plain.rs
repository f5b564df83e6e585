//! The chunk that nearly all are: one more piece of text, and the tokens so far. It is read in one go;
//! whatever says anything else is not of this form, and is read as a whole.

use serde::Deserialize;

use super::super::never::Never;
use super::usage::UsageIn;

/// A chunk that only adds text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    candidates: [Candidate; 1],
    #[serde(default)]
    usage_metadata: Option<UsageIn>,
    #[serde(default, rename = "promptFeedback")]
    _prompt_feedback: Option<Never>,
    #[serde(default, rename = "error")]
    _error: Option<Never>,
}

#[derive(Deserialize)]
struct Candidate {
    #[serde(default)]
    index: u64,
    content: Content,
    #[serde(default, rename = "finishReason")]
    _finish_reason: Option<Never>,
    #[serde(default, rename = "groundingMetadata")]
    _grounding_metadata: Option<Never>,
}

#[derive(Deserialize)]
struct Content {
    parts: [Part; 1],
}

/// Whatever else a part has says what it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    text: String,
}

/// Reads the text of a chunk that adds nothing else, and the tokens.
pub(super) fn text(data: &str) -> Option<(String, Option<UsageIn>)> {
    let Plain { candidates: [candidate], usage_metadata, .. } = serde_json::from_str(data).ok()?;
    let Candidate { index, content: Content { parts: [Part { text }] }, .. } = candidate;
    (index == 0).then_some((text, usage_metadata))
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn text_alone_is_plain() {
        let frame = |part: &str, more: &str| {
            let content = format!(r#"{{"role":"model","parts":[{part}]}}"#);
            let candidate = format!(r#"{{"content":{content},"index":0{more}}}"#);
            text(&format!(r#"{{"candidates":[{candidate}],"modelVersion":"m"}}"#))
        };
        let said = |found: Option<(String, _)>| found.map(|(text, _)| text);
        assert_eq!(said(frame(r#"{"text":"a\n"}"#, "")), Some("a\n".to_owned()));
        assert_eq!(said(frame(r#"{"text":"a"}"#, r#","finishReason":"STOP""#)), None);
        for part in [
            r#"{"text":"a","thought":true}"#,
            r#"{"text":"a","thoughtSignature":"c2ln"}"#,
            r#"{"functionCall":{"name":"f"}}"#,
            r#"{"text":"a"},{"text":"b"}"#,
            "",
        ] {
            assert_eq!(said(frame(part, "")), None, "{part}");
        }
    }
}
