//! Counting tokens: in the client's own words at a provider that has them, in another provider's words,
//! and without anybody by a marked estimate; free, in nobody's limits, and no breaker's matter.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand, assert_unknown_cost};
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, error_body};
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// The formats that have a counter.
const COUNTERS: [Dialect; 4] =
    [Dialect::Anthropic, Dialect::Responses, Dialect::Gemini, Dialect::GeminiCli];

fn path(dialect: Dialect) -> String {
    match dialect {
        Dialect::Anthropic => "/v1/messages/count_tokens".to_owned(),
        Dialect::Responses => "/v1/responses/input_tokens".to_owned(),
        Dialect::GeminiCli => "/v1internal:countTokens".to_owned(),
        _ => format!("/v1beta/models/{MODEL}:countTokens"),
    }
}

/// A question in the dialect about some instructions and a text; the spacing is odd on purpose.
fn question(dialect: Dialect, text: &str) -> String {
    let text = json!(text);
    match dialect {
        Dialect::Anthropic => format!(
            r#"{{ "model":"{MODEL}","system":"Be brief.", "messages":[{{"role":"user","content":{text}}}]}}"#
        ),
        Dialect::Responses => {
            format!(r#"{{"model" : "{MODEL}","instructions":"Be brief.","input":{text}}}"#)
        }
        Dialect::GeminiCli => format!(
            r#"{{"request":{{"model":"models/{MODEL}", "contents":[{{"role":"user","parts":[{{"text":{text}}}]}}]}}}}"#
        ),
        _ => format!(r#"{{"contents":[{{"role":"user", "parts":[{{"text":{text}}}]}}]}}"#),
    }
}

fn asking(key: &str, dialect: Dialect, text: &str) -> Request {
    Request::post(&path(dialect), question(dialect, text)).bearer(key)
}

/// Returns the number in the client's own form; panics when it has another.
fn count(dialect: Dialect, answer: &Answer) -> u64 {
    assert_eq!(answer.status, 200, "{dialect}: {}", answer.text());
    let said = answer.json();
    let (name, members) = match dialect {
        Dialect::Gemini | Dialect::GeminiCli => ("totalTokens", 1),
        Dialect::Responses => {
            assert_eq!(said["object"], "response.input_tokens");
            ("input_tokens", 2)
        }
        _ => ("input_tokens", 1),
    };
    assert_eq!(said.as_object().expect("an object").len(), members, "{said}");
    said[name].as_u64().unwrap_or_else(|| panic!("{dialect} hears a number: {said}"))
}

fn is_estimate(answer: &Answer) -> bool {
    answer.header("x-switchyard-estimate") == Some("1")
}

/// Asserts that a row costs nothing and says nothing of tokens.
fn assert_free(row: &Value) {
    assert_eq!(row["statusCode"], 200, "{row:#}");
    assert_eq!(row["inputTokens"], Value::Null, "{row:#}");
    assert_unknown_cost(row);
}

#[tokio::test]
async fn each_client_counts_in_its_own_words_byte_for_byte() {
    let stand = Stand::new().await;
    for (done, dialect) in COUNTERS.into_iter().enumerate() {
        stand.upstream.forget();
        let request = asking(&stand.user.key, dialect, "How long is this?");
        let answer = stand.switchyard.send(&request).await;
        assert_eq!(count(dialect, &answer), PLAIN.input);
        assert!(!is_estimate(&answer));
        let seen = stand.upstream.only_request();
        assert_eq!(
            (seen.path.as_str(), &seen.body),
            (path(dialect).as_str(), request.body_bytes())
        );
        assert_free(&stand.switchyard.rows_when(done + 1).await[0]);
    }
}

#[tokio::test]
async fn each_client_has_its_tokens_counted_by_every_kind_that_has_a_counter() {
    for from in COUNTERS {
        for to in COUNTERS.into_iter().filter(|to| *to != from) {
            let upstream = Upstream::start();
            let switchyard = Switchyard::start().await;
            switchyard.serve(to, &upstream).await;
            let user = switchyard.add_user(json!({})).await;
            let answer = switchyard.send(&asking(&user.key, from, "How long is this?")).await;
            assert_eq!(count(from, &answer), PLAIN.input, "{from} at {to}");
            assert!(!is_estimate(&answer), "{from} at {to}");
            let seen = upstream.only_request();
            assert_eq!(seen.path, path(to), "{from} at {to}");
            let body = String::from_utf8_lossy(&seen.body).into_owned();
            assert!(body.contains("How long is this?"), "{from} at {to}: {body}");
            assert!(!seen.headers.iter().any(|(_, value)| value.contains(&user.key)));
            let row = switchyard.only_row().await;
            assert_free(&row);
            assert_eq!(row["edits"].as_array().map(Vec::len), Some(1), "{row:#}");
        }
    }
}

#[tokio::test]
async fn where_nobody_counts_the_client_gets_an_estimate_that_says_so() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.serve(Dialect::OpenaiChat, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let text = "A sentence of about ten tokens, give or take. ".repeat(100);
    for (done, dialect) in COUNTERS.into_iter().enumerate() {
        let answer = switchyard.send(&asking(&user.key, dialect, &text)).await;
        let tokens = count(dialect, &answer);
        assert!((900..1_500).contains(&tokens), "{dialect}: {tokens}");
        assert!(is_estimate(&answer), "{dialect}");
        let row = switchyard.rows_when(done + 1).await.remove(0);
        assert_free(&row);
        assert!(row["notes"].to_string().contains("estimated"), "{row:#}");
    }
    assert_eq!(upstream.count(), 0, "chat completions have no counter");
}

#[tokio::test]
async fn nobody_gets_an_estimate_for_a_model_that_nobody_serves() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let only = json!({ "allowed_models": ["another"] });
    switchyard.add_provider("openai-compatible", &upstream.url(), only).await;
    let user = switchyard.add_user(json!({})).await;
    let answer = switchyard.send(&asking(&user.key, Dialect::Anthropic, "hi")).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
}

#[tokio::test]
async fn without_conversion_a_counter_of_another_format_is_not_asked() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start_with(&[("ENABLE_FORMAT_CONVERSION", "false")]).await;
    switchyard.serve(Dialect::Gemini, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let answer = switchyard.send(&asking(&user.key, Dialect::Anthropic, "hi")).await;
    assert_eq!((answer.status, upstream.count()), (503, 0), "{}", answer.text());
}

#[tokio::test]
async fn counts_that_fail_go_on_to_the_next_and_then_to_an_estimate_and_blame_nobody() {
    let pair = Pair::new(Dialect::Anthropic).await;
    for status in [401, 404, 405, 429, 500, 503, 529] {
        let body = error_body(Dialect::Anthropic, status, "no counter here");
        pair.first.always(Script::json(status, body.clone()));
        let request = asking(&pair.user.key, Dialect::Anthropic, "hi");
        for _ in 0..6 {
            let answer = pair.switchyard.send(&request).await;
            let is_final = status == 405;
            assert_eq!(is_estimate(&answer), is_final, "{status}: the second one counts");
            count(Dialect::Anthropic, &answer);
        }
        pair.second.always(Script::json(status, body));
        let answer = pair.switchyard.send(&request).await;
        assert!(count(Dialect::Anthropic, &answer) > 0 && is_estimate(&answer), "{status}");
        pair.first.reset();
        pair.second.reset();
    }
    for provider in [pair.first_id, pair.second_id] {
        assert_eq!(pair.switchyard.failures(provider).await, 0, "no breaker heard of it");
    }
    for row in pair.switchyard.all_rows().await {
        assert_free(&row);
        let estimated = row["notes"].to_string().contains("estimated");
        assert_eq!(row["providerName"].is_null(), estimated, "nobody's success: {row:#}");
    }
}

/// Of three seconds the first provider has its share, and the second one the rest.
const BRIEF: [(&str, &str); 1] = [("SWITCHYARD_COUNT_DEADLINE_SECONDS", "3")];

#[tokio::test]
async fn behind_a_silent_provider_the_next_one_counts_in_time_for_every_client() {
    for (client, to) in [
        (Dialect::Anthropic, Dialect::Anthropic),
        (Dialect::Responses, Dialect::Responses),
        (Dialect::Gemini, Dialect::Gemini),
        (Dialect::GeminiCli, Dialect::GeminiCli),
        (Dialect::Anthropic, Dialect::Gemini),
    ] {
        let pair = Pair::with(to, &BRIEF).await;
        pair.first.always(Script::default().stall());
        let begun = Instant::now();
        let answer = pair.switchyard.send(&asking(&pair.user.key, client, "hi")).await;
        let took = begun.elapsed();
        assert_eq!(count(client, &answer), PLAIN.input, "{client} at {to}");
        assert!(!is_estimate(&answer) && took < Duration::from_secs(3), "{client}: {took:?}");
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "{client} at {to}");
        let row = pair.switchyard.only_row().await;
        assert_free(&row);
        assert_eq!(Pair::chain(&row), [pair.first_id, pair.second_id], "{row:#}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "counting blames nobody");
    }
}

#[tokio::test]
async fn where_all_are_silent_the_count_is_estimated_in_time() {
    let pair = Pair::with(Dialect::Anthropic, &BRIEF).await;
    for silent in [&pair.first, &pair.second] {
        silent.always(Script::default().stall());
    }
    for client in [Dialect::Anthropic, Dialect::Gemini] {
        let begun = Instant::now();
        let answer = pair.switchyard.send(&asking(&pair.user.key, client, "hi")).await;
        let took = begun.elapsed();
        assert!(count(client, &answer) > 0 && is_estimate(&answer), "{client}");
        assert!(took < Duration::from_secs(5), "{client}: {took:?}");
    }
}

#[tokio::test]
async fn a_question_that_is_wrong_is_told_in_the_vendors_own_words() {
    let stand = Stand::new().await;
    let body = error_body(Dialect::Anthropic, 400, "messages: too odd");
    let rule = Rule::new(Match::any().path("count_tokens"), Script::json(400, body.clone()));
    stand.upstream.script(rule);
    let answer = stand.switchyard.send(&asking(&stand.user.key, Dialect::Anthropic, "hi")).await;
    assert_eq!((answer.status, answer.text()), (400, body));
    let broken = Request::post("/v1/messages/count_tokens", "{").bearer(&stand.user.key);
    assert_eq!(stand.switchyard.send(&broken).await.status, 400);
}

#[tokio::test]
async fn a_refusal_that_names_no_error_is_no_answer_to_a_count() {
    let plain = |status: u16, kind: &str, body: &'static str| {
        Script::status(status).header("content-type", kind).body(body)
    };
    let page = "<html><head><title>400 Bad Request</title></head></html>";
    let program = "This credential is only authorized for use with Claude Code.";
    let pair = Pair::new(Dialect::Anthropic).await;
    let request = asking(&pair.user.key, Dialect::Anthropic, "hi");
    for (what, script) in [
        ("text", plain(400, "text/plain", "Bad Request")),
        ("a page", plain(422, "text/html", page)),
        ("nothing", Script::status(400).body("")),
        ("an empty object", Script::json(422, "{}")),
        ("the program", Script::json(400, error_body(Dialect::Anthropic, 400, program))),
    ] {
        for upstream in [&pair.first, &pair.second] {
            upstream.reset();
            upstream.always(script.clone());
        }
        let answer = pair.switchyard.send(&request).await;
        assert!(count(Dialect::Anthropic, &answer) > 0 && is_estimate(&answer), "{what}");
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "{what}");
        pair.second.reset();
        let answer = pair.switchyard.send(&request).await;
        assert_eq!(count(Dialect::Anthropic, &answer), PLAIN.input, "{what}: the second counts");
    }
}

