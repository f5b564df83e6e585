//! Failing over before anything was committed: the client sees only the provider that worked.

use std::time::{Duration, Instant};

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand, assert_row};
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, error_body, error_event, frames};

const PAGE: &str = "<!DOCTYPE html><html><body>Attention Required!</body></html>";

/// What a broken provider may say to a stream request before any content.
fn broken_streams(dialect: Dialect) -> Vec<(&'static str, Script)> {
    let html = Script::status(200).header("content-type", "text/html").body(PAGE);
    let head = Script::stream();
    let body = |status| error_body(dialect, status, "the vendor is unwell");
    vec![
        ("status 500", Script::json(500, body(500))),
        ("status 529", Script::json(529, body(529))),
        (
            "status 503 with a body that never ends",
            Script::status(503).chunked().chunk("abc").stall(),
        ),
        ("429", Script::status(429).header("retry-after", "7").body(body(429))),
        ("an HTML page with 200", html),
        ("an empty 200", Script::status(200).header("content-type", "text/event-stream").body("")),
        ("a JSON error with 200", Script::json(200, body(401))),
        ("an error event first", head.clone().chunk(error_event(dialect, 529, "Overloaded")).end()),
        ("an event stream without an event", head.clone().end()),
        ("a close before the head", Script::hang_up()),
        ("a reset before the head", Script::default().reset()),
        ("a close after the head", head.clone().fin()),
        ("a reset after the head", head.clone().reset()),
        ("garbage in the first frame", head.chunk("data: {\"type\":\"mess\n\n").end()),
    ]
}

#[tokio::test]
async fn a_broken_first_provider_is_never_seen_by_a_streaming_client() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        for (done, (what, script)) in broken_streams(dialect).into_iter().enumerate() {
            pair.first.reset();
            pair.first.always(script);
            // The breaker is not what is tested here.
            let reset = json!({ "providerId": pair.first_id });
            pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
            let answer = pair.ask(dialect, true).await;
            assert_eq!(answer.status, 200, "{dialect}, {what}: {}", answer.text());
            let expected = frames(dialect, MODEL, 3, &PLAIN).concat();
            assert_eq!(answer.text(), expected, "{dialect}, {what}");
            assert!(pair.first.count() >= 1, "{dialect}, {what}: the first one was asked");
            let row = pair.switchyard.rows_when(done + 1).await.remove(0);
            assert_row(&row, 200, &PLAIN);
            let chain = Pair::chain(&row);
            assert_eq!(chain.first(), Some(&pair.first_id), "{dialect}, {what}");
            assert_eq!(chain.last(), Some(&pair.second_id), "{dialect}, {what}");
        }
    }
}

#[tokio::test]
async fn a_broken_first_provider_is_never_seen_by_a_client_that_wants_it_whole() {
    let dialect = Dialect::Anthropic;
    let pair = Pair::new(dialect).await;
    let whole = answers::answer(dialect, MODEL, "Hello.", &PLAIN);
    let cases = [
        ("500", Script::json(500, error_body(dialect, 500, "no"))),
        ("HTML", Script::status(200).header("content-type", "text/html").body(PAGE)),
        ("JSON error", Script::json(200, error_body(dialect, 401, "Invalid API key"))),
        ("empty", Script::json(200, "")),
        ("cut", Script::status(200).body_claiming(whole[..20].to_owned(), whole.len()).fin()),
        ("cut chunk", Script::status(200).chunked().cut_chunk(whole.clone(), 30)),
        ("closed", Script::hang_up()),
    ];
    for (what, script) in cases {
        pair.first.reset();
        pair.first.always(script);
        let reset = json!({ "providerId": pair.first_id });
        pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
        let answer = pair.ask(dialect, false).await;
        assert_eq!((answer.status, answer.text()), (200, whole.clone()), "{what}");
    }
}

#[tokio::test]
async fn the_clients_own_mistake_is_answered_and_nobody_else_is_asked() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        let words = "prompt is too long: 213462 tokens > 200000 maximum";
        pair.first.always(Script::json(400, error_body(dialect, 400, words)));
        let plain = pair.ask(dialect, false).await;
        assert_eq!(plain.status, 400, "{dialect}");
        assert!(plain.text().contains(words), "{dialect}: {}", plain.text());
        assert_eq!(pair.second.count(), 0, "{dialect}");
        assert_eq!(pair.failures(pair.first_id).await, 0, "{dialect}");
    }
}

