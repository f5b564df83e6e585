//! Requests, answers and streams of this format, made by chance.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::wire::convert::hub::{Finish, HubUsage, Place, Thinking};

/// Text that is not blank, with what breaks careless escaping.
pub fn text() -> impl Strategy<Value = String> {
    "[a-zé\"\\\\\n{}]{0,6}".prop_map(|text| format!("t{text}"))
}

fn object() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        text().prop_map(|text| json!({"path": text, "n": 1})),
        (any::<i32>(), text())
            .prop_map(|(n, text)| json!({"deep": {"n": n, "list": [text, null]}})),
    ]
}

fn marked(block: Value, mark: u8) -> Value {
    let mut block = block;
    match mark {
        0 => block["cache_control"] = json!({"type": "ephemeral"}),
        1 => block["cache_control"] = json!({"type": "ephemeral", "ttl": "1h"}),
        _ => {}
    }
    block
}

/// A piece of what a user says.
fn said() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(|text| json!({"type": "text", "text": text})),
        1 => Just(json!({"type": "image", "source":
            {"type": "base64", "media_type": "image/png", "data": "aGk="}})),
        1 => Just(json!({"type": "image", "source": {"type": "url", "url": "https://a/b"}})),
        1 => text().prop_map(|text| json!({"type": "document", "title": text, "source":
            {"type": "text", "media_type": "text/plain", "data": text}})),
        1 => Just(json!({"type": "document", "source": {"type": "file", "file_id": "file_1"}})),
    ]
}

/// A piece of a turn of the model; calls get their ids later.
fn thought() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => text().prop_map(|text| json!({"type": "text", "text": text})),
        1 => (text(), any::<u8>()).prop_map(|(text, number)| {
            json!({"type": "thinking", "thinking": text, "signature": signature(number)})
        }),
        1 => any::<u8>()
            .prop_map(|number| json!({"type": "redacted_thinking", "data": signature(number)})),
        2 => ("[a-z_]{1,70}", object()).prop_map(|(name, input)| {
            json!({"type": "tool_use", "name": name, "input": input})
        }),
    ]
}

/// A turn of the model, and the user's behind it with the results of its calls.
type Exchange = (Vec<Value>, Vec<Value>, Vec<(Value, bool)>);

fn exchange() -> impl Strategy<Value = Exchange> {
    (
        prop::collection::vec(thought(), 1..5),
        prop::collection::vec(said(), 1..3),
        prop::collection::vec((said(), any::<bool>()), 5),
    )
}

/// A body as clients of this format send it: calls have their results, at most one cache mark.
pub fn body() -> impl Strategy<Value = Value> {
    (
        prop::collection::vec(said(), 1..3),
        prop::collection::vec(exchange(), 0..4),
        prop::collection::vec(("[a-z_]{1,70}", object(), any::<bool>()), 0..3),
        prop::option::of(text()),
        0..4_u8,
    )
        .prop_map(|(first, exchanges, tools, system, mark)| {
            let mut messages = vec![json!({"role": "user", "content": first})];
            let mut number = 0;
            for (mut turn, said, results) in exchanges {
                let mut answers = Vec::new();
                for (block, (content, error)) in turn.iter_mut().zip(results) {
                    if block["type"] == "tool_use" {
                        number += 1;
                        block["id"] = json!(format!("toolu_{number}"));
                        answers.push(json!({"type": "tool_result", "content": [content],
                            "tool_use_id": format!("toolu_{number}"), "is_error": error}));
                    }
                }
                answers.extend(said);
                messages.push(json!({"role": "assistant", "content": turn}));
                messages.push(json!({"role": "user", "content": answers}));
            }
            let tools: Vec<Value> = tools
                .into_iter()
                .enumerate()
                .map(|(place, (name, properties, described))| {
                    let schema = json!({"type": "object", "properties": properties});
                    let description = described.then_some("Does it.");
                    let name = format!("{name}{place}");
                    json!({"name": name, "description": description, "input_schema": schema})
                })
                .collect();
            let system =
                system.map(|text| json!([marked(json!({"type": "text", "text": text}), mark)]));
            json!({"model": "m", "max_tokens": 9_000, "stream": true, "system": system,
                "tools": tools, "messages": messages})
        })
}

/// A whole answer as the vendor sends it.
pub fn answer() -> impl Strategy<Value = Value> {
    let reasons = ["end_turn", "max_tokens", "stop_sequence", "refusal", "pause_turn"];
    (
        prop::collection::vec(thought(), 0..6),
        prop::sample::select(reasons.to_vec()),
        prop::array::uniform6(0..1_000_u64),
    )
        .prop_map(|(mut content, reason, [fresh, five, hour, other, read, output])| {
            let mut reason = reason;
            for (number, block) in content.iter_mut().enumerate() {
                if block["type"] == "tool_use" {
                    block["id"] = json!(format!("toolu_{number}"));
                    reason = "tool_use";
                }
            }
            let sequence = (reason == "stop_sequence").then_some("END");
            json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": content, "stop_reason": reason, "stop_sequence": sequence,
                "usage": {"input_tokens": fresh, "cache_read_input_tokens": read,
                    "cache_creation_input_tokens": five + hour + other,
                    "cache_creation": {"ephemeral_5m_input_tokens": five,
                        "ephemeral_1h_input_tokens": hour},
                    "output_tokens": output}})
        })
}

