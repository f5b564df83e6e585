//! A session that another kind of provider served for a turn, and that comes back to its own: what was made
//! for the client there is nothing that its vendor knows.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::ProviderKind;

use super::stand::Kinds;
use super::talk::{answer, says};
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::{Script, Seen};

/// What the backend of Codex says of an item that it has not made.
const NOT_FOUND: &str = r#"{"error":{"message":"Item with id 'rs_1' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.","type":"invalid_request_error","param":"input","code":null}}"#;

fn user(text: &str) -> Value {
    json!({ "type": "message", "role": "user",
        "content": [{ "type": "input_text", "text": text }] })
}

/// Sends a conversation as a client of Responses does.
async fn respond(kinds: &Kinds, kind: ProviderKind, input: &[Value], stream: bool) -> Answer {
    let body = json!({ "model": MODEL, "store": false, "stream": stream, "input": input,
        "reasoning": { "effort": "medium", "summary": "auto" },
        "include": ["reasoning.encrypted_content"] });
    let request = Request::post("/v1/responses", body.to_string()).bearer(kinds.key(kind));
    kinds.switchyard.send(&request).await
}

/// Returns the items that such a client keeps.
fn items(answered: &Answer, stream: bool) -> Vec<Value> {
    let text = answered.text();
    if !stream {
        let whole: Value = serde_json::from_str(&text).unwrap();
        return whole["output"].as_array().unwrap().clone();
    }
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = events.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let done = events.filter(|event| event["type"] == "response.output_item.done");
    done.map(|event| event["item"].clone()).collect()
}

fn results(items: &[Value]) -> impl Iterator<Item = Value> + '_ {
    let calls = items.iter().filter(|item| item["type"] == "function_call");
    calls.map(|call| {
        json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "done" })
    })
}

fn input(seen: &Seen) -> Vec<Value> {
    seen.json()["input"].as_array().unwrap().clone()
}

fn is_thinking(item: &Value) -> bool {
    item["type"] == "reasoning"
}

#[tokio::test]
async fn thinking_that_nobody_signed_does_not_go_back_to_a_vendor_of_responses() {
    let kinds = Kinds::new().await;
    for kind in [ProviderKind::OpenaiCompatible, ProviderKind::Gemini] {
        for stream in [false, true] {
            let what = format!("{kind}, stream {stream}");
            kinds.upstream.reset();
            kinds.upstream.always(says(kind.dialect(), stream, &answer()));
            let mut history = vec![user("What is this?")];
            let answered = respond(&kinds, kind, &history, stream).await;
            let made = items(&answered, stream);
            assert_eq!(made.iter().filter(|item| is_thinking(item)).count(), 1, "{what}: {made:?}");
            history.extend(made.clone());
            history.extend(results(&made));

            kinds.upstream.reset();
            let own = respond(&kinds, ProviderKind::Codex, &history, stream).await;
            assert_eq!(own.status, 200, "{what}: {}", own.text());
            let sent = input(&kinds.upstream.only_request());
            let left: Vec<&Value> = history.iter().filter(|item| !is_thinking(item)).collect();
            assert_eq!(sent.iter().collect::<Vec<_>>(), left, "{what}: all else as it was");

            kinds.upstream.reset();
            kinds.upstream.always(says(kind.dialect(), stream, &answer()));
            assert_eq!(respond(&kinds, kind, &history, stream).await.status, 200, "{what}");
        }
    }
    let rows = kinds.switchyard.rows_when(12).await;
    let edits = |row: &&Value| row["edits"] == json!(["strip_foreign_thinking"]);
    assert_eq!(rows.iter().filter(edits).count(), 4, "{rows:#?}");
    let token = |row: &&Value, token: &str| row["losses"].to_string().contains(token);
    assert!(!rows.iter().any(|row| token(&row, "thinking_foreign")), "it is nobody's");
    assert_eq!(rows.iter().filter(|row| token(row, "drop.thinking")).count(), 4, "{rows:#?}");
}

#[tokio::test]
async fn thinking_items_of_before_go_once_their_vendor_does_not_find_them() {
    let kinds = Kinds::new().await;
    let made = json!({ "type": "reasoning", "id": "rs_1",
        "summary": [{ "type": "summary_text", "text": "So." }] });
    let own = json!({ "type": "reasoning", "id": "rs_2", "summary": [],
        "encrypted_content": "gAAAAABo" });
    let history = [user("Hi."), made, own.clone(), user("Again.")];
    for status in [400, 404] {
        kinds.upstream.reset();
        kinds.upstream.once(Script::json(status, NOT_FOUND));
        let answered = respond(&kinds, ProviderKind::Codex, &history, false).await;
        assert_eq!(answered.status, 200, "{}", answered.text());
        let seen = kinds.upstream.requests();
        assert_eq!(seen.len(), 2, "{status}");
        assert_eq!(input(&seen[0]), history);
        assert_eq!(input(&seen[1]), [user("Hi."), own.clone(), user("Again.")], "{status}");
    }
    let rows = kinds.switchyard.rows_when(2).await;
    for row in rows {
        assert_eq!(row["edits"], json!(["rectified_reasoning_items"]), "{row:#}");
    }
}
