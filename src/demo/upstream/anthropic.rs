//! Anthropic Messages: usage comes with the first event and is completed by the last but one.

use serde_json::{Value, json};
use switchyard_actors::domain::usage::Usage;

use super::answer::{Answer, named_event};

fn usage(usage: &Usage, output: u64) -> Value {
    json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write_5m,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": output,
    })
}

fn message(answer: &Answer, content: &Value, stop: &Value, usage: &Value) -> Value {
    json!({
        "id": format!("msg_{}", answer.id), "type": "message", "role": "assistant",
        "model": answer.model, "content": content, "stop_reason": stop, "stop_sequence": null,
        "usage": usage,
    })
}

/// Returns the whole answer.
pub fn whole(answer: &Answer) -> Value {
    let content = json!([{ "type": "text", "text": answer.text() }]);
    message(answer, &content, &json!("end_turn"), &usage(&answer.usage, answer.usage.output))
}

/// Returns the events of a stream.
pub fn events(answer: &Answer) -> Vec<String> {
    let opened = message(answer, &json!([]), &Value::Null, &usage(&answer.usage, 1));
    let mut events = vec![
        json!({ "type": "message_start", "message": opened }),
        json!({ "type": "content_block_start", "index": 0,
            "content_block": { "type": "text", "text": "" } }),
    ];
    events.extend(answer.pieces.iter().map(|piece| {
        json!({ "type": "content_block_delta", "index": 0,
            "delta": { "type": "text_delta", "text": piece } })
    }));
    events.extend([
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta",
            "delta": { "stop_reason": "end_turn", "stop_sequence": null },
            "usage": { "output_tokens": answer.usage.output } }),
        json!({ "type": "message_stop" }),
    ]);
    events.iter().map(named_event).collect()
}
