//! OpenAI Chat Completions: in a stream, usage comes in a chunk of its own before the end.

use serde_json::{Value, json};
use switchyard_actors::domain::usage::Usage;

use super::answer::Answer;

fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.context(), "completion_tokens": usage.output,
        "total_tokens": usage.total(),
        "prompt_tokens_details": { "cached_tokens": usage.cache_read },
    })
}

/// Returns the whole answer.
pub fn whole(answer: &Answer) -> Value {
    json!({
        "id": format!("chatcmpl-{}", answer.id), "object": "chat.completion", "created": 1,
        "model": answer.model,
        "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": answer.text() } }],
        "usage": usage(&answer.usage),
    })
}

fn chunk(answer: &Answer, choices: &Value, usage: &Value) -> String {
    let body = json!({
        "id": format!("chatcmpl-{}", answer.id), "object": "chat.completion.chunk", "created": 1,
        "model": answer.model, "choices": choices, "usage": usage,
    });
    format!("data: {body}\n\n")
}

fn delta(answer: &Answer, delta: &Value, finish: &Value) -> String {
    let choices = json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
    chunk(answer, &choices, &Value::Null)
}

/// Returns the events of a stream.
pub fn events(answer: &Answer) -> Vec<String> {
    let role = json!({ "role": "assistant", "content": "" });
    let mut events = vec![delta(answer, &role, &Value::Null)];
    let said = answer.pieces.iter();
    events.extend(said.map(|piece| delta(answer, &json!({ "content": piece }), &Value::Null)));
    events.extend([
        delta(answer, &json!({}), &json!("stop")),
        chunk(answer, &json!([]), &usage(&answer.usage)),
        "data: [DONE]\n\n".to_owned(),
    ]);
    events
}
