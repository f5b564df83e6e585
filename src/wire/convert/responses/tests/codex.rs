//! Codex: what it sends, and what it asks of an answer.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::fold::unfold;
use super::super::super::hub::{
    Effort, Family, Finish, HubUsage, Place, Seal, Show, Thinking, ToolKind,
};
use super::super::super::names::Bounds;
use super::*;

/// A request in the shape that Codex 0.169 sends, in the middle of a turn.
fn turn() -> Value {
    json!({
        "model": "gpt-5.3-codex",
        "input": [
            {"type": "message", "id": "msg_0", "role": "developer", "content": [
                {"type": "input_text", "text": "You are Codex."}]},
            {"type": "message", "id": "msg_1", "role": "user", "content": [
                {"type": "input_text", "text": "<environment_context/>"}]},
            {"type": "message", "id": "msg_2", "role": "user", "content": [
                {"type": "input_text", "text": "List the files."}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "content": null,
             "encrypted_content": "gAAAAx"},
            {"type": "message", "id": "msg_3", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "id": "fc_1", "name": "exec_command", "call_id": "call_1",
             "arguments": "{\"cmd\":\"ls\"}"},
            {"type": "custom_tool_call", "id": "ctc_1", "status": "completed",
             "call_id": "call_2", "name": "apply_patch", "input": "*** Begin Patch"},
            {"type": "function_call", "id": "fc_2", "namespace": "mcp__files", "name": "read",
             "call_id": "call_3", "arguments": "{}"},
            {"type": "function_call_output", "id": "fco_1", "call_id": "call_1", "output": "a.rs"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "done"},
            {"type": "function_call_output", "call_id": "call_3", "output": [
                {"type": "input_text", "text": "A"},
                {"type": "input_image", "image_url": "data:image/png;base64,aGk="}]},
        ],
        "tools": [
            {"type": "function", "name": "exec_command", "description": "Runs.", "strict": false,
             "parameters": {"type": "object", "properties": {"cmd": {"type": "string"}}}},
            {"type": "custom", "name": "apply_patch", "description": "Patches.", "format":
                {"type": "grammar", "syntax": "lark", "definition": "start: begin"}},
            {"type": "namespace", "name": "mcp__files", "description": "Files.", "tools": [
                {"type": "function", "name": "read", "parameters": {"type": "object"}}]},
            {"type": "web_search", "external_web_access": false},
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": true,
        "reasoning": {"effort": "medium", "summary": "auto"},
        "store": false,
        "stream": true,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0199",
        "text": {"verbosity": "low"},
        "client_metadata": {"session_id": "0199"},
    })
}

#[test]
fn codex_full_turn() {
    let (request, losses) = decoded(&turn());
    assert_eq!(tokens(&losses), ["drop.client_metadata", "drop.hint"]);
    assert_eq!(request.system[0].text, "You are Codex.");
    let roles: Vec<Role> = request.turns.iter().map(|turn| turn.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
    let Turn { parts, .. } = &request.turns[1];
    let seal = Some(Seal { family: Family::OpenAi, blob: "gAAAAx".into() });
    let thinking = Thinking { at: Place::default(), text: String::new(), redacted: false, seal };
    assert_eq!(parts[0], Part::Thinking(thinking));
    assert_eq!(parts[1], text("I look."));
    assert_eq!(parts.len(), 5);
    let results: Vec<(&str, usize)> = request.turns[2]
        .parts
        .iter()
        .map(|part| match part {
            Part::Result(result) => (result.call.as_str(), result.content.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(results, [("call_1", 1), ("call_2", 1), ("call_3", 2)]);
    let names: Vec<&str> = request.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["exec_command", "apply_patch", "read", "web_search"]);
    assert!(matches!(request.tools[3].kind, ToolKind::Hosted { .. }));
    let reasoning = request.reasoning.unwrap();
    assert_eq!((reasoning.effort, reasoning.show), (Some(Effort::Medium), Show::Summary));
    assert_eq!(request.cache.key.as_deref(), Some("0199"));
    assert!(request.stream);
}

#[test]
fn a_turn_of_codex_goes_to_its_own_family_as_it_was() {
    let (request, _) = decoded(&turn());
    let (body, _, losses) = encoded(&request, &backend());
    assert!(losses.is_empty(), "{losses:?}");
    let (sent, kept) = (turn(), body["input"].as_array().unwrap());
    assert_eq!(body["instructions"], "You are Codex.");
    // Neighbours of one role are one message; ids of items are not needed.
    assert_eq!(kept[0]["content"].as_array().unwrap().len(), 2);
    assert_eq!(kept[1]["encrypted_content"], "gAAAAx");
    for (number, field) in [(3, "arguments"), (4, "input"), (6, "output"), (8, "output")] {
        assert_eq!(kept[number][field], sent["input"][number + 2][field], "{number}");
    }
    assert_eq!(kept[5]["name"], "mcp__files__read");
    assert_eq!(body["tools"][1], sent["tools"][1]);
    assert_eq!(body["tools"][3], sent["tools"][3]);
    assert_eq!(body["reasoning"], sent["reasoning"]);
    assert_eq!(body["include"], sent["include"]);
}

/// What Codex reads of `response.completed`: nothing of it may be missing.
#[derive(Deserialize)]
struct Completed {
    #[serde(rename = "id")]
    _id: String,
    usage: Tokens,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "as the wire has them")]
struct Tokens {
    input_tokens: i64,
    input_tokens_details: Cached,
    output_tokens: i64,
    output_tokens_details: Reasoned,
    total_tokens: i64,
}

#[derive(Deserialize)]
struct Cached {
    cached_tokens: i64,
}

#[derive(Deserialize)]
struct Reasoned {
    reasoning_tokens: i64,
}

/// Items as Codex keeps them and runs tools by them.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message { role: String, content: Vec<Content> },
    Reasoning { summary: Vec<Content>, encrypted_content: Option<String> },
    FunctionCall { name: String, namespace: Option<String>, arguments: String, call_id: String },
    CustomToolCall { call_id: String, name: String, input: String },
    LocalShellCall { call_id: Option<String>, status: String, action: Action },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content {
    OutputText { text: String },
    SummaryText { text: String },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Action {
    Exec { command: Vec<String> },
}

/// An answer as Claude gives it to that request.
fn answer() -> Answer {
    let seal = Some(Seal { family: Family::Anthropic, blob: "c2ln".into() });
    Answer {
        id: Some("msg_01".into()),
        model: Some("claude".into()),
        parts: vec![
            Part::Thinking(Thinking {
                at: Place::default(),
                text: "Hm.".into(),
                redacted: false,
                seal,
            }),
            text("I do."),
            Part::Call(call("toolu_1", "exec_command", "{\"cmd\":\"ls\"}")),
            Part::Call(call("toolu_2", "apply_patch", "{\"input\":\"*** Begin Patch\\n\"}")),
            Part::Call(call("toolu_3", "mcp__files__read", "{}")),
        ],
        usage: Some(HubUsage { fresh: 5, cache_read: 4, output: 3, ..HubUsage::default() }),
        lacks_call: false,
        finish: Finish::ToolCalls,
    }
}

fn answered() -> String {
    let (request, _) = decoded(&turn());
    let mut reply = reply();
    for tool in &request.tools {
        reply.names.tool(tool.name_of(), Bounds::ANTHROPIC_NAME);
    }
    written(&unfold(&answer()), reply).0
}

#[test]
fn codex_is_told_all_that_it_needs() {
    let bytes = answered();
    let frames = frames(&bytes);
    assert!(frames[0].1["response"].is_object(), "it asks for `response.created`");
    let (last, data) = frames.last().unwrap();
    assert_eq!(last, "response.completed");
    let completed: Completed = serde_json::from_value(data["response"].clone()).unwrap();
    let usage = completed.usage;
    assert_eq!((usage.input_tokens, usage.input_tokens_details.cached_tokens), (9, 4));
    assert_eq!((usage.output_tokens, usage.output_tokens_details.reasoning_tokens), (3, 0));
    assert_eq!(usage.total_tokens, 12);
    for (event, data) in &frames {
        if event == "response.reasoning_summary_text.delta" {
            assert!(data["summary_index"].is_i64() && data["delta"].is_string());
        }
        if event == "response.output_item.added" {
            serde_json::from_value::<Item>(data["item"].clone()).unwrap();
        }
    }
}

#[test]
fn codex_runs_its_tools_by_the_items() {
    let items: Vec<Item> =
        kept(&answered()).into_iter().map(|item| serde_json::from_value(item).unwrap()).collect();
    let function =
        |id: &str, namespace: Option<&str>, name: &str, arguments: &str| Item::FunctionCall {
            name: name.into(),
            namespace: namespace.map(str::to_owned),
            arguments: arguments.into(),
            call_id: id.into(),
        };
    let wanted = [
        Item::Reasoning {
            summary: vec![Content::SummaryText { text: "Hm.".into() }],
            encrypted_content: Some("sy1.a.t..c2ln".into()),
        },
        Item::Message {
            role: "assistant".into(),
            content: vec![Content::OutputText { text: "I do.".into() }],
        },
        function("toolu_1", None, "exec_command", "{\"cmd\":\"ls\"}"),
        Item::CustomToolCall {
            call_id: "toolu_2".into(),
            name: "apply_patch".into(),
            input: "*** Begin Patch\n".into(),
        },
        function("toolu_3", Some("mcp__files"), "read", "{}"),
    ];
    assert_eq!(items, wanted);
}

#[test]
fn what_codex_sends_back_is_the_turn_that_was_answered() {
    let items = kept(&answered());
    let (request, _) = decoded(&json!({"model": "m", "input": items}));
    let mut wanted = answer().parts;
    let custom = call("toolu_2", "apply_patch", "*** Begin Patch\n");
    wanted[3] = Part::Call(Call { kind: CallKind::Custom, ..custom });
    let namespace = Some("mcp__files".to_owned());
    wanted[4] = Part::Call(Call { namespace, ..call("toolu_3", "read", "{}") });
    assert_eq!(request.turns[0].parts, wanted);
}
