//! Gemini: each event is a small answer; the last one holds the usage, thoughts counted apart.

use serde_json::{Value, json};

use super::answer::Answer;

fn part(answer: &Answer, text: &str, is_last: bool) -> Value {
    let content = json!({ "role": "model", "parts": [{ "text": text }] });
    let (model, id) = (&answer.model, &answer.id);
    if !is_last {
        let candidate = json!({ "index": 0, "content": content });
        return json!({ "candidates": [candidate], "modelVersion": model, "responseId": id });
    }
    let usage = &answer.usage;
    json!({
        "candidates": [{ "index": 0, "content": content, "finishReason": "STOP" }],
        "modelVersion": model, "responseId": id,
        "usageMetadata": {
            "promptTokenCount": usage.context(),
            "cachedContentTokenCount": usage.cache_read,
            "candidatesTokenCount": usage.output - usage.reasoning,
            "thoughtsTokenCount": usage.reasoning,
            "totalTokenCount": usage.total(),
        },
    })
}

/// Returns the whole answer.
pub fn whole(answer: &Answer) -> Value {
    part(answer, &answer.text(), true)
}

/// Returns the events of a stream.
pub fn events(answer: &Answer) -> Vec<String> {
    let last = answer.pieces.len().saturating_sub(1);
    let pieces = answer.pieces.iter().enumerate();
    pieces.map(|(at, piece)| format!("data: {}\r\n\r\n", part(answer, piece, at == last))).collect()
}
