//! Anthropic Messages.

use serde_json::{Value, json};

use super::Tokens;

fn usage(tokens: &Tokens, output: u64) -> Value {
    json!({
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.write_5m + tokens.write_1h,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.write_5m,
            "ephemeral_1h_input_tokens": tokens.write_1h,
        },
        "output_tokens": output,
    })
}

fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}

pub fn answer(model: &str, text: &str, tokens: &Tokens) -> String {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": model,
        "content": [{ "type": "text", "text": text }],
        "stop_reason": "end_turn", "stop_sequence": null, "usage": usage(tokens, tokens.output),
    })
    .to_string()
}

fn start(model: &str, tokens: &Tokens) -> String {
    event(&json!({ "type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage(tokens, 1),
    } }))
}

fn finish(reason: &str, tokens: &Tokens) -> [String; 3] {
    [
        event(&json!({ "type": "content_block_stop", "index": 0 })),
        event(&json!({ "type": "message_delta",
            "delta": { "stop_reason": reason, "stop_sequence": null },
            "usage": { "output_tokens": tokens.output } })),
        event(&json!({ "type": "message_stop" })),
    ]
}

pub fn text_frames(model: &str, pieces: usize, tokens: &Tokens) -> Vec<String> {
    let mut frames = vec![start(model, tokens)];
    frames.push(event(&json!({ "type": "content_block_start", "index": 0,
        "content_block": { "type": "text", "text": "" } })));
    frames.extend((0..pieces).map(|piece| {
        event(&json!({ "type": "content_block_delta", "index": 0,
            "delta": { "type": "text_delta", "text": format!("piece {piece} ") } }))
    }));
    frames.extend(finish("end_turn", tokens));
    frames
}

pub fn tool_frames(model: &str, tokens: &Tokens) -> Vec<String> {
    let mut frames = vec![start(model, tokens)];
    frames.push(event(&json!({ "type": "content_block_start", "index": 0,
        "content_block": { "type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {} } })));
    for part in [r#"{"command":"#, r#""ls"}"#] {
        frames.push(event(&json!({ "type": "content_block_delta", "index": 0,
            "delta": { "type": "input_json_delta", "partial_json": part } })));
    }
    frames.extend(finish("tool_use", tokens));
    frames
}
