//! Answers that are good and do not look like it, answers that look good and are not, and errors
//! inside streams, whose nature is kept.

mod streams;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use self::streams::{INERT, named, plain, responses, without_text};
use super::stand::{Pair, Stand, assert_row};
use crate::support::client::{End, Request};
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, Tokens, error_event, frames};
use crate::support::waiting::{self, SOON};

#[tokio::test]
async fn a_stream_without_text_passes_as_it_is_and_charges_nobody() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        for (done, (what, all)) in without_text(dialect).into_iter().enumerate() {
            pair.first.reset();
            pair.first.always(Script::frames(all.clone()));
            let answer = pair.ask(dialect, true).await;
            assert_eq!((answer.status, answer.end), (200, End::Clean), "{dialect}, {what}");
            assert_eq!(answer.text(), all.concat(), "{dialect}, {what}");
            let row = pair.switchyard.rows_when(done + 1).await.remove(0);
            assert_row(&row, 200, &PLAIN);
        }
        assert_eq!(pair.second.count(), 0, "{dialect}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{dialect}");
    }
}

#[tokio::test]
async fn the_first_content_without_text_opens_the_gate_at_once() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        for (what, all) in without_text(dialect) {
            if what == INERT || what == "thinking" {
                continue;
            }
            pair.first.reset();
            let (last, begun) = all.split_last().expect("frames");
            let script = Script::stream().chunks(begun.to_vec()).sleep(Duration::from_secs(2));
            pair.first.always(script.chunk(last.clone()).end());
            let request = Request::saying(dialect, &pair.user.key, MODEL, true, what);
            let start = Instant::now();
            let live = pair.switchyard.client().open(&request).await.unwrap();
            let took = start.elapsed();
            assert!(took < Duration::from_millis(1_500), "{dialect}, {what}: {took:?}");
            assert_eq!(live.finish().await.unwrap().text(), all.concat(), "{dialect}, {what}");
        }
    }
}

#[tokio::test]
async fn fifty_empty_answers_leave_the_breakers_closed() {
    let anthropic = {
        let mut all = frames(Dialect::Anthropic, MODEL, 1, &Tokens { output: 4, ..PLAIN });
        all.retain(|frame| !frame.contains("content_block"));
        all
    };
    let cases = [(Dialect::Responses, responses(&[])), (Dialect::Anthropic, anthropic)];
    for (dialect, all) in cases {
        let pair = Pair::new(dialect).await;
        for upstream in [&pair.first, &pair.second] {
            upstream.always(Script::frames(all.clone()));
        }
        for _ in 0..50 {
            let answer = pair.ask(dialect, true).await;
            assert_eq!((answer.status, answer.text()), (200, all.concat()), "{dialect}");
        }
        for provider in [pair.first_id, pair.second_id] {
            assert_eq!(pair.switchyard.failures(provider).await, 0, "{dialect}");
        }
    }
}

#[tokio::test]
async fn nulls_of_a_vendor_pass_as_they_came() {
    let dialect = Dialect::Responses;
    let pair = Pair::new(dialect).await;
    let item = json!({ "type": "reasoning", "id": "i", "content": null, "summary": null });
    let done = json!({ "type": "response.output_item.done", "output_index": 0, "item": item });
    let text = json!({ "type": "response.output_text.delta", "item_id": "j", "output_index": 1,
        "delta": "Hello.", "logprobs": null });
    let all = responses(&[done, text]);
    pair.first.once(Script::frames(all.clone()));
    assert_eq!(pair.ask(dialect, true).await.text(), all.concat());
    let whole = answers::answer(dialect, MODEL, "Hello.", &PLAIN);
    let whole = whole.replacen('{', "{\"annotations\":null,\"summary\":null,", 1);
    pair.first.once(Script::json(200, whole.clone()));
    assert_eq!(pair.ask(dialect, false).await.text(), whole);
    for row in pair.switchyard.rows_when(2).await {
        assert_row(&row, 200, &PLAIN);
    }
    assert_eq!(pair.second.count(), 0);
}