#[tokio::test]
async fn a_client_class_error_event_before_content_becomes_a_400() {
    for dialect in [Dialect::Anthropic, Dialect::Responses, Dialect::OpenaiChat] {
        let pair = Pair::new(dialect).await;
        let event = error_event(dialect, 400, "this input is not allowed");
        pair.first.always(Script::stream().chunk(event).end());
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.status, 400, "{dialect}: {}", answer.text());
        assert!(answer.text().contains("this input is not allowed"), "{dialect}");
        assert_eq!(pair.second.count(), 0, "{dialect}");
        assert_eq!(pair.switchyard.only_row().await["statusCode"], 400, "{dialect}");
    }
}

#[tokio::test]
async fn when_all_fail_the_client_is_told_in_its_dialect_without_names_or_keys() {
    for dialect in DIALECTS {
        let stand = Stand::new().await;
        stand.upstream.always(Script::json(500, error_body(dialect, 500, "host db-7 is down")));
        let answer = stand.ask(dialect, true).await;
        assert!(answer.status >= 500, "{dialect}: {}", answer.status);
        assert!(answer.json()["error"]["message"].is_string(), "{dialect}: {}", answer.text());
        let secret = answer.text().contains("upstream-key") || answer.text().contains("claude 1");
        assert!(!secret, "{dialect}: {}", answer.text());
        let row = stand.switchyard.only_row().await;
        assert_eq!(row["statusCode"], answer.status, "{dialect}");
    }
}

#[tokio::test]
async fn at_most_three_other_providers_are_asked() {
    let dialect = Dialect::Anthropic;
    let pair = Pair::new(dialect).await;
    for priority in 2..7 {
        pair.switchyard.serve_at(dialect, &pair.second, priority).await;
    }
    for upstream in [&pair.first, &pair.second] {
        upstream.always(Script::json(500, error_body(dialect, 500, "no")));
    }
    assert!(pair.ask(dialect, true).await.status >= 500);
    let keys: std::collections::BTreeSet<String> = [&pair.first, &pair.second]
        .iter()
        .flat_map(|upstream| upstream.requests())
        .filter_map(|seen| seen.key().map(str::to_owned))
        .collect();
    assert_eq!(keys.len(), 4, "one and three others: {keys:?}");
}

#[tokio::test]
async fn a_hung_provider_is_left_for_another() {
    let dialect = Dialect::Anthropic;
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let cases = [
        ("no byte", Script::default().stall()),
        ("a head only", Script::stream().stall()),
        ("pings only", Script::stream().endless(ping, Duration::from_millis(300))),
    ];
    let pair = Pair::with(dialect, &[("SWITCHYARD_FIRST_CONTENT_SECONDS", "2")]).await;
    for (what, script) in cases {
        pair.first.reset();
        pair.first.always(script);
        let start = Instant::now();
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.text(), frames(dialect, MODEL, 3, &PLAIN).concat(), "{what}");
        assert!(start.elapsed() < Duration::from_secs(4), "{what}: {:?}", start.elapsed());
        assert_eq!(pair.first.count(), 1, "{what}: its time is over");
        assert_eq!(pair.failures(pair.first_id).await, 1, "{what}: one failure");
        let reset = json!({ "providerId": pair.first_id });
        pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    }
}

#[tokio::test]
async fn a_refused_connection_costs_no_time() {
    let dialect = Dialect::Anthropic;
    let pair = Pair::new(dialect).await;
    let port = crate::support::launch::free_port();
    let dead = json!({ "providerId": pair.first_id, "url": format!("http://127.0.0.1:{port}") });
    pair.switchyard.admin("providers/editProvider", dead).await;
    let start = Instant::now();
    assert_eq!(pair.ask(dialect, true).await.status, 200);
    assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());
}

impl Pair {
    async fn failures(&self, provider: i64) -> i64 {
        self.switchyard.failures(provider).await
    }
}
