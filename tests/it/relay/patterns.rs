//! Patterns of operators that take long: whom they keep waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::stand::{Pair, Stand, reasons};
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::error_body;
use crate::support::upstream::{Gate, Script};
use crate::support::waiting::{SOON, until};

const CHAT: Dialect = Dialect::OpenaiChat;
/// Patterns with which a text without a z takes long: at each letter a thousand ways are open.
const SLOW: [&str; 2] = [".{0,900}z", ".{0,899}z"];
/// Patterns with which each text takes long that is like none before: what is remembered of one does not
/// help with the next.
const ALWAYS_SLOW: [&str; 2] = ["b[ab]{600}z", r"\w{30}!"];
/// The time until something must be there for the client.
const BRIEF: [(&str, &str); 1] = [("SWITCHYARD_COMMIT_DEADLINE_SECONDS", "5")];
/// A model that goes another way than the usual one.
const OTHER: &str = "other-model";
/// More than there are places.
const OCCUPANTS: usize = 4;
/// A text that takes longer than any test waits, in bytes.
const VERY_LONG: usize = 500 << 10;
/// A text that takes long, in bytes.
const LONG: usize = 2 << 10;
/// More than may wait and be at work of one user.
const MUCH: usize = 80;

async fn slow_words(switchyard: &Switchyard) {
    for word in ALWAYS_SLOW {
        let body = json!({ "word": word, "matchType": "regex" });
        switchyard.admin("sensitive-words/createSensitiveWordAction", body).await;
    }
}

/// A text of a and b without any order.
fn never_the_same(number: usize, length: usize) -> String {
    let mut state = number as u64 + 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if state >> 63 == 0 { 'a' } else { 'b' }
    };
    std::iter::from_fn(|| Some(next())).take(length).collect()
}

#[tokio::test]
async fn an_error_that_takes_long_to_judge_keeps_nobody_else_waiting() {
    let stand = Stand::with(&[("SWITCHYARD_WORKERS", "1")]).await;
    for pattern in SLOW {
        let rule = json!({ "pattern": pattern, "matchType": "regex", "statuses": "200,400" });
        stand.switchyard.admin("error-rules/createErrorRuleAction", rule).await;
    }
    let long = "a".repeat(50 << 10);
    let answer = json!({ "object": "chat.completion", "choices": [
        { "index": 0, "message": { "role": "assistant", "content": long }, "finish_reason": "stop" }
    ] });
    for (script, status) in [
        (Script::json(400, error_body(CHAT, 400, &long)), 400),
        (Script::json(200, answer.to_string()), 200),
    ] {
        let asked = stand.upstream.count();
        stand.upstream.once(script);
        let (client, request) = (stand.switchyard.client(), stand.request(CHAT, false));
        let judged = tokio::spawn(async move { client.send(&request).await });
        until("it is asked", SOON, async || (stand.upstream.count() > asked).then_some(())).await;
        sleep(Duration::from_millis(100)).await;
        let health = stand.switchyard.send(&Request::get("/api/health/live")).await;
        assert_eq!(health.status, 200, "{}", health.text());
        assert!(!judged.is_finished(), "{status}: the worker has time for others meanwhile");
        assert_eq!(judged.await.expect("an answer").status, status);
    }
}

/// Filters with such patterns of what goes out, to a provider or to all.
async fn slow_filters(switchyard: &Switchyard, provider: Option<i64>) {
    for pattern in ALWAYS_SLOW {
        let mut filter = json!({ "name": pattern, "scope": "body", "action": "text_replace", "matchType": "regex",
            "target": pattern, "replacement": "", "executionPhase": "final" });
        if let Some(provider) = provider {
            filter["bindingType"] = "providers".into();
            filter["providerIds"] = json!([provider]);
        }
        switchyard.admin("request-filters/createRequestFilterAction", filter).await;
    }
}

/// Lets a user's work wait until more of it is refused.
async fn fill_the_line(stand: &Stand) {
    let (tells, mut refused) = mpsc::unbounded_channel();
    for number in 0..MUCH {
        let text = never_the_same(number, LONG);
        let request = Request::saying(CHAT, &stand.user.key, MODEL, false, &text);
        let (client, tells) = (stand.switchyard.client(), tells.clone());
        tokio::spawn(async move {
            let answer = client.send(&request).await;
            if answer.status != 200 {
                // Nobody listens once the first was refused.
                let _ = tells.send(answer);
            }
        });
    }
    let refusal = refused.recv().await.expect("a refusal");
    assert!(refusal.text().contains("too many of your requests wait here"), "{}", refusal.text());
}