/// Errors inside a stream that are the client's own: what stands before them, and their frame.
fn clients_errors(dialect: Dialect) -> Vec<(&'static str, String)> {
    let openai = |code: &str| {
        plain(&json!({ "error": { "type": "invalid_request_error", "code": code,
            "message": "not like this" } }))
    };
    let event = |code: &str| {
        named(&json!({ "type": "error", "code": code, "message": "not like this", "param": null }))
    };
    let failed = json!({ "type": "response.failed", "response": { "id": "resp_1",
        "status": "failed", "error": { "code": "invalid_prompt", "message": "not like this" } } });
    let gemini = plain(&json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT",
        "message": "not like this" } }));
    match dialect {
        Dialect::Anthropic => vec![(
            "invalid_request_error",
            named(&json!({ "type": "error", "error": { "type": "invalid_request_error",
                "message": "prompt is too long: not like this" } })),
        )],
        Dialect::OpenaiChat => vec![
            ("context_length_exceeded", openai("context_length_exceeded")),
            ("content_filter", openai("content_filter")),
        ],
        Dialect::Responses => vec![
            ("cyber_policy", event("cyber_policy")),
            ("context_length_exceeded", event("context_length_exceeded")),
            ("invalid_request_error", event("invalid_request_error")),
            ("invalid_prompt", named(&failed)),
        ],
        Dialect::Gemini | Dialect::GeminiCli => vec![("INVALID_ARGUMENT", gemini)],
    }
}

/// What a vendor sends before any content.
fn shell(dialect: Dialect) -> Vec<String> {
    let all = frames(dialect, MODEL, 1, &PLAIN);
    all.into_iter().take_while(|frame| !frame.contains("piece 0")).collect()
}

#[tokio::test]
async fn a_clients_error_inside_a_stream_is_told_to_it_alone() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        for (done, (code, frame)) in clients_errors(dialect).into_iter().enumerate() {
            pair.first.reset();
            pair.first.always(Script::stream().chunks(shell(dialect)).chunk(frame).end());
            let answer = pair.ask(dialect, true).await;
            let text = answer.text();
            assert_eq!(answer.status, 400, "{dialect}, {code}: {text}");
            assert!(text.contains(code) && text.contains("not like this"), "{code}: {text}");
            assert!(answer.json()["error"].is_object(), "{dialect}, {code}: {text}");
            let row = pair.switchyard.rows_when(done + 1).await.remove(0);
            assert_eq!(row["statusCode"], 400, "{row:#}");
            let reason = &row["providerChain"][0]["reason"];
            assert_eq!(reason, "client_error_non_retryable", "{row:#}");
        }
        assert_eq!(pair.second.count(), 0, "{dialect}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{dialect}");
    }
}

#[tokio::test]
async fn a_providers_error_inside_a_stream_is_another_providers_chance() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        for error in [429, 500, 529].map(|status| error_event(dialect, status, "no")) {
            let reset = json!({ "providerId": pair.first_id });
            pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
            pair.first.reset();
            pair.first.always(Script::stream().chunks(shell(dialect)).chunk(error.clone()).end());
            let answer = pair.ask(dialect, true).await;
            let expected = frames(dialect, MODEL, 3, &PLAIN).concat();
            assert_eq!(answer.text(), expected, "{dialect}: {error}");
            assert!(pair.first.count() >= 1, "{dialect}: {error}");
        }
    }
}

