//! A mended body lacks what was refused and has everything else as it was.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use switchyard_actors::domain::dialect::Dialect;

use super::*;
use crate::wire::edit::{apply, join};

fn mended(what: Mend, dialect: Dialect, body: &str) -> String {
    let edits = mend(what, dialect, Bounds::default(), body.as_bytes());
    let joined = join(apply(&Bytes::copy_from_slice(body.as_bytes()), edits).unwrap());
    String::from_utf8(joined.to_vec()).unwrap()
}

fn claude(what: Mend, body: &str) -> String {
    mended(what, Dialect::Anthropic, body)
}

#[test]
fn thinking_goes_and_all_else_stays_to_the_byte() {
    let body = r#"{ "model":"m", "n": 1.0, "messages" : [
        {"role":"user","content":"hi"},
        {"role":"assistant","content":[ {"type":"thinking","thinking":"so","signature":"AB=="} ,
            {"type":"redacted_thinking","data":"x"}, {"type":"text","text":"{\"a\":[1]}", "signature":"s"} ]},
        {"content":"more","role":"user"} ]}"#;
    let expected = r#"{ "model":"m", "n": 1.0, "messages" : [
        {"role":"user","content":"hi"},
        {"role":"assistant","content":[ {"type":"text","text":"{\"a\":[1]}"} ]},
        {"content":"more","role":"user"} ]}"#;
    assert_eq!(claude(Mend::ThinkingSignature, body), expected);
}