#[tokio::test]
async fn whom_a_provider_has_failed_waits_for_the_next_try_behind_a_full_line() {
    let stand = Stand::new().await;
    slow_filters(&stand.switchyard, None).await;
    let gate = Gate::closed();
    let failing = Script::status(500).header("content-type", "application/json").wait(&gate);
    stand.upstream.once(failing.body(error_body(CHAT, 500, "no luck")));
    let (client, request) = (stand.switchyard.client(), stand.request(CHAT, false));
    let asked = tokio::spawn(async move { client.send(&request).await });
    until("it is asked", SOON, async || (stand.upstream.count() > 0).then_some(())).await;
    fill_the_line(&stand).await;
    gate.open();
    let answer = asked.await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// A line that stands: requests of the user with work that takes long hold both places, and wait for them.
async fn hold_the_line(switchyard: &Switchyard, key: &str, beside: usize) {
    for number in 0..OCCUPANTS {
        let text = never_the_same(number, VERY_LONG);
        let request = Request::saying(CHAT, key, MODEL, false, &text);
        let client = switchyard.client();
        tokio::spawn(async move { client.send(&request).await });
    }
    let line = format!("switchyard_requests_in_flight {}", OCCUPANTS + beside);
    until("they are there", SOON, async || {
        let figures = switchyard.send(&Request::get("/metrics")).await.text();
        figures.lines().any(|found| found == line).then_some(())
    })
    .await;
}

#[tokio::test]
async fn another_provider_that_there_is_no_time_for_leaves_the_failure_of_the_first_to_tell() {
    let pair = Pair::with(CHAT, &BRIEF).await;
    slow_filters(&pair.switchyard, Some(pair.second_id)).await;
    pair.change_first(json!({ "allowed_models": [OTHER] })).await;
    hold_the_line(&pair.switchyard, &pair.user.key, 0).await;
    pair.first.always(Script::json(500, error_body(CHAT, 500, "no luck")));
    let request = Request::saying(CHAT, &pair.user.key, OTHER, true, "hi");
    let answer = pair.switchyard.send(&request).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("status 500"), "{}", answer.text());
    let row = pair.switchyard.only_row().await;
    assert_eq!(reasons(&row), ["retry_failed", "retry_failed", "refused_here"], "{row:#}");
    assert_eq!(row["providerName"], row["providerChain"][0]["name"], "{row:#}");
}

/// Sends a request whose only provider fails once the line stands.
async fn failed_before_a_standing_line(stand: &Stand) -> TcpStream {
    slow_filters(&stand.switchyard, None).await;
    let gate = Gate::closed();
    let failing = Script::status(500).header("content-type", "application/json").wait(&gate);
    stand.upstream.once(failing.body(error_body(CHAT, 500, "no luck")));
    let mut stream = stand.switchyard.client().connect().await.expect("a connection");
    let request = stand.request(CHAT, true);
    stream.write_all(&request.bytes()).await.expect("the request is taken");
    until("it is asked", SOON, async || (stand.upstream.count() == 1).then_some(())).await;
    hold_the_line(&stand.switchyard, &stand.user.key, 1).await;
    gate.open();
    stream
}

async fn charged(stand: &Stand) {
    let health = stand.switchyard.admin("providers/getProvidersHealthStatus", json!({})).await;
    let health = health.as_object().expect("a map");
    let all: i64 = health.values().filter_map(|one| one["failureCount"].as_i64()).sum();
    assert_eq!(all, 1, "{health:?}");
}

#[tokio::test]
async fn a_second_try_that_there_is_no_time_for_is_told_and_charged_by_the_first() {
    let stand = Stand::with(&BRIEF).await;
    let mut stream = failed_before_a_standing_line(&stand).await;
    let mut told = String::new();
    while !told.contains("status 500") {
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await.expect("an answer");
        assert!(length > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    assert!(told.starts_with("HTTP/1.1 503"), "{told}");
    let row = stand.switchyard.only_row().await;
    assert_eq!(reasons(&row), ["retry_failed", "refused_here"], "{row:#}");
    charged(&stand).await;
}

#[tokio::test]
async fn who_leaves_before_the_second_try_has_asked_once_and_that_is_charged() {
    let stand = Stand::new().await;
    let stream = failed_before_a_standing_line(&stand).await;
    sleep(Duration::from_millis(300)).await;
    drop(stream);
    let row = stand.switchyard.only_row().await;
    assert_eq!(reasons(&row), ["retry_failed", "client_abort"], "{row:#}");
    assert_eq!((&row["statusCode"], &row["edits"]), (&json!(499), &json!([])), "{row:#}");
    assert_eq!(row["providerName"], row["providerChain"][0]["name"], "{row:#}");
    charged(&stand).await;
}

#[tokio::test]
async fn whoever_asks_for_much_waits_for_itself() {
    let stand = Stand::new().await;
    slow_words(&stand.switchyard).await;
    let other = stand.switchyard.add_user(json!({})).await;
    let (served, (tells, mut refused)) = (Arc::new(AtomicUsize::new(0)), mpsc::unbounded_channel());
    for number in 0..MUCH {
        let text = never_the_same(number, LONG);
        let request = Request::saying(CHAT, &stand.user.key, MODEL, false, &text);
        let client = stand.switchyard.client();
        let (served, tells) = (Arc::clone(&served), tells.clone());
        tokio::spawn(async move {
            let answer = client.send(&request).await;
            if answer.status == 200 {
                served.fetch_add(1, Ordering::Relaxed);
            } else {
                tells.send(answer).expect("somebody listens");
            }
        });
    }
    drop(tells);
    let refusal = refused.recv().await.expect("a refusal");
    assert_eq!((refusal.status, refusal.header("retry-after")), (503, Some("1")));
    assert!(refusal.text().contains("too many of your requests wait here"), "{}", refusal.text());
    let before = served.load(Ordering::Relaxed);
    let request = Request::saying(CHAT, &other.key, MODEL, false, &never_the_same(MUCH, LONG));
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let meanwhile = served.load(Ordering::Relaxed) - before;
    assert!(meanwhile < MUCH / 4, "{meanwhile} of the first user's were served before it");
    until("the others are served", SOON * 4, async || {
        (served.load(Ordering::Relaxed) + refused.len() + 1 == MUCH).then_some(())
    })
    .await;
    assert!(served.load(Ordering::Relaxed) >= 64, "what may wait is served");
}
