//! Whose fault a failure is: what is counted, who is left alone for how long, and what is said.

use std::time::{Duration, Instant};

use serde_json::json;
use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::stand::{Pair, Stand};
use crate::support::client::Request;
use crate::support::launch::free_port;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, error_body, error_event};
use crate::support::upstream::{Match, Rule, Script, Upstream};
use crate::support::waiting;

const DIALECT: Dialect = Dialect::Anthropic;

#[tokio::test]
async fn the_only_provider_is_asked_again_right_after_its_connection_failed() {
    let (upstream, port) = (Upstream::start(), free_port());
    let pair = Pair::new(DIALECT).await;
    let dead = json!({ "providerId": pair.first_id, "url": format!("http://127.0.0.1:{port}") });
    pair.switchyard.admin("providers/editProvider", dead).await;
    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    assert_eq!(pair.ask(DIALECT, true).await.status, 503);
    let back = json!({ "providerId": pair.first_id, "url": upstream.url() });
    pair.switchyard.admin("providers/editProvider", back).await;
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn after_a_failed_connection_others_go_first() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(Script::hang_up());
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    let asked = pair.first.count();
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(pair.first.count(), asked, "it rests while another one can serve");
}

#[tokio::test]
async fn vendors_that_ask_to_wait_are_a_429_and_open_breakers_a_503() {
    let pair = Pair::new(DIALECT).await;
    for (upstream, wait) in [(&pair.first, "30"), (&pair.second, "9")] {
        let busy = Script::status(429).header("retry-after", wait);
        upstream.always(busy.body(error_body(DIALECT, 429, "slow down")));
    }
    assert_eq!(pair.ask(DIALECT, true).await.status, 429);
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, 429, "{}", answer.text());
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((6..=9).contains(&wait), "the smallest wait: {wait}");
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "nobody was asked again");

    for (upstream, provider) in [(&pair.first, pair.first_id), (&pair.second, pair.second_id)] {
        let reset = json!({ "providerId": provider });
        pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
        upstream.reset();
        upstream.always(Script::json(500, error_body(DIALECT, 500, "no")));
    }
    for _ in 0..5 {
        pair.ask(DIALECT, true).await;
    }
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("No provider available"), "{}", answer.text());
    assert_eq!(answer.header("retry-after"), None);
}

#[tokio::test]
async fn being_busy_opens_no_breaker() {
    let in_stream = |status| Script::stream().chunk(error_event(DIALECT, status, "busy")).end();
    let cases = [
        ("429", Script::json(429, error_body(DIALECT, 429, "slow down"))),
        ("a rate limit in the stream", in_stream(429)),
    ];
    for (what, script) in cases {
        let pair = Pair::new(DIALECT).await;
        let off = json!({ "providerId": pair.second_id, "is_enabled": false });
        pair.switchyard.admin("providers/editProvider", off).await;
        pair.first.always(script);
        for _ in 0..7 {
            assert!(pair.ask(DIALECT, true).await.status >= 429, "{what}");
        }
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{what}");
        assert_eq!(pair.first.count(), 7, "{what}: there is nobody else to ask");
    }
}

#[tokio::test]
async fn an_overload_without_a_wait_still_counts() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(Script::json(529, error_body(DIALECT, 529, "Overloaded")));
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 1);
}

#[tokio::test]
async fn an_overload_at_the_beginning_of_a_stream_counts_as_its_status_would() {
    for dialect in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini] {
        let status = if dialect == Dialect::Gemini { 503 } else { 529 };
        let (streamed, refused) = (Pair::new(dialect).await, Pair::new(dialect).await);
        let event = error_event(dialect, status, "Overloaded");
        streamed.first.always(Script::stream().chunk(event).end());
        refused.first.always(Script::json(status, error_body(dialect, status, "Overloaded")));
        for pair in [&streamed, &refused] {
            assert_eq!(pair.ask(dialect, true).await.status, 200, "{dialect}");
            assert_eq!((pair.first.count(), pair.second.count()), (2, 1), "{dialect}");
            assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "{dialect}");
        }
    }
}

