//! Hidden state of other families in the history of a request: it does not reach the client's own vendor,
//! and nothing else of the request changes.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand};
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;

/// Field 2 { field 1 { field 1 = 11, field 3 = 2 } }, as Anthropic's signatures are.
const OWN: &str = "EgYKBAgLGAI=";

fn body(thinking: &[Value]) -> String {
    let mut said = thinking.to_vec();
    said.push(json!({ "type": "text", "text": "Hello." }));
    json!({ "model": MODEL, "max_tokens": 64, "messages": [
        { "role": "user", "content": "Say hello." },
        { "role": "assistant", "content": said },
        { "role": "user", "content": "Again." },
    ] })
    .to_string()
}

fn thinking(signature: &str) -> Value {
    json!({ "type": "thinking", "thinking": "so", "signature": signature })
}

fn request(key: &str, body: String) -> Request {
    let request = Request::post("/v1/messages", body);
    request.header("x-api-key", key).header("anthropic-version", "2023-06-01")
}

#[tokio::test]
async fn other_families_thinking_does_not_reach_anthropic() {
    let stand = Stand::new().await;
    let foreign = [thinking("sy1.g.c2ln"), thinking(OWN), thinking("gAAAAABo-x_1==")];
    let answer = stand.switchyard.send(&request(&stand.user.key, body(&foreign))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stand.upstream.only_request().body, body(&[thinking(OWN)]), "byte for byte");
    let rows = stand.switchyard.rows_when(1).await;
    assert_eq!(rows[0]["edits"], json!(["strip_foreign_thinking"]), "{:#}", rows[0]);
}

#[tokio::test]
async fn a_history_of_anthropic_s_own_passes_byte_for_byte() {
    let stand = Stand::new().await;
    let own = body(&[thinking(OWN), thinking("of-a-shape-nobody-knows")]);
    let answer = stand.switchyard.send(&request(&stand.user.key, own.clone())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stand.upstream.only_request().body, own);
    let rows = stand.switchyard.rows_when(1).await;
    assert_eq!(rows[0]["edits"], json!([]), "{:#}", rows[0]);
}

#[tokio::test]
async fn nor_does_it_after_a_failover() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.first.always(Script::json(
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#,
    ));
    let answer = pair.switchyard.send(&request(&pair.user.key, body(&[thinking("sy1.o.x")]))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for upstream in [&pair.first, &pair.second] {
        assert_eq!(upstream.requests()[0].body, body(&[]));
    }
}

#[tokio::test]
async fn other_families_thinking_does_not_reach_openai() {
    let stand = Stand::new().await;
    let item = |blob: &str| json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": blob });
    let body = |thinking: &[Value]| {
        let mut input = thinking.to_vec();
        input.push(json!({ "type": "message", "role": "user", "content": "Again." }));
        json!({ "model": MODEL, "store": false, "input": input }).to_string()
    };
    let given = body(&[item("sy1.a.t..EgYKBAgLGAI="), item("gAAAAABo")]);
    let bearer = format!("Bearer {}", stand.user.key);
    let request = Request::post("/v1/responses", given).header("authorization", bearer.as_str());
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stand.upstream.only_request().body, body(&[item("gAAAAABo")]), "byte for byte");
    let rows = stand.switchyard.rows_when(1).await;
    assert_eq!(rows[0]["edits"], json!(["strip_foreign_thinking"]), "{:#}", rows[0]);
}

#[tokio::test]
async fn google_s_signatures_reach_no_other_vendor_of_chat() {
    let stand = Stand::new().await;
    let body = |extra: Option<Value>| {
        let mut call = json!({ "id": "c1", "type": "function",
            "function": { "name": "read", "arguments": "{}" } });
        if let Some(extra) = extra {
            call["extra_content"] = extra;
        }
        json!({ "model": MODEL, "messages": [
            { "role": "user", "content": "Read." },
            { "role": "assistant", "content": null, "tool_calls": [call] },
            { "role": "tool", "tool_call_id": "c1", "content": "Hello." },
        ] })
        .to_string()
    };
    let bearer = format!("Bearer {}", stand.user.key);
    let post = |body: String| {
        Request::post("/v1/chat/completions", body).header("authorization", bearer.as_str())
    };
    let signed = json!({ "google": { "thought_signature": "EgUKAwHR7Q==" } });
    let answer = stand.switchyard.send(&post(body(Some(signed)))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stand.upstream.only_request().body, body(None), "byte for byte");
    let rows = stand.switchyard.rows_when(1).await;
    assert_eq!(rows[0]["edits"], json!(["strip_foreign_thinking"]), "{:#}", rows[0]);
}

#[tokio::test]
async fn other_families_signatures_do_not_reach_google() {
    let stand = Stand::new().await;
    let body = |signed: Value| {
        json!({ "contents": [
            { "role": "user", "parts": [{ "text": "Read." }] },
            { "role": "model", "parts": [signed] },
            { "role": "user", "parts": [{ "text": "Again." }] },
        ] })
        .to_string()
    };
    let given = body(json!({ "text": "so", "thoughtSignature": OWN }));
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    let request = Request::post(&path, given).header("x-goog-api-key", &stand.user.key);
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stand.upstream.only_request().body, body(json!({ "text": "so" })), "byte for byte");
    let rows = stand.switchyard.rows_when(1).await;
    assert_eq!(rows[0]["edits"], json!(["strip_foreign_thinking"]), "{:#}", rows[0]);
}
