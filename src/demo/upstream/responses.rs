//! OpenAI Responses: events are numbered, the last one holds the whole answer with its usage.

use serde_json::{Value, json};
use switchyard_actors::domain::usage::Usage;

use super::answer::{Answer, named_event};

fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.context(), "output_tokens": usage.output,
        "total_tokens": usage.total(),
        "input_tokens_details": { "cached_tokens": usage.cache_read },
        "output_tokens_details": { "reasoning_tokens": usage.reasoning },
    })
}

fn message(answer: &Answer) -> Value {
    json!({ "type": "message", "id": format!("msg_{}", answer.id), "role": "assistant",
        "status": "completed",
        "content": [{ "type": "output_text", "text": answer.text(), "annotations": [] }] })
}

fn response(answer: &Answer, status: &str, output: &Value, usage: &Value) -> Value {
    json!({ "id": format!("resp_{}", answer.id), "object": "response", "created_at": 1,
        "status": status, "model": answer.model, "output": output, "usage": usage })
}

/// Returns the whole answer.
pub fn whole(answer: &Answer) -> Value {
    response(answer, "completed", &json!([message(answer)]), &usage(&answer.usage))
}

/// Returns the events of a stream.
pub fn events(answer: &Answer) -> Vec<String> {
    let opened = response(answer, "in_progress", &json!([]), &Value::Null);
    let item = format!("msg_{}", answer.id);
    let mut events = vec![
        json!({ "type": "response.created", "response": opened }),
        json!({ "type": "response.output_item.added", "output_index": 0,
            "item": { "type": "message", "id": item, "role": "assistant", "content": [] } }),
    ];
    events.extend(answer.pieces.iter().map(|piece| {
        json!({ "type": "response.output_text.delta", "item_id": item, "output_index": 0,
            "content_index": 0, "delta": piece })
    }));
    events.extend([
        json!({ "type": "response.output_item.done", "output_index": 0, "item": message(answer) }),
        json!({ "type": "response.completed", "response": whole(answer) }),
    ]);
    events.into_iter().enumerate().map(numbered).collect()
}

fn numbered((number, mut event): (usize, Value)) -> String {
    if let Some(event) = event.as_object_mut() {
        event.insert("sequence_number".to_owned(), json!(number));
    }
    named_event(&event)
}