#[tokio::test]
async fn an_overload_at_the_beginning_of_a_stream_that_names_a_wait_counts_nothing() {
    let pair = Pair::new(Dialect::Gemini).await;
    let busy = json!({ "error": { "code": 503, "message": "busy", "status": "UNAVAILABLE",
        "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "40s" }] } });
    pair.first.always(Script::stream().chunk(format!("data: {busy}\n\n")).end());
    for _ in 0..2 {
        assert_eq!(pair.ask(Dialect::Gemini, true).await.status, 200);
    }
    assert_eq!((pair.first.count(), pair.second.count()), (1, 2), "it is left alone");
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0);
}

#[tokio::test]
async fn gemini_is_left_alone_for_as_long_as_its_error_asks() {
    let stand = Stand::new().await;
    let quota = json!({ "error": { "code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED",
        "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "40s" }] } });
    stand.upstream.always(Script::json(429, quota.to_string()));
    assert_eq!(stand.ask(Dialect::Gemini, true).await.status, 429);
    let answer = stand.ask(Dialect::Gemini, true).await;
    assert_eq!(answer.status, 429, "{}", answer.text());
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((30..=40).contains(&wait), "{wait}");
    assert_eq!(stand.upstream.count(), 1);
}

#[tokio::test]
async fn a_wait_without_end_is_none() {
    let pair = Pair::new(Dialect::Gemini).await;
    let quota = json!({ "error": { "code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED",
        "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": "18446744073709551615.5s" }] } });
    for upstream in [&pair.first, &pair.second] {
        upstream.always(Script::json(429, quota.to_string()));
    }
    let answer = pair.ask(Dialect::Gemini, true).await;
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), None, "it was not meant");
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1));
}

#[tokio::test]
async fn what_a_vendor_says_of_itself_with_a_400_is_not_the_clients_fault() {
    let error = |kind: &str, message: &str| {
        json!({ "type": "error", "error": { "type": kind, "message": message } }).to_string()
    };
    let google = json!({ "error": { "code": 400, "message": "API key not valid.",
        "status": "INVALID_ARGUMENT", "details": [{ "reason": "API_KEY_INVALID" }] } });
    let invalid = "invalid_request_error";
    let cases = [
        (400, google.to_string(), 1),
        (400, error(invalid, "Your credit balance is too low to access the API"), 1),
        (400, error(invalid, "write /tmp/spool: no space left on device"), 1),
        (422, error("rate_limit_error", "slow down"), 0),
        (400, error("overloaded_error", "Overloaded"), 1),
        (400, json!({ "error": { "code": "model_not_found", "message": "no" } }).to_string(), 0),
    ];
    for (status, body, charged) in cases {
        let pair = Pair::new(DIALECT).await;
        pair.first.always(Script::json(status, body.clone()));
        assert_eq!(pair.ask(DIALECT, false).await.status, 200, "{body}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, charged, "{body}");
        pair.second.always(Script::json(status, body.clone()));
        let told = pair.ask(DIALECT, false).await;
        assert!(told.status != 400 && !told.text().contains("credit"), "{}", told.text());
    }
}

#[tokio::test]
async fn a_poisonous_request_opens_no_breaker() {
    let pair = Pair::new(DIALECT).await;
    let poison = json!({ "error": { "message": "ValidationException: Input is too long",
        "reason": "CONTENT_LENGTH_EXCEEDS_THRESHOLD" } });
    for upstream in [&pair.first, &pair.second] {
        let rule = Rule::new(Match::any(), Script::json(400, poison.to_string())).times(20);
        upstream.script(rule);
    }
    for _ in 0..20 {
        let answer = pair.ask(DIALECT, false).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("Input is too long"), "{}", answer.text());
    }
    assert_eq!((pair.first.count(), pair.second.count()), (20, 0));
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0);
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
}

