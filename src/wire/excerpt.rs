//! The beginning of an answer's text, for people: what a test of a provider shows.

use serde_json::Value;
use switchyard_actors::domain::dialect::Dialect;

use super::answer::without_mark;
use super::sse::FrameReader;

/// The longest frame that is looked at.
const FRAME_MAX: usize = 256 * 1024;

/// Returns the first characters of an answer's text, be it a document or a stream; `None` where it
/// has no text.
#[must_use]
pub fn excerpt(dialect: Dialect, body: &[u8], most: usize) -> Option<String> {
    let mut text = String::new();
    match serde_json::from_slice::<Value>(without_mark(body)) {
        Ok(answer) => whole(dialect, &answer, &mut text),
        Err(_) => pieces(dialect, body, &mut text),
    }
    let text: String = text.trim().chars().take(most).collect();
    Some(text).filter(|text| !text.is_empty())
}

fn pieces(dialect: Dialect, body: &[u8], into: &mut String) {
    let mut frames = FrameReader::new(FRAME_MAX);
    frames.push(body);
    let mut next = || frames.next_frame().ok().flatten();
    while let Some(frame) = next() {
        if let Ok(data) = serde_json::from_slice::<Value>(&frame.data) {
            piece(dialect, &data, into);
        }
    }
}

/// Reads a whole answer.
fn whole(dialect: Dialect, answer: &Value, into: &mut String) {
    match dialect {
        Dialect::Anthropic => texts(answer.get("content"), into),
        Dialect::OpenaiChat => add(answer.pointer("/choices/0/message/content"), into),
        Dialect::Responses => {
            let output = answer.get("output").and_then(Value::as_array);
            for item in output.into_iter().flatten() {
                texts(item.get("content"), into);
            }
        }
        Dialect::Gemini => texts(answer.pointer("/candidates/0/content/parts"), into),
        Dialect::GeminiCli => {
            if let Some(inner) = answer.get("response") {
                whole(Dialect::Gemini, inner, into);
            }
        }
    }
}

/// Reads one frame of a stream.
fn piece(dialect: Dialect, frame: &Value, into: &mut String) {
    match dialect {
        Dialect::Anthropic => add(frame.pointer("/delta/text"), into),
        Dialect::OpenaiChat => add(frame.pointer("/choices/0/delta/content"), into),
        Dialect::Responses => {
            let kind = frame.get("type").and_then(Value::as_str);
            if kind == Some("response.output_text.delta") {
                add(frame.get("delta"), into);
            }
        }
        Dialect::Gemini | Dialect::GeminiCli => whole(dialect, frame, into),
    }
}

/// Adds the texts of a list of blocks; a model's thoughts are not its answer.
fn texts(blocks: Option<&Value>, into: &mut String) {
    for block in blocks.and_then(Value::as_array).into_iter().flatten() {
        let is_thought = block.get("thought").and_then(Value::as_bool) == Some(true);
        if !is_thought {
            add(block.get("text"), into);
        }
    }
}

fn add(value: Option<&Value>, into: &mut String) {
    into.push_str(value.and_then(Value::as_str).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dialect: Dialect, body: &str) -> Option<String> {
        excerpt(dialect, body.as_bytes(), 6)
    }

    #[test]
    fn the_text_of_every_dialect_s_answer_is_found_and_cut() {
        let told = Some("Hello.".to_owned());
        for (dialect, body) in [
            (Dialect::Anthropic, r#"{"content":[{"type":"text","text":"Hello. More"}]}"#),
            (Dialect::OpenaiChat, r#"{"choices":[{"message":{"content":"Hello."}}]}"#),
            (
                Dialect::Responses,
                r#"{"output":[{"type":"reasoning"},{"content":[{"text":"Hello."}]}]}"#,
            ),
            (
                Dialect::Gemini,
                r#"{"candidates":[{"content":{"parts":[{"thought":true,"text":"Hm"},{"text":"Hello."}]}}]}"#,
            ),
            (
                Dialect::GeminiCli,
                r#"{"response":{"candidates":[{"content":{"parts":[{"text":"Hello."}]}}]}}"#,
            ),
        ] {
            assert_eq!(read(dialect, body), told, "{dialect}");
        }
        assert_eq!(read(Dialect::Anthropic, "{}"), None);
        assert_eq!(read(Dialect::Anthropic, "<html>"), None);
    }

    #[test]
    fn the_pieces_of_a_stream_are_joined() {
        for (dialect, body) in [
            (
                Dialect::Responses,
                "event: response.output_text.delta\n\
                 data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\"}\n\n\
                 data: {\"type\":\"response.output_text.delta\",\"delta\":\"lo.\"}\n\n\
                 data: {\"type\":\"response.completed\",\"delta\":\"x\"}\n\n",
            ),
            (
                Dialect::Anthropic,
                "data: {\"delta\":{\"text\":\"Hel\"}}\n\ndata: {\"delta\":{\"text\":\"lo.\"}}\n\n",
            ),
            (
                Dialect::OpenaiChat,
                "data: {\"choices\":[{\"delta\":{\"content\":\"Hello.\"}}]}\n\ndata: [DONE]\n\n",
            ),
        ] {
            assert_eq!(read(dialect, body).as_deref(), Some("Hello."), "{dialect}");
        }
    }
}
