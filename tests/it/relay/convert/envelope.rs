//! Gemini and Gemini in the CLI's envelope: the envelope is put on or taken off, and nothing else changes.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::stand::Kinds;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;

/// What no other format has a place for.
fn inside() -> Value {
    json!({
        "contents": [{ "role": "user", "parts": [{ "text": "Hi", "x": 1.5 }] }],
        "safetySettings": [{ "category": "C", "threshold": "T" }],
        "tools": [{ "functionDeclarations": [
            { "name": "f", "parametersJsonSchema": { "type": "object", "not": {} } }] }],
        "generationConfig": { "candidateCount": 2, "mediaResolution": "M", "unknown": 1 },
        "labels": { "a": "b" },
    })
}

fn said() -> Value {
    json!({ "candidates": [
            { "content": { "role": "model", "parts": [{ "text": "Ho", "x": 1.5 }] },
                "finishReason": "STOP", "safetyRatings": [] },
            { "index": 1, "content": { "parts": [{ "text": "Hu" }] }, "finishReason": "STOP" },
        ],
        "usageMetadata": { "promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12 },
        "modelVersion": "as-the-provider-says", "responseId": "g1", "unknown": 1 })
}

fn wrapped(said: &Value) -> Value {
    json!({ "response": said, "traceId": "g1" })
}

fn ask(client: Dialect, key: &str, stream: bool) -> Request {
    let action = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    let (path, body) = match client {
        Dialect::GeminiCli => {
            let body = json!({ "model": MODEL, "project": "mine", "request": inside() });
            (format!("/v1internal:{action}"), body)
        }
        _ => (format!("/v1beta/models/{MODEL}:{action}"), inside()),
    };
    Request::post(&path, body.to_string()).header("x-goog-api-key", key)
}

#[tokio::test]
async fn what_is_inside_passes_as_it_was_written() {
    let kinds = Kinds::new().await;
    let pairs =
        [(Dialect::Gemini, ProviderKind::GeminiCli), (Dialect::GeminiCli, ProviderKind::Gemini)];
    let mut rows = 0;
    for (client, kind) in pairs {
        for stream in [false, true] {
            let what = format!("{client} at {kind}, stream {stream}");
            let (comes, wanted) = match client {
                Dialect::Gemini => (wrapped(&said()), said()),
                _ => (said(), wrapped(&said())),
            };
            kinds.upstream.reset();
            kinds.upstream.always(if stream {
                Script::frames([format!("data: {comes}\n\n")])
            } else {
                Script::json(200, comes.to_string())
            });
            let answer = kinds.switchyard.send(&ask(client, kinds.key(kind), stream)).await;
            assert_eq!(answer.status, 200, "{what}: {}", answer.text());
            let frame = format!("data: {wanted}\n\n");
            let wanted = if stream { frame } else { wanted.to_string() };
            assert_eq!(answer.text(), wanted, "{what}");

            let seen = kinds.upstream.only_request().json();
            let request = if client == Dialect::Gemini { &seen["request"] } else { &seen };
            assert_eq!(*request, inside(), "{what}");
            if client == Dialect::Gemini {
                assert_eq!(seen["model"], MODEL, "{what}");
            }
            rows += 1;
            let row = &kinds.switchyard.rows_when(rows).await[0];
            assert_eq!(
                (&row["inputTokens"], &row["outputTokens"]),
                (&json!(7), &json!(5)),
                "{what}"
            );
            let losses =
                if client == Dialect::Gemini { json!([]) } else { json!(["drop.envelope_ids"]) };
            assert_eq!(row["losses"], losses, "{what}: {row:#}");
        }
    }
}
