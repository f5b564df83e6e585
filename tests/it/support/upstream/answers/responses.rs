//! OpenAI Responses.

use serde_json::{Value, json};

use super::Tokens;

fn response(model: &str, status: &str, output: &Value, usage: &Value) -> Value {
    json!({ "id": "resp_1", "object": "response", "created_at": 1, "status": status,
        "model": model, "output": output, "usage": usage })
}

fn usage(tokens: &Tokens) -> Value {
    json!({
        "input_tokens": tokens.context(),
        "input_tokens_details": { "cached_tokens": tokens.cache_read },
        "output_tokens": tokens.output,
        "output_tokens_details": { "reasoning_tokens": tokens.reasoning },
        "total_tokens": tokens.total(),
    })
}

fn message(text: &str) -> Value {
    json!({ "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
        "content": [{ "type": "output_text", "text": text, "annotations": [] }] })
}

fn event(number: usize, mut data: Value) -> String {
    data["sequence_number"] = json!(number);
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}

pub fn answer(model: &str, text: &str, tokens: &Tokens) -> String {
    response(model, "completed", &json!([message(text)]), &usage(tokens)).to_string()
}

/// Numbers the events and puts the usual ones around them.
fn around(model: &str, middle: Vec<Value>, output: &Value, tokens: &Tokens) -> Vec<String> {
    let empty = response(model, "in_progress", &json!([]), &Value::Null);
    let done = response(model, "completed", output, &usage(tokens));
    let mut events = vec![
        json!({ "type": "response.created", "response": empty }),
        json!({ "type": "response.in_progress", "response": empty }),
    ];
    events.extend(middle);
    events.push(json!({ "type": "response.completed", "response": done }));
    events.into_iter().enumerate().map(|(number, data)| event(number, data)).collect()
}

pub fn text_frames(model: &str, pieces: usize, tokens: &Tokens) -> Vec<String> {
    let mut middle = vec![json!({ "type": "response.output_item.added", "output_index": 0,
        "item": { "type": "message", "id": "msg_1", "role": "assistant", "content": [] } })];
    middle.extend((0..pieces).map(|piece| {
        json!({ "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0,
            "content_index": 0, "delta": format!("piece {piece} ") })
    }));
    middle.push(json!({ "type": "response.output_item.done", "output_index": 0,
        "item": message("all") }));
    around(model, middle, &json!([message("all")]), tokens)
}

pub fn tool_frames(model: &str, tokens: &Tokens) -> Vec<String> {
    let call = json!({ "type": "function_call", "id": "fc_1", "call_id": "call_1",
        "name": "shell", "arguments": r#"{"command":"ls"}"#, "status": "completed" });
    let middle = vec![
        json!({ "type": "response.output_item.added", "output_index": 0,
            "item": { "type": "function_call", "id": "fc_1", "call_id": "call_1",
                "name": "shell", "arguments": "" } }),
        json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_1",
            "output_index": 0, "delta": r#"{"command":"ls"}"# }),
        json!({ "type": "response.output_item.done", "output_index": 0, "item": call }),
    ];
    around(model, middle, &json!([call]), tokens)
}
