//! Streams that are good and hold no text, in every dialect.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::prices::MODEL;
use crate::support::upstream::answers::{PLAIN, frames};

/// A stream with a line of another protocol in it, which says nothing.
pub const INERT: &str = "an inert chat line between";

/// An event with its name, as Anthropic and Responses write it.
pub fn named(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}

pub fn plain(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// Replaces all content of a usual stream by other frames.
fn with_content(dialect: Dialect, content: Vec<String>) -> Vec<String> {
    let all = frames(dialect, MODEL, 1, &PLAIN);
    let is_text = |frame: &&String| frame.contains("piece 0");
    let at = all.iter().position(|frame| is_text(&frame)).expect("a text frame");
    [all[..at].to_vec(), content, all[at + 1..].to_vec()].concat()
}

pub fn responses(items: &[Value]) -> Vec<String> {
    let output = json!(items.iter().filter(|one| one["item"].is_object()).collect::<Vec<_>>());
    let usage = json!({ "input_tokens": PLAIN.input, "output_tokens": PLAIN.output });
    let object = |status: &str, output: &Value, usage: &Value| {
        json!({ "id": "resp_1", "object": "response", "created_at": 1, "status": status,
            "model": MODEL, "output": output, "usage": usage })
    };
    let created = object("in_progress", &json!([]), &Value::Null);
    let done = object("completed", &output, &usage);
    let mut all = vec![named(&json!({ "type": "response.created", "response": created }))];
    all.extend(items.iter().map(named));
    all.push(named(&json!({ "type": "response.completed", "response": done })));
    all
}

fn item(event: &str, item: &Value) -> Value {
    json!({ "type": format!("response.output_item.{event}"), "output_index": 0, "item": item })
}

fn delta(name: &str, delta: &str) -> Value {
    json!({ "type": format!("response.{name}.delta"), "item_id": "i", "output_index": 0,
        "delta": delta })
}

/// Responses streams that call a tool and say nothing.
fn responses_with_calls() -> Vec<(&'static str, Vec<String>)> {
    let call = |kind: &str| json!({ "type": kind, "id": "i", "call_id": "c", "name": "f" });
    let calling = |kind: &str, input: &str, text: &str| {
        responses(&[item("added", &call(kind)), delta(input, text), item("done", &call(kind))])
    };
    vec![
        ("custom tool", calling("custom_tool_call", "custom_tool_call_input", "*** Begin Patch")),
        ("function", calling("function_call", "function_call_arguments", "{}")),
        ("MCP", calling("mcp_call", "mcp_call_arguments", "{}")),
    ]
}

/// Responses streams without text: what they are, and their frames.
fn responses_without_text() -> Vec<(&'static str, Vec<String>)> {
    let reasoning = json!({ "type": "reasoning", "id": "i", "encrypted_content": "gAAAA" });
    let compaction = json!({ "type": "compaction", "id": "i", "encrypted_content": "gAAAA" });
    let image = json!({ "type": "response.image_generation_call.partial_image", "item_id": "i",
        "output_index": 0, "partial_image_index": 0, "partial_image_b64": "iVBOR" });
    let mut inert = responses(&[delta("output_text", "Hello.")]);
    inert.insert(1, plain(&json!({ "object": "chat.completion.chunk", "choices": [] })));
    let others = vec![
        ("compaction", responses(&[item("done", &compaction)])),
        (
            "reasoning",
            responses(&[delta("reasoning_summary_text", "Hm."), item("done", &reasoning)]),
        ),
        ("refusal", responses(&[delta("refusal", "I will not.")])),
        ("image", responses(&[image])),
        (INERT, inert),
    ];
    [responses_with_calls(), others].concat()
}

fn chat_without_text() -> Vec<(&'static str, Vec<String>)> {
    let chunk = |delta: Value| {
        plain(&json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
    };
    let of = |delta: Value| with_content(Dialect::OpenaiChat, vec![chunk(delta)]);
    let call = json!([{ "index": 0, "id": "c", "type": "function",
        "function": { "name": "f", "arguments": "{}" } }]);
    vec![
        ("reasoning", of(json!({ "reasoning_content": "Thinking." }))),
        ("tool calls", of(json!({ "tool_calls": call }))),
        ("refusal", of(json!({ "refusal": "I will not." }))),
        ("audio", of(json!({ "audio": { "id": "a", "data": "AAAA" } }))),
    ]
}

fn anthropic_without_text() -> Vec<(&'static str, Vec<String>)> {
    let start = |block: Value| {
        named(&json!({ "type": "content_block_start", "index": 0, "content_block": block }))
    };
    let delta =
        |delta: Value| named(&json!({ "type": "content_block_delta", "index": 0, "delta": delta }));
    let of = |content| {
        let mut all = with_content(Dialect::Anthropic, content);
        all.retain(|frame| !frame.contains("\"type\":\"text\""));
        all
    };
    vec![
        (
            "thinking",
            of(vec![
                start(json!({ "type": "thinking", "thinking": "", "signature": "" })),
                delta(json!({ "type": "thinking_delta", "thinking": "Hm." })),
                delta(json!({ "type": "signature_delta", "signature": "c2ln" })),
            ]),
        ),
        (
            "redacted thinking",
            of(vec![start(json!({ "type": "redacted_thinking", "data": "gAAAA" }))]),
        ),
        (
            "a tool without input",
            of(vec![start(json!({ "type": "tool_use", "id": "t", "name": "f", "input": {} }))]),
        ),
    ]
}

fn gemini_without_text(dialect: Dialect) -> Vec<(&'static str, Vec<String>)> {
    let of = |part: Value| {
        let answer = json!({ "candidates": [{ "index": 0, "content": { "role": "model",
            "parts": [part] } }], "modelVersion": MODEL });
        let frame = match dialect {
            Dialect::GeminiCli => json!({ "response": answer }),
            _ => answer,
        };
        let last = frames(dialect, MODEL, 1, &PLAIN).pop().expect("a last frame");
        vec![plain(&frame), last.replace("\"end\"", "\"\"")]
    };
    vec![
        ("function call", of(json!({ "functionCall": { "name": "f", "args": {} } }))),
        ("thought", of(json!({ "text": "Hm.", "thought": true }))),
        ("image", of(json!({ "inlineData": { "mimeType": "image/png", "data": "iVBOR" } }))),
        ("code", of(json!({ "executableCode": { "language": "PYTHON", "code": "1" } }))),
    ]
}

pub fn without_text(dialect: Dialect) -> Vec<(&'static str, Vec<String>)> {
    match dialect {
        Dialect::Anthropic => anthropic_without_text(),
        Dialect::OpenaiChat => chat_without_text(),
        Dialect::Responses => responses_without_text(),
        Dialect::Gemini | Dialect::GeminiCli => gemini_without_text(dialect),
    }
}