#[test]
fn a_call_without_its_thinking_needs_thinking_off() {
    let turns = r#""messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"A"},{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}]"#;
    let clean = turns.replace(r#"{"type":"thinking","thinking":"","signature":"A"},"#, "");
    let asked = |rest: &str| format!("{{\"model\":\"m\",{rest},{turns}}}");
    let mended = |rest: &str| claude(Mend::ThinkingSignature, &asked(rest));
    assert_eq!(
        mended(r#""thinking":{"type":"enabled","budget_tokens":2000}"#),
        format!("{{\"model\":\"m\",{clean}}}")
    );
    let adaptive = r#""thinking":{"type":"adaptive"}"#;
    assert_eq!(mended(adaptive), format!("{{\"model\":\"m\",{adaptive},{clean}}}"));
    assert_eq!(
        mended(
            r#""thinking":{"type":"enabled"},"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}"#
        ),
        format!("{{\"model\":\"m\",{clean}}}")
    );
    assert_eq!(
        mended(
            r#""thinking":{"type":"enabled"},"context_management":{"edits":[{"type":"clear_thinking_20251015"},{"type":"other"}]}"#
        ),
        format!(
            "{{\"model\":\"m\",\"context_management\":{{\"edits\":[{{\"type\":\"other\"}}]}},{clean}}}"
        )
    );
}

#[test]
fn a_message_of_nothing_but_thinking_goes_whole() {
    let body = r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking"}]},{"role":"user","content":"b"}]}"#;
    let expected = r#"{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#;
    assert_eq!(claude(Mend::ThinkingSignature, body), expected);
    let bare = r#"{"messages":[{"role":"user","content":[]},{"role":"user"}]}"#;
    assert_eq!(claude(Mend::ThinkingSignature, bare), bare, "there is nothing to mend");
}

#[test]
fn a_budget_too_small_becomes_one_that_is_taken() {
    let budget = |body| claude(Mend::ThinkingBudget, body);
    assert_eq!(
        budget(r#"{"max_tokens":4000,"thinking":{"budget_tokens":10,"type":"enabled"}}"#),
        r#"{"max_tokens":64000,"thinking":{"budget_tokens":32000,"type":"enabled"}}"#
    );
    assert_eq!(
        budget(r#"{"max_tokens":50000,"thinking":{"type":"enabled"}}"#),
        r#"{"max_tokens":50000,"thinking":{"budget_tokens":32000,"type":"enabled"}}"#
    );
    let adaptive = r#"{"max_tokens":4000,"thinking":{"type":"adaptive"}}"#;
    assert_eq!(budget(adaptive), adaptive);
    for other in [
        r#"{"max_tokens":4000}"#,
        r#"{"max_tokens":4000,"thinking":{"type":"disabled"}}"#,
        r#"{"max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":1024}}"#,
    ] {
        assert_eq!(budget(other), other, "nothing is switched on, and nothing is too small");
    }
}

#[test]
fn a_budget_keeps_to_the_room_that_is_not_ours_to_set() {
    let within = |bounds, body: &str| {
        let edits = mend(Mend::ThinkingBudget, Dialect::Anthropic, bounds, body.as_bytes());
        let joined = join(apply(&Bytes::copy_from_slice(body.as_bytes()), edits).unwrap());
        String::from_utf8(joined.to_vec()).unwrap()
    };
    let counts = Bounds { counts: true, ..Bounds::default() };
    let small = r#"{"thinking":{"type":"enabled","budget_tokens":10}}"#;
    assert_eq!(within(counts, small), small.replace("10", "32000"), "a count has no room");
    let room = |room| Bounds { room: Some(room), ..Bounds::default() };
    let body = r#"{"max_tokens":90000,"thinking":{"type":"enabled","budget_tokens":10}}"#;
    assert_eq!(within(room(8_192), body), body.replace(":10}", ":8191}"));
    assert_eq!(within(room(1_024), body), body, "there is no room for thinking");
}

#[test]
fn an_effort_goes_where_thinking_is_off() {
    let effort = |body| claude(Mend::ThinkingEffort, body);
    assert_eq!(
        effort(r#"{"thinking":{"type":"disabled"},"output_config":{"effort":"high"},"x":1}"#),
        r#"{"thinking":{"type":"disabled"},"x":1}"#
    );
    assert_eq!(
        effort(r#"{"thinking":{"type":"between_tools"},"output_config":{"effort":"high"}}"#),
        r#"{"thinking":{"type":"between_tools"}}"#
    );
    assert_eq!(
        effort(r#"{"output_config":{"effort":"high","format":{}},"reasoning_effort":"low"}"#),
        r#"{"output_config":{"format":{}}}"#
    );
    let on = r#"{"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}"#;
    assert_eq!(effort(on), on);
}

#[test]
fn ids_go_from_calls_and_results_alone() {
    let body = r#"{"contents":[{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"id":2}},"thoughtSignature":"s"}]},
        {"parts":[{"function_response":{"name":"f","response":{"id":3},"id":"1"}},{"text":"id"}]}],"id":4}"#;
    let expected = r#"{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"id":2}},"thoughtSignature":"s"}]},
        {"parts":[{"function_response":{"name":"f","response":{"id":3}}},{"text":"id"}]}],"id":4}"#;
    assert_eq!(mended(Mend::FunctionIds, Dialect::Gemini, body), expected);
    let one = r#"{"contents":{"parts":{"functionResponse":{"id":"1","name":"f","response":{}}}}}"#;
    let left = one.replace(r#""id":"1","#, "");
    assert_eq!(mended(Mend::FunctionIds, Dialect::Gemini, one), left, "one is a list of one");
    let wrapped = |body: &str| format!("{{\"model\":\"m\",\"request\":{body}}}");
    assert_eq!(mended(Mend::FunctionIds, Dialect::GeminiCli, &wrapped(body)), wrapped(expected));
    assert_eq!(claude(Mend::FunctionIds, body), body, "ids are Gemini's");
}

#[test]
fn calls_without_a_signature_get_one() {
    let body = r#"{"contents":[{"role":"model","parts":[{"text":"so"},{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},
        {"role":"user","parts":{"functionResponse":{"name":"f"}}},
        {"role":"model","parts":[{"functionCall":{"name":"h"},"thoughtSignature":"s"}]}]}"#;
    let expected = body.replace(
        r#"{"functionCall":{"name":"f"}}"#,
        r#"{"thoughtSignature":"skip_thought_signature_validator","functionCall":{"name":"f"}}"#,
    );
    assert_eq!(mended(Mend::CallSignature, Dialect::Gemini, body), expected);
    let wrapped = |body: &str| format!("{{\"model\":\"m\",\"request\":{body}}}");
    let made = mended(Mend::CallSignature, Dialect::GeminiCli, &wrapped(body));
    assert_eq!(made, wrapped(&expected));
    assert_eq!(mended(Mend::CallSignature, Dialect::Gemini, &expected), expected);
}

#[test]
fn thinking_items_without_a_seal_of_the_vendors_go() {
    let body = r#"{"input":[{"type":"message","role":"user","content":"rs_1"},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"so"}]},
        {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":null},
        {"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"gAAAAB"},
        {"type":"reasoning","id":"rs_4","summary":[],"encrypted_content":"sy1.x.t.."},
        {"type":"item_reference","id":"rs_5"}, {"type":"item_reference","id":"msg_6"},
        {"type":"function_call","id":"fc_7","call_id":"c","name":"f","arguments":"{}"}]}"#;
    let expected = r#"{"input":[{"type":"message","role":"user","content":"rs_1"},
        {"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"gAAAAB"},
        {"type":"item_reference","id":"msg_6"},
        {"type":"function_call","id":"fc_7","call_id":"c","name":"f","arguments":"{}"}]}"#;
    assert_eq!(mended(Mend::Reasoning, Dialect::Responses, body), expected);
    for other in [r#"{"input":"rs_1"}"#, r#"{"input":[{"type":"reasoning","id":"rs_1"}]}"#] {
        assert_eq!(mended(Mend::Reasoning, Dialect::Responses, other), other);
    }
}

#[test]
fn a_bare_input_becomes_a_list() {
    let input = |body| mended(Mend::BareInput, Dialect::Responses, body);
    assert_eq!(
        input(r#"{"input":"Hi \"you\""}"#),
        r#"{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi \"you\""}]}]}"#
    );
    assert_eq!(input(r#"{"input":[]}"#), r#"{"input":[]}"#);
}

fn any_block() -> impl Strategy<Value = Json> {
    let text = "[a-z\"\\\\{}\\[\\],]{0,8}";
    prop_oneof![
        text.prop_map(|text| json!({ "type": "text", "text": text })),
        text.prop_map(|text| json!({ "signature": "s", "type": "text", "text": text })),
        text.prop_map(|text| json!({ "type": "thinking", "thinking": text, "signature": "s" })),
        Just(json!({ "type": "redacted_thinking", "data": "x" })),
        Just(
            json!({ "type": "tool_use", "id": "t", "name": "f", "input": { "signature": "kept" } })
        ),
        Just(json!({ "type": "tool_result", "tool_use_id": "t", "content": [{ "type": "text" }] })),
    ]
}

fn any_request() -> impl Strategy<Value = Json> {
    let message = (any::<bool>(), prop::collection::vec(any_block(), 0..5)).prop_map(|(user, blocks)| {
        json!({ "role": if user { "user" } else { "assistant" }, "content": blocks })
    });
    let thinking = prop_oneof![
        Just(json!(null)),
        Just(json!({ "type": "enabled", "budget_tokens": 2000 })),
        Just(json!({ "type": "adaptive" })),
    ];
    (prop::collection::vec(message, 0..5), thinking).prop_map(|(messages, thinking)| {
        json!({ "model": "m", "messages": messages, "thinking": thinking, "max_tokens": 9 })
    })
}

/// The same, the slow way.
fn by_hand(mut request: Json) -> Json {
    let is_thinking =
        |block: &Json| block["type"] == "thinking" || block["type"] == "redacted_thinking";
    request["messages"].as_array_mut().unwrap().retain_mut(|message| {
        let blocks = message["content"].as_array_mut().unwrap();
        let was_empty = blocks.is_empty();
        blocks.retain(|block| !is_thinking(block));
        for block in blocks.iter_mut() {
            block.as_object_mut().unwrap().remove("signature");
        }
        was_empty || !blocks.is_empty()
    });
    let calls =
        request["messages"].as_array().unwrap().iter().rfind(|it| it["role"] == "assistant");
    let calls = calls.is_some_and(|it| {
        it["content"].as_array().unwrap().iter().any(|block| block["type"] == "tool_use")
    });
    if calls && request["thinking"]["type"] == "enabled" {
        request.as_object_mut().unwrap().remove("thinking");
    }
    request
}

proptest! {
    #[test]
    fn signed_thinking_goes_from_any_body(request in any_request(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&request) } else { serde_json::to_string(&request) };
        let mended = claude(Mend::ThinkingSignature, &text.unwrap());
        prop_assert_eq!(serde_json::from_str::<Json>(&mended).unwrap(), by_hand(request));
        prop_assert_eq!(claude(Mend::ThinkingSignature, &mended), mended, "once is enough");
    }

    #[test]
    fn what_is_no_json_is_never_mended_beyond_its_end(body in "[\"\\\\\\[\\]{}:,messages ]{0,60}") {
        for what in Mend::ALL {
            for dialect in Dialect::ALL {
                let edits = mend(what, dialect, Bounds::default(), body.as_bytes());
                prop_assert!(edits.iter().all(|edit| edit.span.end <= body.len()));
            }
        }
    }
}
