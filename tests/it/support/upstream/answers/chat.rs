//! OpenAI Chat Completions.

use serde_json::{Value, json};

use super::Tokens;

fn usage(tokens: &Tokens) -> Value {
    json!({
        "prompt_tokens": tokens.context(),
        "completion_tokens": tokens.output,
        "total_tokens": tokens.total(),
        "prompt_tokens_details": { "cached_tokens": tokens.cache_read },
        "completion_tokens_details": { "reasoning_tokens": tokens.reasoning },
    })
}

pub fn answer(model: &str, text: &str, tokens: &Tokens) -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": text },
            "finish_reason": "stop" }],
        "usage": usage(tokens),
    })
    .to_string()
}

fn chunk(model: &str, delta: &Value, finish: Option<&str>) -> String {
    let data = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model,
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    });
    format!("data: {data}\n\n")
}

fn finish(model: &str, reason: &str, tokens: &Tokens) -> [String; 3] {
    let last = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
        "model": model, "choices": [], "usage": usage(tokens) });
    [
        chunk(model, &json!({}), Some(reason)),
        format!("data: {last}\n\n"),
        "data: [DONE]\n\n".to_owned(),
    ]
}

pub fn text_frames(model: &str, pieces: usize, tokens: &Tokens) -> Vec<String> {
    let mut frames = vec![chunk(model, &json!({ "role": "assistant", "content": "" }), None)];
    frames.extend(
        (0..pieces)
            .map(|piece| chunk(model, &json!({ "content": format!("piece {piece} ") }), None)),
    );
    frames.extend(finish(model, "stop", tokens));
    frames
}

pub fn tool_frames(model: &str, tokens: &Tokens) -> Vec<String> {
    let call = |part: Value| json!({ "tool_calls": [part] });
    let mut frames = vec![
        chunk(model, &json!({ "role": "assistant", "content": null }), None),
        chunk(
            model,
            &call(json!({ "index": 0, "id": "call_1", "type": "function",
                "function": { "name": "bash", "arguments": "" } })),
            None,
        ),
    ];
    for part in [r#"{"command":"#, r#""ls"}"#] {
        let delta = call(json!({ "index": 0, "function": { "arguments": part } }));
        frames.push(chunk(model, &delta, None));
    }
    frames.extend(finish(model, "tool_calls", tokens));
    frames
}