#[tokio::test]
async fn a_refusal_without_a_known_form_charges_nobody_and_is_asked_elsewhere_or_is_the_clients() {
    let detail = r#"{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required"}]}"#;
    let text = Script::status(400).header("content-type", "text/plain").body("Bad Request: no");
    let program = "This credential is only authorized for use with Claude Code.";
    let program = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": program } });
    for (script, status, tries, words) in [
        (Script::json(422, detail), 422, (1, 0), "Field required"),
        (text.clone(), 400, (1, 1), "Bad Request: no"),
        (Script::json(400, program.to_string()), 400, (1, 1), "only authorized"),
        (Script::status(400).body(""), 400, (1, 1), "refused the request as invalid"),
    ] {
        let pair = Pair::new(DIALECT).await;
        for upstream in [&pair.first, &pair.second] {
            upstream.always(script.clone());
        }
        for asked in 1..=6 {
            let answer = pair.ask(DIALECT, false).await;
            assert_eq!(answer.status, status, "{}", answer.text());
            assert!(answer.text().contains(words), "{}", answer.text());
            let wanted = (tries.0 * asked, tries.1 * asked);
            assert_eq!((pair.first.count(), pair.second.count()), wanted, "{words}");
        }
        for provider in [pair.first_id, pair.second_id] {
            assert_eq!(pair.switchyard.failures(provider).await, 0, "{words}");
        }
    }
    // Who says it alone may be what stands before a vendor.
    let pair = Pair::new(DIALECT).await;
    pair.first.always(text);
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1));
}