#[tokio::test]
async fn a_200_that_means_an_error_is_told_by_its_words_on_the_row() {
    let dialect = Dialect::Anthropic;
    let error = json!({ "error": { "message": "Invalid API key" } }).to_string();
    let head = || Script::status(200).header("content-type", "application/json");
    let cases = [
        ("with a length", head().body(error.clone())),
        ("chunked", head().chunked().chunk(error.clone()).end()),
        ("with a byte order mark", head().body(format!("\u{feff}{error}"))),
    ];
    let pair = Pair::new(dialect).await;
    let mut done = 0;
    for (what, script) in cases {
        for stream in [true, false] {
            let reset = json!({ "providerId": pair.first_id });
            pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
            pair.first.reset();
            pair.first.always(script.clone());
            assert_eq!(pair.ask(dialect, stream).await.status, 200, "{what}");
            done += 1;
            let row = pair.switchyard.rows_when(done).await.remove(0);
            let tried = &row["providerChain"][0];
            assert_eq!(
                (&tried["statusCode"], &tried["statusCodeInferred"]),
                (&json!(401), &json!(true)),
                "{what}: {row:#}"
            );
            assert_eq!(tried["errorMessage"], "Invalid API key", "{what}: {row:#}");
            assert_row(&row, 200, &PLAIN);
            assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "{what}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_speaks_of_errors_is_none() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        let words = "{\"error\": {\"message\": \"overloaded\"}} is what an error looks like";
        let whole = answers::answer(dialect, MODEL, words, &PLAIN);
        pair.first.once(Script::json(200, whole.clone()));
        assert_eq!(pair.ask(dialect, false).await.text(), whole, "{dialect}");
        let said = json!(words).to_string();
        let all: Vec<String> = frames(dialect, MODEL, 3, &PLAIN)
            .iter()
            .map(|frame| frame.replace("\"piece 0 \"", &said))
            .collect();
        pair.first.once(Script::frames(all.clone()));
        assert_eq!(pair.ask(dialect, true).await.text(), all.concat(), "{dialect}");
        assert_eq!(pair.second.count(), 0, "{dialect}");
        for row in pair.switchyard.rows_when(2).await {
            assert_row(&row, 200, &PLAIN);
        }
    }
}

#[tokio::test]
async fn seven_hundred_bytes_and_then_nothing_are_another_providers_chance() {
    let limits =
        [("SWITCHYARD_FIRST_CONTENT_SECONDS", "2"), ("SWITCHYARD_STREAM_IDLE_SECONDS", "3")];
    for dialect in DIALECTS {
        let pair = Pair::with(dialect, &limits).await;
        let comment = format!(": {}\n\n", "x".repeat(700));
        pair.first.always(Script::stream().chunks(shell(dialect)).chunk(comment).stall());
        let start = Instant::now();
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.text(), frames(dialect, MODEL, 3, &PLAIN).concat(), "{dialect}");
        let took = start.elapsed();
        assert!(took < Duration::from_millis(3_500), "{dialect}: {took:?}");
        assert_eq!(pair.first.count(), 1, "{dialect}: its time is over");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "{dialect}: charged once");
        let left = || pair.first.open_connections() == 0;
        waiting::until_true("the silent one is left", SOON, left).await;
    }
}

#[tokio::test]
async fn a_session_is_not_kept_on_who_broke_off() {
    let dialect = Dialect::Responses;
    let pair = Pair::new(dialect).await;
    let ask = async || {
        let request = Request::saying(dialect, &pair.user.key, MODEL, true, "Hello.");
        pair.switchyard
            .send(&request.header("session_id", "0199aaaa-1111-7222-8333-444455556666"))
            .await
    };
    let broken = answers::truncated(dialect, MODEL, 3).reset();
    pair.first.once(broken);
    assert!(ask().await.text().contains("response.failed"));
    for (provider, priority) in [(pair.first_id, 5), (pair.second_id, 1)] {
        let edit = json!({ "providerId": provider, "priority": priority });
        pair.switchyard.admin("providers/editProvider", edit).await;
    }
    assert_eq!(ask().await.status, 200);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "it begins anew");
    let back = json!({ "providerId": pair.first_id, "priority": 0 });
    pair.switchyard.admin("providers/editProvider", back).await;
    assert_eq!(ask().await.status, 200);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 2), "and stays with who served it");
}

#[tokio::test]
async fn an_answer_that_is_broken_off_costs_what_its_vendor_has_told() {
    let stand = Stand::new().await;
    let begun = answers::truncated(Dialect::Anthropic, MODEL, 2);
    stand.upstream.always(begun.reset());
    stand.ask(Dialect::Anthropic, true).await;
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["statusCode"], 502, "{row:#}");
    assert_eq!(row["inputTokens"], PLAIN.input, "{row:#}");
    assert_eq!(row["providerChain"][0]["reason"], "system_error", "{row:#}");
    let error = Script::stream().chunk(error_event(Dialect::OpenaiChat, 500, "no")).end();
    stand.upstream.reset();
    stand.upstream.always(error);
    assert_eq!(stand.ask(Dialect::OpenaiChat, true).await.status, 503);
    let row = stand.switchyard.rows_when(2).await.remove(0);
    assert_eq!((&row["outputTokens"], &row["costUsd"]), (&Value::Null, &Value::Null), "{row:#}");
}
