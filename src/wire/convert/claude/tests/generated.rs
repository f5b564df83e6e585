//! Requests, answers and streams made by chance.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::wire::convert::hub::{
    Choice, Citation, CustomFormat, Document, Finish, Format, HubUsage, Image, Opaque, Reasoning,
    ServerTool, Show, Source, SystemText, Thinking, Ttl,
};
use crate::wire::convert::hub::{Effort, Sampling};

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

fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(vec![Family::Anthropic, Family::OpenAi, Family::Google, Family::Other])
}

fn any_seal() -> impl Strategy<Value = Option<Seal>> {
    prop::option::of((family(), "[a-z]{1,4}").prop_map(|(family, blob)| Seal { family, blob }))
}

fn any_source() -> impl Strategy<Value = Source> {
    prop_oneof![
        ("[a-z/]{0,9}", "[a-z=]{0,4}").prop_map(|(mime, data)| Source::Base64 { mime, data }),
        prop::sample::select(vec![
            "data:",
            "data:image/png;base64,aGk=",
            "gs://a",
            "https://a",
            ""
        ])
        .prop_map(|url| Source::Url { url: url.into(), mime: None }),
        family().prop_map(|family| Source::File { family, id: "f".into() }),
        text().prop_map(Source::Inline),
    ]
}

/// A part of any kind, in any place: other formats may put much together.
fn any_part() -> impl Strategy<Value = Part> {
    let raw = || Json::parse("{\"type\":\"x\"}").unwrap();
    let kinds = vec![CallKind::Function, CallKind::Custom, CallKind::LocalShell, CallKind::Shell];
    let args = vec!["{}", "", "[1]", "{\"a\":1}", "plain", "{\"a\":"];
    prop_oneof![
        "[ a]{0,2}".prop_map(|text| Part::Text(Text::plain(text))),
        (text(), any_seal(), family()).prop_map(move |(text, seal, family)| {
            let citation = Citation { family, title: None, url: None, raw: raw() };
            let citations = vec![citation];
            Part::Text(Text { text, cache: Some(Ttl::Hour), citations, seal })
        }),
        any_source().prop_map(|source| Part::Image(Image { source, detail: None, cache: None })),
        any_source().prop_map(|source| {
            let cache = Some(Ttl::FiveMinutes);
            Part::Document(Document { source, title: None, filename: None, cache })
        }),
        (text(), any::<bool>(), any_seal()).prop_map(|(text, redacted, seal)| {
            Part::Thinking(Thinking { text, redacted, seal })
        }),
        (0..6_u8, prop::sample::select(kinds), prop::sample::select(args)).prop_map(
            |(id, kind, args)| Part::Call(Call {
                kind,
                namespace: (id == 0).then(|| "ns".to_owned()),
                ..call(&format!("call:{id}"), "f", args)
            })
        ),
        (0..6_u8, text())
            .prop_map(|(id, text)| { Part::Result(result(&format!("call:{id}"), &text)) }),
        text().prop_map(Part::Refusal),
        family().prop_map(move |family| {
            Part::Server(ServerTool { family, kind: "x".into(), raw: raw() })
        }),
        prop::sample::select(vec!["x", "compaction"]).prop_map(move |kind| {
            let family = if kind == "x" { Family::OpenAi } else { Family::Anthropic };
            Part::Opaque(Opaque { family, kind: kind.into(), raw: raw() })
        }),
    ]
}

fn any_tool() -> impl Strategy<Value = Tool> {
    let schemas = vec!["{}", "null", "[]", "{\"type\":\"object\"}", "{\"type\":null}"];
    let kind = prop_oneof![
        (prop::sample::select(schemas), any::<Option<bool>>()).prop_map(|(schema, strict)| {
            ToolKind::Function { schema: Json::parse(schema), strict }
        }),
        Just(ToolKind::Custom(CustomFormat::Text)),
        Just(ToolKind::ApplyPatch),
        (family(), prop::sample::select(vec!["web_search", "googleSearch", "x"])).prop_map(
            |(family, kind)| {
                let raw = Json::of(&json!({"type": kind, "name": kind})).unwrap();
                ToolKind::Hosted { family, kind: kind.into(), raw }
            }
        ),
    ];
    ("[a-z.]{1,3}", kind).prop_map(|(name, kind)| Tool {
        kind,
        cache: Some(Ttl::FiveMinutes),
        ..function(&name)
    })
}

fn any_choice() -> impl Strategy<Value = Option<Choice>> {
    let named = "[a-c]".prop_map(|name| Choice::Named { namespace: None, name });
    prop::option::of(prop_oneof![
        Just(Choice::Auto),
        Just(Choice::None),
        Just(Choice::Required),
        named,
        ("[a-c]", any::<bool>())
            .prop_map(|(name, required)| Choice::Allowed { names: vec![name], required }),
    ])
}

fn any_reasoning() -> impl Strategy<Value = Option<Reasoning>> {
    let effort = prop::option::of(prop::sample::select(Effort::ALL.to_vec()));
    let budget = prop::option::of(prop_oneof![Just(0), 1..40_000_u64]);
    let made = (effort, budget).prop_map(|(effort, budget)| Reasoning {
        effort,
        budget,
        show: Show::Summary,
    });
    prop::option::of(made)
}

/// Any request, sensible or not.
pub fn any_request() -> impl Strategy<Value = Request> {
    let roles = vec![Role::User, Role::Assistant, Role::System];
    let turn = (prop::sample::select(roles), prop::collection::vec(any_part(), 0..5)).prop_map(
        |(role, mut parts)| {
            // Calls are the model's, results are the user's: that is the model's law.
            parts.retain(|part| match part {
                Part::Call(_) => role == Role::Assistant,
                Part::Result(_) => role == Role::User,
                _ => true,
            });
            turn(role, parts)
        },
    );
    let format = prop::sample::select(vec![
        Format::Text,
        Format::Json,
        Format::Schema { name: None, schema: Json::empty_object(), strict: None },
    ]);
    (
        prop::collection::vec(turn, 0..8),
        prop::collection::vec(any_tool(), 0..5),
        (any_choice(), any::<Option<bool>>()),
        any_reasoning(),
        prop::option::of(0..40_000_u64),
        format,
        prop::option::of(0.0..3.0_f64),
    )
        .prop_map(|(turns, tools, (choice, parallel), reasoning, max_output, format, heat)| {
            let marked = SystemText { text: "s".into(), cache: Some(Ttl::Hour) };
            Request {
                model: "m".into(),
                system: vec![marked],
                turns,
                tools,
                choice,
                parallel,
                reasoning,
                max_output,
                format,
                stop: vec![" ".into(), "x".into()],
                sampling: Sampling { temperature: heat, top_p: heat, ..Sampling::default() },
                ..Request::default()
            }
        })
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
                Part::Thinking(Thinking { text, redacted, seal })
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
            Answer { id, model, parts, usage: Some(usage), finish }
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
