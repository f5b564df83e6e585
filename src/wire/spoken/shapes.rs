//! No shape that any reader takes hides a word.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_actors::domain::words::WordKind;

use super::*;
use crate::wire::convert::codec::{Asked, decode_request};
use crate::wire::convert::hub::{Part, Role};
use crate::wire::convert::loss::Losses;

fn is_found(dialect: Dialect, body: &Value) -> bool {
    let list = [(WordKind::Contains, Arc::from("banned"))];
    let words = Words::compile(list, |word, why| panic!("{word}: {why}"));
    find(dialect, body.to_string().as_bytes(), &words).is_some()
}

#[test]
fn no_shape_or_role_hides_a_word() {
    let said = json!([{ "text": "banned" }]);
    let turn = |role: &str| json!({ "contents": [{ "role": role, "parts": said }] });
    for body in [
        json!({ "contents": { "parts": said } }),
        json!({ "contents": { "role": "user", "parts": { "text": "banned" } } }),
        json!({ "contents": ["banned"] }),
        json!({ "contents": "banned" }),
        turn(""),
        turn("function"),
        turn("tool"),
        turn("USER"),
        json!({ "contents": [{ "role": null, "parts": said }] }),
        json!({ "generateContentRequest": { "contents": [{ "parts": said }] } }),
        json!({ "content": { "parts": said } }),
        json!({ "requests": [{ "content": { "parts": said } }] }),
    ] {
        assert!(is_found(Dialect::Gemini, &body), "{body}");
        assert!(is_found(Dialect::GeminiCli, &json!({ "request": body })), "{body}");
    }
    for input in [
        json!({ "role": "user", "content": "banned" }),
        json!([{ "type": "message", "content": "banned" }]),
        json!([{ "content": said }]),
        json!([{ "role": "critic", "content": said }]),
        json!([{ "role": "tool", "content": "banned" }]),
        json!([["message", "user", "banned"]]),
    ] {
        assert!(is_found(Dialect::Responses, &json!({ "input": input })), "{input}");
    }
    let twice = br#"{"input":[{"type":"message","type":"reasoning","content":"banned"}]}"#;
    let list = [(WordKind::Contains, Arc::from("banned"))];
    let words = Words::compile(list, |word, why| panic!("{word}: {why}"));
    assert!(find(Dialect::Responses, twice, &words).is_some());
    let variables = json!({ "prompt": { "id": "p", "variables": { "a": "banned" } } });
    assert!(is_found(Dialect::Responses, &variables));
    for block in [
        json!({ "type": "document", "source": { "type": "text", "data": "banned" } }),
        json!({ "source": { "type": "content", "content": "banned" }, "type": "document" }),
        json!({ "type": "document", "source": { "type": "content", "content": said } }),
        json!({ "type": "document", "title": "banned", "source": { "type": "url" } }),
        json!({ "type": "document", "context": "banned", "source": { "type": "url" } }),
        json!({ "type": "search_result", "source": "banned", "content": [] }),
        json!({ "type": "search_result", "title": "banned", "content": [] }),
        json!({ "type": "search_result", "content": said }),
    ] {
        let body = json!({ "messages": [{ "role": "user", "content": [block] }] });
        assert!(is_found(Dialect::Anthropic, &body), "{body}");
    }
}

#[test]
fn thinking_calls_and_bytes_are_not_the_callers() {
    let said = json!([{ "type": "reasoning_text", "text": "banned" }]);
    for input in [
        json!([{ "type": "reasoning", "content": said }]),
        json!([{ "content": said, "type": "reasoning" }]),
        json!({ "role": "assistant", "content": "banned" }),
    ] {
        assert!(!is_found(Dialect::Responses, &json!({ "input": input })), "{input}");
    }
    let bytes = json!({ "type": "base64", "media_type": "application/pdf", "data": "banned" });
    let block = json!({ "type": "document", "source": bytes });
    let body = json!({ "messages": [{ "role": "user", "content": [block] }] });
    assert!(!is_found(Dialect::Anthropic, &body));
    let answer = json!({ "functionResponse": { "name": "f", "response": { "text": "banned" } } });
    let body = json!({ "contents": [{ "role": "user", "parts": [answer] }] });
    assert!(!is_found(Dialect::Gemini, &body));
}

fn any_text() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!("banned")), Just(json!("fine")), Just(json!(null))]
}

fn any_block() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec![
        None,
        Some("text"),
        Some("input_text"),
        Some("output_text"),
        Some("tool_result"),
        Some("document"),
        Some("search_result"),
    ]);
    let source = prop_oneof![
        any_text().prop_map(|text| json!({ "type": "text", "data": text })),
        any_text().prop_map(|text| json!({ "type": "content", "content": text })),
        Just(json!({ "type": "base64", "media_type": "application/pdf", "data": "AA==" })),
    ];
    let block = (kind, any_text(), source, any_text()).prop_map(|(kind, text, source, more)| {
        let mut block = json!({ "text": text, "context": more, "title": "t", "source": source,
            "tool_use_id": "c", "content": [] });
        if let Some(kind) = kind {
            block["type"] = json!(kind);
        }
        block
    });
    prop_oneof![any_text(), block, any_text().prop_map(|text| json!({ "text": text }))]
}

fn any_content() -> impl Strategy<Value = Value> {
    prop_oneof![any_block(), prop::collection::vec(any_block(), 0..3).prop_map(Value::Array)]
}

fn any_message() -> impl Strategy<Value = Value> {
    let roles = ["user", "assistant", "model", "system", "developer", "tool", "function", "", "x"];
    let kinds = ["message", "reasoning", "function_call_output", "x"];
    let role = prop::option::of(prop::sample::select(roles.to_vec()));
    let kind = prop::option::of(prop::sample::select(kinds.to_vec()));
    let message = (role, kind, any_content()).prop_map(|(role, kind, content)| {
        let mut message = json!({ "content": content, "parts": content });
        for (key, word) in [("role", role), ("type", kind)] {
            if let Some(word) = word {
                message[key] = json!(word);
            }
        }
        message
    });
    prop_oneof![1 => any_text(), 5 => message]
}

fn any_body() -> impl Strategy<Value = Value> {
    let conversation = prop_oneof![
        any_message(),
        prop::collection::vec(any_message(), 1..3).prop_map(Value::Array),
    ];
    (conversation, any_content()).prop_map(|(said, system)| {
        json!({ "model": "m", "max_tokens": 9, "messages": said, "input": said, "contents": said,
            "system": system, "systemInstruction": { "parts": system } })
    })
}

fn is_banned(part: &Part) -> bool {
    matches!(part, Part::Text(text) if text.text.contains("banned"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn what_the_converter_takes_for_the_callers_is_looked_at(body in any_body()) {
        for dialect in Dialect::ALL {
            let body = match dialect {
                Dialect::GeminiCli => json!({ "model": "m", "request": body }),
                _ => body.clone(),
            };
            let text = body.to_string();
            let asked = Asked { body: text.as_bytes(), model: "m", stream: false };
            let Ok(request) = decode_request(dialect, asked, &mut Losses::default()) else { continue };
            let turns = request.turns.iter().filter(|turn| turn.role != Role::Assistant);
            let says = turns.flat_map(|turn| &turn.parts).any(is_banned)
                || request.system.iter().any(|text| text.text.contains("banned"));
            prop_assert!(!says || is_found(dialect, &body), "{dialect} {body}");
        }
    }
}
