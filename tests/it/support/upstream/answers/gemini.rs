//! Gemini, and the Gemini CLI envelope around it.

use serde_json::{Value, json};

use super::Tokens;

fn usage(tokens: &Tokens) -> Value {
    json!({
        "promptTokenCount": tokens.context(),
        "cachedContentTokenCount": tokens.cache_read,
        "candidatesTokenCount": tokens.output - tokens.reasoning,
        "thoughtsTokenCount": tokens.reasoning,
        "totalTokenCount": tokens.total(),
    })
}

fn piece(model: &str, part: &Value, last: Option<&Tokens>) -> Value {
    let mut candidate = json!({ "index": 0, "content": { "role": "model", "parts": [part] } });
    let mut answer = json!({ "modelVersion": model, "responseId": "g1" });
    if let Some(tokens) = last {
        candidate["finishReason"] = json!("STOP");
        answer["usageMetadata"] = usage(tokens);
    }
    answer["candidates"] = json!([candidate]);
    answer
}

pub fn answer(model: &str, text: &str, tokens: &Tokens) -> String {
    piece(model, &json!({ "text": text }), Some(tokens)).to_string()
}

/// Puts an answer into the CLI's envelope.
pub fn wrapped(answer: &str) -> String {
    format!(r#"{{"response":{answer},"traceId":"t1"}}"#)
}

fn frame(answer: &Value, envelope: bool) -> String {
    let text = answer.to_string();
    let text = if envelope { wrapped(&text) } else { text };
    format!("data: {text}\r\n\r\n")
}

pub fn text_frames(model: &str, pieces: usize, tokens: &Tokens, envelope: bool) -> Vec<String> {
    let mut frames: Vec<String> = (0..pieces)
        .map(|number| {
            let text = json!({ "text": format!("piece {number} ") });
            frame(&piece(model, &text, None), envelope)
        })
        .collect();
    frames.push(frame(&piece(model, &json!({ "text": "end" }), Some(tokens)), envelope));
    frames
}

pub fn tool_frames(model: &str, tokens: &Tokens, envelope: bool) -> Vec<String> {
    let call = json!({ "functionCall": { "name": "shell", "args": { "command": "ls" } } });
    vec![frame(&piece(model, &call, Some(tokens)), envelope)]
}
