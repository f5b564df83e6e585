//! A whole answer made of a stream, and a stream made of a whole answer.

use serde_json::json;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::read::{read, text};
use super::stand::{Kinds, pairs};
use crate::relay::stand::assert_row;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN, error_event, truncated};
use crate::support::upstream::{Script, Upstream};

#[tokio::test]
async fn a_provider_that_answers_otherwise_than_it_was_asked_is_understood() {
    let kinds = Kinds::new().await;
    let mut done = 0;
    for (client, kind) in pairs() {
        let provider = kind.dialect();
        for stream in [true, false] {
            let script = if stream {
                Script::json(200, answers::answer(provider, MODEL, "Hello.", &PLAIN))
            } else {
                Script::frames(answers::frames(provider, MODEL, 3, &PLAIN))
            };
            kinds.upstream.reset();
            kinds.upstream.always(script);
            let answer = kinds.ask(client, kind, stream).await;
            let said = text(&read(client, stream, &answer));
            let expected = if stream { "Hello." } else { "piece 0 piece 1 piece 2 " };
            assert!(said.starts_with(expected), "{client} at {kind}: {}", answer.text());
            done += 1;
            assert_row(&kinds.switchyard.rows_when(done).await[0], 200, &PLAIN);
        }
    }
}

#[tokio::test]
async fn a_stream_that_fails_is_no_whole_answer_but_a_reason_to_ask_another() {
    let kinds = Kinds::new().await;
    for (client, kind) in pairs() {
        let provider = kind.dialect();
        let begun = || truncated(provider, MODEL, 3);
        let scripts = [
            begun().end(),
            begun().reset(),
            begun().chunk(error_event(provider, 500, "broken")).end(),
        ];
        for script in scripts {
            kinds.upstream.reset();
            kinds.upstream.once(script);
            let answer = kinds.ask(client, kind, false).await;
            assert_eq!(text(&read(client, false, &answer)), "Hello.", "{client} at {kind}");
            assert_eq!(kinds.upstream.count(), 2, "{client} at {kind}");
        }
    }
}

#[tokio::test]
async fn who_knows_nothing_but_streams_answers_clients_that_want_none() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let url = format!("{}/backend-api/codex/responses", upstream.url());
    switchyard.add_provider("codex", &url, json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    for client in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Gemini] {
        upstream.reset();
        let request = Request::model(client, &user.key, MODEL, false);
        let answer = switchyard.send(&request).await;
        let said = text(&read(client, false, &answer));
        assert_eq!(said, "piece 0 piece 1 piece 2 ", "{client}: {}", answer.text());
        let seen = upstream.only_request();
        assert_eq!(
            (seen.json()["stream"].clone(), seen.json()["store"].clone()),
            (json!(true), json!(false))
        );
        assert_eq!(seen.path, "/backend-api/codex/responses");
        assert_eq!(seen.header("accept"), Some("text/event-stream"));
    }
}

#[tokio::test]
async fn a_call_that_the_model_wrote_badly_is_paid_for_once_and_charged_to_nobody() {
    let kinds = Kinds::new().await;
    let usage = json!({ "promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12 });
    let said = json!({ "candidates": [{ "index": 0, "finishReason": "MALFORMED_FUNCTION_CALL",
        "content": { "role": "model", "parts": [{ "text": "So " }] } }], "usageMetadata": usage });
    let mut done = 0;
    for streams in [false, true] {
        let script = if streams {
            Script::frames([format!("data: {said}\n\n")])
        } else {
            Script::json(200, said.to_string())
        };
        kinds.upstream.reset();
        kinds.upstream.always(script);
        for client in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses] {
            let answer = kinds.ask(client, ProviderKind::Gemini, false).await;
            assert_eq!(answer.status, 502, "{client}: {}", answer.text());
            let error = answer.json()["error"].clone();
            assert!(error["message"].to_string().contains("cannot be read"), "{error}");
            done += 1;
            assert_eq!(kinds.upstream.count(), if streams { done - 3 } else { done });
            let row = &kinds.switchyard.rows_when(done).await[0];
            assert_eq!(
                (&row["inputTokens"], &row["outputTokens"]),
                (&json!(7), &json!(5)),
                "{row:#}"
            );
            assert!(!row["costUsd"].is_null(), "{row:#}");
        }
    }
    assert_eq!(kinds.switchyard.failures(kinds.id(ProviderKind::Gemini)).await, 0);
}
