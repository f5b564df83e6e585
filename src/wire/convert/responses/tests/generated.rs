//! Requests, answers and strange things, made up for the laws.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::hub::{Family, Finish, HubUsage, Place, Seal, Thinking};
use super::*;

pub(super) fn word() -> impl Strategy<Value = String> {
    "[a-zé\n\"\\\\]{1,8}"
}

fn object() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{}".to_owned()),
        (word(), -5..5_i32).prop_map(|(key, number)| json!({ key: number }).to_string()),
        Just("{\"n\": 1.50, \"m\":1e3}".to_owned()),
    ]
}

fn kind() -> impl Strategy<Value = CallKind> {
    prop_oneof![
        3 => Just(CallKind::Function),
        1 => Just(CallKind::Custom),
        1 => Just(CallKind::LocalShell),
    ]
}

/// A call, whose id is given to it later.
fn any_call() -> impl Strategy<Value = Part> {
    (kind(), "[a-z_]{1,9}", object(), word()).prop_map(|(kind, name, args, said)| {
        let (name, args) = match kind {
            CallKind::Custom => (name, said),
            CallKind::LocalShell => {
                ("local_shell".to_owned(), json!({ "command": [said] }).to_string())
            }
            _ => (name, args),
        };
        Part::Call(Call { kind, ..call("", &name, &args) })
    })
}

fn any_thinking() -> impl Strategy<Value = Part> {
    (prop::option::of(word()), "[A-Za-z0-9]{1,9}").prop_map(|(text, blob)| {
        let seal = Some(Seal { family: Family::OpenAi, blob: format!("gAAAA{blob}") });
        Part::Thinking(Thinking {
            at: Place::default(),
            text: text.unwrap_or_default(),
            redacted: false,
            seal,
        })
    })
}

fn answer_part() -> impl Strategy<Value = Part> {
    prop_oneof![
        word().prop_map(|said| text(&said)),
        word().prop_map(|words| Part::Refusal(words.into())),
        any_thinking(),
        any_call(),
    ]
}

pub(super) fn any_usage() -> impl Strategy<Value = HubUsage> {
    [0..99_u64, 0..99_u64, 0..99_u64, 0..99_u64].prop_map(|[fresh, cache_read, output, share]| {
        let reasoning = Some(share.min(output));
        HubUsage { fresh, cache_read, output, reasoning, ..HubUsage::default() }
    })
}

/// An answer as this format can give it whole.
pub(super) fn any_answer() -> impl Strategy<Value = Answer> {
    (prop::collection::vec(answer_part(), 0..6), any_usage(), any::<bool>()).prop_map(
        |(mut parts, usage, is_cut)| {
            for (number, part) in parts.iter_mut().enumerate() {
                if let Part::Call(call) = part {
                    call.id = format!("call_{number}");
                }
            }
            let has = |wanted: fn(&Part) -> bool| parts.iter().any(wanted);
            let finish = if is_cut {
                Finish::MaxOutput
            } else if has(|part| matches!(part, Part::Call(_))) {
                Finish::ToolCalls
            } else if has(|part| matches!(part, Part::Refusal(_))) {
                Finish::Refusal
            } else {
                Finish::End
            };
            let (id, model) = (Some("resp_1".to_owned()), Some("m".to_owned()));
            Answer { id, model, parts, usage: Some(usage), finish, lacks_call: false }
        },
    )
}

/// A conversation as a client of this format sends it: its items.
pub(super) fn any_items() -> impl Strategy<Value = Vec<Value>> {
    let said = (0..3_usize, word()).prop_map(|(role, said)| {
        let role = ["user", "assistant", "developer"][role];
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        json!({"type": "message", "role": role, "content": [{"type": kind, "text": said}]})
    });
    let thought = ("[A-Za-z0-9]{1,9}", word()).prop_map(|(blob, said)| {
        json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": said}],
            "encrypted_content": format!("gAAAA{blob}")})
    });
    let called =
        ("[a-z]{1,5}", object(), word(), any::<bool>()).prop_map(|(name, args, said, text)| {
            if text {
                json!({"type": "custom_tool_call", "name": name, "input": said})
            } else {
                json!({"type": "function_call", "name": name, "arguments": args})
            }
        });
    let item = prop_oneof![3 => said, 1 => thought, 2 => called];
    prop::collection::vec((item, word()), 0..9).prop_map(|items| {
        let mut out = Vec::new();
        for (number, (mut item, answer)) in items.into_iter().enumerate() {
            let kind = item["type"].as_str().unwrap_or_default().to_owned();
            if !kind.ends_with("_call") {
                out.push(item);
                continue;
            }
            item["call_id"] = json!(format!("call_{number}"));
            let given =
                json!({"type": format!("{kind}_output"), "call_id": item["call_id"], "output": answer});
            out.extend([item, given]);
        }
        out
    })
}

/// Items of known kinds whose fields are anything.
pub(super) fn strange() -> impl Strategy<Value = Value> {
    const KINDS: [&str; 14] = [
        "message",
        "reasoning",
        "function_call",
        "custom_tool_call",
        "local_shell_call",
        "shell_call",
        "apply_patch_call",
        "function_call_output",
        "shell_call_output",
        "compaction",
        "web_search_call",
        "response.output_text.delta",
        "response.function_call_arguments.delta",
        "namespace",
    ];
    const FIELDS: [&str; 15] = [
        "role",
        "content",
        "call_id",
        "name",
        "arguments",
        "input",
        "output",
        "action",
        "summary",
        "encrypted_content",
        "tools",
        "delta",
        "status",
        "item_id",
        "output_index",
    ];
    let value = prop_oneof![
        Just(json!(null)),
        Just(json!(1)),
        Just(json!({})),
        Just(json!([])),
        Just(json!([{"type": "input_text", "text": "a"}])),
        Just(json!({"command": ["ls"], "type": "exec"})),
        word().prop_map(|word| json!(word)),
    ];
    let fields = prop::collection::vec((0..FIELDS.len(), value), 0..6);
    (0..KINDS.len(), fields).prop_map(|(kind, fields)| {
        let mut item = json!({"type": KINDS[kind]});
        for (field, value) in fields {
            item[FIELDS[field]] = value;
        }
        item
    })
}