#[tokio::test]
async fn counting_is_no_request_in_limits_and_has_a_bound_of_its_own() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start_with(&[("SWITCHYARD_COUNTS_A_MINUTE", "20")]).await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "rpm": 2 })).await;
    let request = asking(&user.key, Dialect::Anthropic, "hi");
    let mut refused = None;
    for number in 0..40 {
        let answer = switchyard.send(&request).await;
        if answer.status != 200 {
            refused = Some((number, answer));
            break;
        }
    }
    let (number, answer) = refused.expect("a bound");
    assert!((20..30).contains(&number), "{number} at once");
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.json()["error"]["type"], "rate_limit_error");
    let wait: u64 = answer.header("retry-after").expect("when").parse().expect("seconds");
    assert!((1..=3).contains(&wait), "{wait}");
    for _ in 0..2 {
        let ask = Request::model(Dialect::Anthropic, &user.key, MODEL, false);
        assert_eq!(switchyard.send(&ask).await.status, 200, "no count was a request");
    }
    let ask = Request::model(Dialect::Anthropic, &user.key, MODEL, false);
    assert_eq!(switchyard.send(&ask).await.status, 429);
}

#[tokio::test]
async fn a_redirected_model_is_counted_as_the_one_that_is_sent() {
    for (dialect, wanted) in [
        (Dialect::GeminiCli, json!("models/vendor-model")),
        (Dialect::Anthropic, json!("vendor-model")),
    ] {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start().await;
        let id = switchyard.serve(dialect, &upstream).await;
        let change = json!({ "providerId": id, "allowed_models": [MODEL],
            "model_redirects": { MODEL: "vendor-model" } });
        switchyard.admin("providers/editProvider", change).await;
        let user = switchyard.add_user(json!({})).await;
        let answer = switchyard.send(&asking(&user.key, dialect, "hi")).await;
        assert_eq!(count(dialect, &answer), PLAIN.input);
        let body: Value = serde_json::from_slice(&upstream.only_request().body).expect("JSON");
        let model =
            if dialect == Dialect::GeminiCli { &body["request"]["model"] } else { &body["model"] };
        assert_eq!(*model, wanted);
        assert_eq!(switchyard.only_row().await["originalModel"], MODEL);
    }
}
