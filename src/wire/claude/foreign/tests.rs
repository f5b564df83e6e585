//! Another family's thinking goes, and nothing else of a body changes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value as Document, json};

use super::super::super::foreign::trial;
use super::*;

/// Field 2 { field 1 { field 1 = 11, field 3 = 2 } }: Anthropic's.
const OWN: [u8; 8] = [0x12, 0x06, 0x0a, 0x04, 0x08, 0x0b, 0x18, 0x02];
/// Field 2 { field 1 { bytes } }: Google's.
const GOOGLES: [u8; 7] = [0x12, 0x05, 0x0a, 0x03, 0x01, 0xd1, 0xed];

fn thinking(signature: &str) -> Document {
    json!({ "type": "thinking", "thinking": "so", "signature": signature })
}

fn text(text: &str) -> Document {
    json!({ "type": "text", "text": text })
}

fn body(blocks: &[Document]) -> String {
    json!({ "model": "m", "messages": [
        { "role": "user", "content": "hello" },
        { "role": "assistant", "content": blocks },
        { "role": "user", "content": [text("go on")] },
    ] })
    .to_string()
}

fn stripped(body: &str) -> String {
    let [own, other] = [Asked::Anthropic, Asked::Other]
        .map(|asked| trial::stripped(body, |body| strip(body, asked)));
    assert_eq!(own, other, "what is signed is judged alike");
    own
}

fn at_anthropic(body: &str) -> String {
    trial::stripped(body, |body| strip(body, Asked::Anthropic))
}

#[test]
fn blocks_of_other_families_go_and_all_else_stays_byte_for_byte() {
    let own = thinking(&STANDARD.encode(OWN));
    for foreign in ["sy1.o.c2ln", "sy1.g.c2ln", "gAAAAABo-x_1==", &STANDARD.encode(GOOGLES)] {
        let foreign = thinking(foreign);
        for (blocks, left) in [
            (vec![foreign.clone(), text("a")], vec![text("a")]),
            (vec![text("a"), foreign.clone()], vec![text("a")]),
            (vec![text("a"), foreign.clone(), foreign.clone()], vec![text("a")]),
            (
                vec![foreign.clone(), own.clone(), foreign.clone(), text("a")],
                vec![own.clone(), text("a")],
            ),
        ] {
            assert_eq!(stripped(&body(&blocks)), body(&left));
        }
    }
    let redacted = json!({ "type": "redacted_thinking", "data": "sy1.x.secret" });
    assert_eq!(stripped(&body(&[redacted, text("a")])), body(&[text("a")]));
}