#[tokio::test]
async fn a_refusal_that_names_no_error_is_told_in_words_and_in_the_clients_form() {
    let unsaid = "the upstream refused the request as invalid";
    let odd = r#"{"result":"refused"}"#;
    for dialect in [DIALECT, Dialect::OpenaiChat, Dialect::Gemini] {
        for (status, body, words) in [
            (400, "{}", unsaid),
            (422, r#"{"success":false,"error":{}}"#, unsaid),
            (413, "{}", unsaid),
            (400, odd, odd),
        ] {
            let pair = Pair::new(dialect).await;
            for upstream in [&pair.first, &pair.second] {
                upstream.always(Script::json(status, body));
            }
            let answer = pair.ask(dialect, false).await;
            assert_eq!(answer.status, status, "{dialect}, {body}: {}", answer.text());
            assert_eq!(answer.json()["error"]["message"], words, "{dialect}, {body}");
        }
    }
}

#[tokio::test]
async fn counting_tokens_never_charges_a_breaker() {
    let pair = Pair::new(DIALECT).await;
    let counting = Match::any().path("count_tokens");
    pair.first.script(Rule::new(counting, Script::json(500, error_body(DIALECT, 500, "no"))));
    let body = answers::request(DIALECT, MODEL, false, "text");
    for _ in 0..7 {
        let request = Request::post("/v1/messages/count_tokens", body.clone());
        let answer = pair.switchyard.send(&request.header("x-api-key", &pair.user.key)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{:?}", Operation::CountTokens);
    pair.first.reset();
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    assert_eq!(pair.first.count(), 1, "it is still asked first");
}

#[tokio::test]
async fn the_providers_key_reaches_neither_log_nor_row_nor_client() {
    let key = "sk-live-0123456789abcdefXYZ98765";
    let words = [
        format!("invalid token {key}"),
        "invalid token sk-live-0123******".to_owned(),
        "invalid token ***defXYZ98765".to_owned(),
    ];
    for text in &words {
        for (status, stream) in [(400, false), (404, false), (500, true), (200, true)] {
            let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
            let more = json!({ "key": key });
            switchyard.add_provider(answers::kind(DIALECT), &upstream.url(), more).await;
            let user = switchyard.add_user(json!({})).await;
            let said = match status {
                200 => Script::stream().chunk(error_event(DIALECT, 400, text)).end(),
                _ => Script::json(status, error_body(DIALECT, status, text)),
            };
            upstream.always(said);
            let request = Request::model(DIALECT, &user.key, MODEL, stream);
            let answer = switchyard.send(&request).await;
            assert_eq!(upstream.requests()[0].key(), Some(key));
            let row = switchyard.only_row().await;
            let (log, row_text) = (switchyard.logs(), row.to_string());
            for part in ["live-0123", "XYZ98765"] {
                assert!(!answer.text().contains(part), "{status}: {}", answer.text());
                assert!(!row_text.contains(part), "{status}: {row:#}");
                assert!(!log.contains(part), "{status}: {log}");
            }
            assert!(row_text.contains("invalid token ***"), "{status}: {row:#}");
            if status == 400 {
                assert!(answer.text().contains("invalid token ***"), "{}", answer.text());
                assert!(row_text.contains("key_masked"), "the edit is named: {row:#}");
            }
        }
    }
}

#[tokio::test]
async fn nor_does_it_when_an_answer_ends_in_an_error_that_repeats_it() {
    let key = "sk-live-0123456789abcdefXYZ98765";
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let more = json!({ "key": key });
    switchyard.add_provider(answers::kind(DIALECT), &upstream.url(), more).await;
    let user = switchyard.add_user(json!({})).await;
    let error = error_event(DIALECT, 500, &format!("token {key} was taken back"));
    let begun = answers::frames(DIALECT, MODEL, 3, &answers::PLAIN);
    upstream.always(Script::stream().chunks(begun[..4].to_vec()).chunk(error).end());
    let answer = switchyard.send(&Request::model(DIALECT, &user.key, MODEL, true)).await;
    let (text, row) = (answer.text(), switchyard.only_row().await.to_string());
    assert!(text.contains("piece 0") && text.contains("token *** was taken back"), "{text}");
    assert!(row.contains("token *** was taken back") && row.contains("key_masked"), "{row}");
    assert!(![text, row, switchyard.logs()].iter().any(|said| said.contains("0123456789")));
}

#[tokio::test]
async fn an_offer_of_http_2_is_ignored_and_the_request_served() {
    let stand = Stand::new().await;
    let request = stand
        .request(DIALECT, false)
        .header("connection", "Upgrade, HTTP2-Settings")
        .header("upgrade", "h2c")
        .header("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA");
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = stand.upstream.only_request();
    assert_eq!((seen.header("upgrade"), seen.header("http2-settings")), (None, None));
    assert_eq!(seen.body, *request.body_bytes());
}

#[tokio::test]
async fn a_failed_list_of_models_is_asked_for_again_soon_and_all_vendors_at_once() {
    let pair = Pair::new(DIALECT).await;
    let list = |name: &str| json!({ "data": [{ "id": name }] }).to_string();
    let slowly = |name: &str| {
        let body = list(name);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        let answer = format!("{head} {}\r\n\r\n{body}", body.len());
        Script::default().sleep(Duration::from_secs(2)).raw(answer)
    };
    pair.first.script(Rule::new(Match::any(), Script::json(500, "{}")).times(1));
    pair.first.always(slowly("one"));
    pair.second.always(slowly("two"));
    let request = Request::get("/v1/models")
        .header("x-api-key", &pair.user.key)
        .header("anthropic-version", "2023-06-01");
    let first = pair.switchyard.send(&request).await.text();
    assert!(first.contains("two") && !first.contains("one"), "{first}");
    waiting::until("the list of the first vendor", Duration::from_secs(30), async || {
        let text = pair.switchyard.send(&request).await.text();
        (text.contains("two") && text.contains("one")).then_some(())
    })
    .await;
    pair.switchyard.serve_at(DIALECT, &pair.first, 3).await;
    pair.switchyard.serve_at(DIALECT, &pair.second, 4).await;
    let start = Instant::now();
    assert_eq!(pair.switchyard.send(&request).await.status, 200);
    assert!(start.elapsed() < Duration::from_millis(3_500), "took {:?}", start.elapsed());
}
