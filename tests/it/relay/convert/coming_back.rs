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

/// What Google documents for calls that it did not see.
const PLACEHOLDER: &str = "skip_thought_signature_validator";
/// A model that demands signatures.
const THREE: &str = "gemini-3-pro-preview";
/// How such a model refuses.
const UNSIGNED: &str = r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly."}}"#;

async fn generate(kinds: &Kinds, kind: ProviderKind, model: &str, contents: &[Value]) -> Answer {
    let body = json!({ "contents": contents }).to_string();
    let target = format!("/v1beta/models/{model}:generateContent");
    let request = Request::post(&target, body).header("x-goog-api-key", kinds.key(kind));
    kinds.switchyard.send(&request).await
}

fn asked(text: &str) -> Value {
    json!({ "role": "user", "parts": [{ "text": text }] })
}

/// Returns a conversation in which another kind of provider has called tools for a client of Gemini's.
async fn called(kinds: &Kinds, kind: ProviderKind) -> Vec<Value> {
    kinds.upstream.reset();
    kinds.upstream.always(says(kind.dialect(), false, &answer()));
    let mut history = vec![asked("What is this?")];
    let answered = generate(kinds, kind, THREE, &history).await;
    let whole: Value = serde_json::from_str(&answered.text()).unwrap();
    history.push(whole["candidates"][0]["content"].clone());
    let results = ["read", "list"].map(
        |name| json!({ "functionResponse": { "name": name, "response": { "output": "done" } } }),
    );
    history.push(json!({ "role": "user", "parts": results }));
    kinds.upstream.reset();
    history
}

/// Returns the signatures of the calls that reached an upstream.
fn signatures(seen: &Seen) -> Vec<Value> {
    let body = seen.json();
    let inner = if body["request"].is_object() { &body["request"] } else { &body };
    let contents = inner["contents"].as_array().unwrap();
    let parts = contents.iter().flat_map(|content| content["parts"].as_array().unwrap());
    let calls = parts.filter(|part| part["functionCall"].is_object());
    calls.map(|call| call["thoughtSignature"].clone()).collect()
}

#[tokio::test]
async fn a_call_that_another_kind_made_goes_on_at_gemini_3() {
    let kinds = Kinds::new().await;
    let makers = [ProviderKind::Claude, ProviderKind::OpenaiCompatible, ProviderKind::Codex];
    for maker in makers {
        let history = called(&kinds, maker).await;
        for kind in [ProviderKind::Gemini, ProviderKind::GeminiCli] {
            kinds.upstream.reset();
            let answered = generate(&kinds, kind, THREE, &history).await;
            assert_eq!(answered.status, 200, "{maker}, {kind}: {}", answered.text());
            let signed = signatures(&kinds.upstream.only_request());
            assert_eq!(signed, [json!(PLACEHOLDER), Value::Null], "{maker}, {kind}");
        }
    }
}

#[tokio::test]
async fn a_call_is_signed_once_a_model_of_another_name_has_refused_it() {
    let kinds = Kinds::new().await;
    let history = called(&kinds, ProviderKind::Claude).await;
    kinds.upstream.once(Script::json(400, UNSIGNED));
    let answered = generate(&kinds, ProviderKind::Gemini, "tuned", &history).await;
    assert_eq!(answered.status, 200, "{}", answered.text());
    let seen = kinds.upstream.requests();
    assert_eq!(signatures(&seen[0]), [Value::Null, Value::Null]);
    assert_eq!(signatures(&seen[1]), [json!(PLACEHOLDER), Value::Null]);
    let rows = kinds.switchyard.rows_when(2).await;
    let mended = |row: &&Value| row["edits"] == json!(["rectified_call_signature"]);
    assert_eq!(rows.iter().filter(mended).count(), 1, "{rows:#?}");
}

async fn message(
    kinds: &Kinds,
    kind: ProviderKind,
    messages: &[Value],
    budget: Option<u64>,
) -> Answer {
    let thinking = match budget {
        Some(budget) => json!({ "type": "enabled", "budget_tokens": budget }),
        None => json!({ "type": "adaptive" }),
    };
    let body = json!({ "model": "claude-sonnet-4-5", "max_tokens": 4096, "thinking": thinking,
        "messages": messages });
    let request = Request::post("/v1/messages", body.to_string())
        .header("x-api-key", kinds.key(kind))
        .header("anthropic-version", "2023-06-01");
    kinds.switchyard.send(&request).await
}

#[tokio::test]
async fn thinking_without_a_signature_does_not_go_back_to_anthropic_and_its_own_stays() {
    /// Field 2 { field 1 { field 1 = 11, field 3 = 2 } }, as Anthropic's signatures are.
    const OWN: &str = "EgYKBAgLGAI=";
    let kinds = Kinds::new().await;
    let own = json!({ "role": "assistant", "content": [
        { "type": "thinking", "thinking": "own", "signature": OWN },
        { "type": "text", "text": "Hello." },
    ] });
    let mut history = vec![
        json!({ "role": "user", "content": "Hi." }),
        own.clone(),
        json!({ "role": "user", "content": "What is this?" }),
    ];
    kinds.upstream.always(says(ProviderKind::OpenaiCompatible.dialect(), false, &answer()));
    let answered = message(&kinds, ProviderKind::OpenaiCompatible, &history, Some(2048)).await;
    let whole: Value = serde_json::from_str(&answered.text()).unwrap();
    let blocks = whole["content"].as_array().unwrap().clone();
    assert_eq!((&blocks[0]["type"], &blocks[0]["signature"]), (&json!("thinking"), &json!("")));
    history.push(json!({ "role": "assistant", "content": blocks }));
    history.push(json!({ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": blocks[2]["id"], "content": "done" },
        { "type": "tool_result", "tool_use_id": blocks[3]["id"], "content": "done" },
    ] }));

    kinds.upstream.reset();
    for budget in [Some(2048), None] {
        let answered = message(&kinds, ProviderKind::Claude, &history, budget).await;
        assert_eq!(answered.status, 200, "{}", answered.text());
    }
    let mut left = history.clone();
    left[3]["content"].as_array_mut().unwrap().remove(0);
    let seen = kinds.upstream.requests();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        assert_eq!(seen.json()["messages"], json!(left), "Anthropic's own stays");
    }
    let thinking = seen.iter().map(|seen| seen.json()["thinking"].clone()).collect::<Vec<_>>();
    assert_eq!(thinking, [Value::Null, json!({ "type": "adaptive" })]);
    let rows = kinds.switchyard.rows_when(3).await;
    for edits in
        [json!(["strip_foreign_thinking", "thinking_off"]), json!(["strip_foreign_thinking"])]
    {
        assert_eq!(rows.iter().filter(|row| row["edits"] == edits).count(), 1, "{rows:#?}");
    }
}