#[test]
fn a_message_of_nothing_else_goes_whole() {
    let after: Document = serde_json::from_str(&stripped(&body(&[thinking("gAAAAABo")]))).unwrap();
    let roles: Vec<&str> = after["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "user"]);
    let only = json!({ "messages": [{ "role": "assistant", "content": [thinking("sy1.o.x")] }] });
    assert_eq!(stripped(&only.to_string()), only.to_string());
}

#[test]
fn what_is_anthropic_s_or_cannot_be_told_stays() {
    let quoted = json!({ "type": "text", "text": "{\"signature\":\"sy1.o.x\"}" });
    let result = json!({ "type": "tool_result", "signature": "sy1.o.x", "content": "x" });
    for block in [thinking(&STANDARD.encode(OWN)), thinking("c2ln"), quoted, result] {
        let whole = body(&[block, text("a")]);
        assert_eq!(stripped(&whole), whole);
    }
    trial::odd_bodies_stay(
        &[
            "{\"messages\":\"signature\"}",
            r#"{"signature":"sy1.o.x"}"#,
            r#"{"a":"thinking","messages":[{"content":"thinking"}]}"#,
        ],
        |body| strip(body, Asked::Anthropic),
    );
}

#[test]
fn what_bears_no_signature_is_none_of_anthropic_s() {
    let own = thinking(&STANDARD.encode(OWN));
    let bare = json!({ "type": "thinking", "thinking": "so" });
    let null = json!({ "type": "thinking", "thinking": "so", "signature": null });
    let given = body(&[thinking(""), bare, own.clone(), null, text("a")]);
    assert_eq!(at_anthropic(&given), body(&[own, text("a")]));
    let other = trial::stripped(&given, |body| strip(body, Asked::Other));
    assert_eq!(other, given, "others of this format may sign nothing");
}

#[test]
fn thinking_is_off_where_a_call_that_is_answered_has_none() {
    let call = json!({ "type": "tool_use", "id": "t", "name": "f", "input": {} });
    let result = json!({ "type": "tool_result", "tool_use_id": "t", "content": "x" });
    let asked = |thinking: Option<&str>, blocks: &[Document]| {
        let mut body = json!({ "model": "m", "messages": [
            { "role": "user", "content": "hello" },
            { "role": "assistant", "content": blocks },
            { "role": "user", "content": [result] },
        ] });
        if let Some(kind) = thinking {
            body["thinking"] = json!({ "type": kind });
        }
        body.to_string()
    };
    let own = thinking(&STANDARD.encode(OWN));
    for blocks in [vec![call.clone()], vec![text("a"), call.clone()]] {
        let given = asked(Some("enabled"), &blocks);
        assert_eq!(at_anthropic(&given), asked(None, &blocks));
        let names = strip(given.as_bytes(), Asked::Anthropic);
        assert!(names.iter().all(|edit| edit.name == THINKING_OFF));
    }
    let foreign = [thinking("sy1.o.x"), call.clone()];
    let left = asked(None, std::slice::from_ref(&call));
    assert_eq!(at_anthropic(&asked(Some("enabled"), &foreign)), left);
    for (kind, blocks) in [
        ("adaptive", vec![call.clone()]),
        ("enabled", vec![own.clone(), call.clone()]),
        ("enabled", vec![text("a")]),
    ] {
        let given = asked(Some(kind), &blocks);
        assert_eq!(at_anthropic(&given), given);
    }
    let given = asked(Some("enabled"), std::slice::from_ref(&call));
    assert!(strip(given.as_bytes(), Asked::Other).is_empty());
}

#[test]
fn what_anthropic_s_own_model_calls_on_without_thinking_anew_stays() {
    let call = json!({ "type": "tool_use", "id": "t", "name": "f", "input": {} });
    let result = json!({ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": "t", "content": "x" }] });
    let own = thinking(&STANDARD.encode(OWN));
    let body = |before: &[Document], thinking: bool, blocks: &[Document]| {
        let said = |blocks: &[Document]| json!({ "role": "assistant", "content": blocks });
        let mut messages = vec![json!({ "role": "user", "content": "hello" })];
        messages.push(said(&[own.clone(), call.clone()]));
        messages.push(result.clone());
        messages.extend(before.iter().cloned());
        messages.push(said(blocks));
        messages.push(result.clone());
        let mut body = json!({ "messages": messages });
        if thinking {
            body["thinking"] = json!({ "type": "enabled" });
        }
        body.to_string()
    };
    let bare = std::slice::from_ref(&call);
    let whole = body(&[], true, bare);
    assert!(!may_be_there(whole.as_bytes(), Asked::Anthropic), "it is not even read");
    assert_eq!(at_anthropic(&whole), whole);
    let foreign = [thinking(""), call.clone()];
    assert_eq!(at_anthropic(&body(&[], true, &foreign)), body(&[], false, bare));
    let next = [
        json!({ "role": "assistant", "content": "Done." }),
        json!({ "role": "user", "content": "more" }),
    ];
    assert_eq!(at_anthropic(&body(&next, true, bare)), body(&next, false, bare));
}

proptest! {
    /// However blocks are mixed, what is left is what is not foreign, in its order.
    #[test]
    fn what_is_left_is_all_that_is_not_foreign(kinds in prop::collection::vec(0_u8..4, 1..9)) {
        let block = |(at, kind): (usize, &u8)| match kind {
            0 => thinking("sy1.o.x"),
            1 => thinking("gAAAAABo"),
            2 => thinking(&STANDARD.encode(OWN)),
            _ => text(&at.to_string()),
        };
        let blocks: Vec<Document> = kinds.iter().enumerate().map(block).collect();
        let left: Vec<Document> =
            kinds.iter().enumerate().filter(|(_, kind)| **kind > 1).map(block).collect();
        let after: Document = serde_json::from_str(&stripped(&body(&blocks))).unwrap();
        if left.is_empty() {
            prop_assert_eq!(after["messages"].as_array().unwrap().len(), 2);
        } else {
            prop_assert_eq!(after["messages"][1]["content"].clone(), json!(left));
        }
    }
}