/// Returns the stream that an answer would have been, in pieces of so many characters.
pub fn stream_of(answer: &Value, size: usize) -> Vec<String> {
    let pieces = |text: &str| -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(size).map(|chunk| chunk.iter().collect()).collect()
    };
    let mut shell = answer.clone();
    (shell["content"], shell["stop_reason"]) = (json!([]), Value::Null);
    shell["usage"]["output_tokens"] = json!(0);
    let mut frames = vec![json!({"type": "message_start", "message": shell})];
    for (index, block) in answer["content"].as_array().unwrap().iter().enumerate() {
        let mut begun = block.clone();
        let mut deltas: Vec<Value> = Vec::new();
        for (field, kind, name) in [
            ("text", "text_delta", "text"),
            ("thinking", "thinking_delta", "thinking"),
            ("signature", "signature_delta", "signature"),
        ] {
            if let Some(text) = block[field].as_str() {
                begun[field] = json!("");
                let whole = if field == "signature" { vec![text.to_owned()] } else { pieces(text) };
                deltas.extend(whole.iter().map(|piece| json!({"type": kind, name: piece})));
            }
        }
        if block["type"] == "tool_use" {
            begun["input"] = json!({});
            let pieces = pieces(&block["input"].to_string());
            let delta = |piece| json!({"type": "input_json_delta", "partial_json": piece});
            deltas.push(delta(""));
            deltas.extend(pieces.iter().map(|piece| delta(piece)));
        }
        frames.push(json!({"type": "content_block_start", "index": index, "content_block": begun}));
        frames.push(json!({"type": "ping"}));
        frames.extend(
            deltas.into_iter().map(
                |delta| json!({"type": "content_block_delta", "index": index, "delta": delta}),
            ),
        );
        frames.push(json!({"type": "content_block_stop", "index": index}));
    }
    let delta =
        json!({"stop_reason": answer["stop_reason"], "stop_sequence": answer["stop_sequence"]});
    frames.push(json!({"type": "message_delta", "delta": delta, "usage": answer["usage"]}));
    frames.push(json!({"type": "message_stop"}));
    frames.iter().map(Value::to_string).collect()
}

/// An answer of any provider, of what this format has a place for.
pub fn any_answer() -> impl Strategy<Value = Answer> {
    let own = |blob: String| Seal { family: Family::Anthropic, blob };
    let finishes = vec![
        Finish::End,
        Finish::Stop(Some("END".into())),
        Finish::MaxOutput,
        Finish::ContextFull,
        Finish::Refusal,
        Finish::Pause,
    ];
    let part = prop_oneof![
        text().prop_map(|text| say(&text)),
        (text(), prop::option::of("[a-z]{1,4}".prop_map(own)), any::<bool>()).prop_map(
            |(text, seal, hide)| {
                let redacted = hide && seal.is_some();
                let text = if redacted { String::new() } else { text };
                Part::Thinking(Thinking { at: Place::default(), text, redacted, seal })
            }
        ),
        ("[a-z]{1,6}", object())
            .prop_map(|(name, args)| { Part::Call(call("", &name, &args.to_string())) }),
    ];
    (
        prop::collection::vec(part, 0..6),
        prop::sample::select(finishes),
        prop::array::uniform6(0..1_000_u64),
    )
        .prop_map(|(mut parts, mut finish, [fresh, read, five, hour, other, output])| {
            for (number, part) in parts.iter_mut().enumerate() {
                if let Part::Call(call) = part {
                    call.id = format!("call_{number}");
                    finish = Finish::ToolCalls;
                }
            }
            let usage = HubUsage {
                fresh,
                cache_read: read,
                cache_write_5m: five,
                cache_write_1h: hour,
                cache_write_other: other,
                output,
                ..HubUsage::default()
            };
            let (id, model) = (Some("msg_1".to_owned()), Some("m".to_owned()));
            Answer { id, model, parts, usage: Some(usage), finish, lacks_call: false }
        })
}

/// Any JSON, of the words of this format.
pub fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "type",
        "text",
        "content",
        "role",
        "user",
        "assistant",
        "tool_use",
        "tool_result",
        "id",
        "name",
        "input",
        "source",
        "image",
        "document",
        "base64",
        "thinking",
        "signature",
        "messages",
        "model",
        "system",
        "tools",
        "usage",
        "message",
        "delta",
        "index",
        "message_start",
        "content_block",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
        "text_delta",
        "input_json_delta",
        "partial_json",
        "stop_reason",
    ];
    let word = move || prop::sample::select(words.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        word().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}
