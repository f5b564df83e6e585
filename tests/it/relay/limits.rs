//! Limits of users and keys: who is refused, with what words, and what it says of the reset.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::{Answer, Request};
use crate::support::prices::{MODEL, cost_nano, nano};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, truncated};
use crate::support::upstream::{Match, Rule, Script, Upstream};

async fn stand(dialect: Dialect) -> (Upstream, Switchyard) {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.serve(dialect, &upstream).await;
    (upstream, switchyard)
}

async fn ask(switchyard: &Switchyard, dialect: Dialect, key: &str) -> Answer {
    switchyard.send(&Request::model(dialect, key, MODEL, false)).await
}

/// Returns the error object, in whatever envelope the dialect has.
fn refusal(dialect: Dialect, answer: &Answer) -> Value {
    let body = answer.json();
    if dialect == Dialect::Anthropic {
        assert_eq!(body["type"], "error", "{body}");
    }
    assert!(body["error"]["message"].is_string(), "{dialect}: {body}");
    body["error"].clone()
}

#[tokio::test]
async fn the_request_after_the_last_of_a_minute_gets_429_in_its_dialect() {
    for dialect in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses] {
        let (upstream, switchyard) = stand(dialect).await;
        let user = switchyard.add_user(json!({ "rpm": 3 })).await;
        for _ in 0..3 {
            assert_eq!(ask(&switchyard, dialect, &user.key).await.status, 200, "{dialect}");
        }
        let answer = ask(&switchyard, dialect, &user.key).await;
        assert_eq!(answer.status, 429, "{dialect}: {}", answer.text());
        let error = refusal(dialect, &answer);
        assert_eq!(error["type"], "rate_limit_error", "{dialect}: {error}");
        assert_eq!(error["code"], "rate_limit_exceeded", "{dialect}: {error}");
        assert_eq!(error["limit_type"], "rpm", "{dialect}: {error}");
        assert_eq!((&error["current"], &error["limit"]), (&json!(3), &json!(3)), "{dialect}");
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"), "{dialect}");
        assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"), "{dialect}");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{dialect}: retry after {wait}");
        assert_eq!(upstream.count(), 3, "{dialect}: the refused one never left");
        assert_eq!(switchyard.rows_when(4).await[0]["statusCode"], 429, "{dialect}");
    }
}

#[tokio::test]
async fn a_spent_day_gets_402_with_the_time_of_the_reset() {
    for dialect in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses] {
        let (upstream, switchyard) = stand(dialect).await;
        let user = switchyard.add_user(json!({ "dailyQuota": 0.01 })).await;
        // Two answers of 0.0087 USD: the second starts below the limit and ends above it.
        for _ in 0..2 {
            assert_eq!(ask(&switchyard, dialect, &user.key).await.status, 200, "{dialect}");
        }
        let answer = ask(&switchyard, dialect, &user.key).await;
        assert_eq!(answer.status, 402, "{dialect}: {}", answer.text());
        let error = refusal(dialect, &answer);
        assert_eq!(error["type"], "rate_limit_error", "{dialect}: {error}");
        assert_eq!(error["limit_type"], "daily_quota", "{dialect}: {error}");
        let reset = error["reset_time"].as_str().unwrap();
        assert!(reset.contains("T00:00:00"), "{dialect}: the day ends at midnight UTC: {reset}");
        assert!(answer.header("x-ratelimit-reset").is_some(), "{dialect}");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=86_400).contains(&wait), "{dialect}: retry after {wait}");
        assert_eq!(upstream.count(), 2, "{dialect}");
        assert_eq!(switchyard.rows_when(3).await[0]["statusCode"], 402, "{dialect}");
    }
}

#[tokio::test]
async fn the_limit_of_one_key_leaves_the_users_other_key_alone() {
    let (_upstream, switchyard) = stand(Dialect::Anthropic).await;
    let user = switchyard.add_user(json!({})).await;
    let poor = switchyard.add_key(user.id, "poor", json!({ "limitDailyUsd": 0.01 })).await;
    let rich = switchyard.add_key(user.id, "rich", json!({})).await;
    for expected in [200, 200, 402] {
        let answer = ask(&switchyard, Dialect::Anthropic, &poor).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    }
    assert_eq!(ask(&switchyard, Dialect::Anthropic, &rich).await.status, 200);
}

#[tokio::test]
async fn a_total_limit_survives_a_restart() {
    let (_upstream, mut switchyard) = stand(Dialect::Anthropic).await;
    let user = switchyard.add_user(json!({ "limitTotalUsd": 0.01 })).await;
    for expected in [200, 200, 402] {
        assert_eq!(ask(&switchyard, Dialect::Anthropic, &user.key).await.status, expected);
    }
    switchyard.sigkill();
    switchyard.restart().await;
    let answer = ask(&switchyard, Dialect::Anthropic, &user.key).await;
    assert_eq!(answer.status, 402, "{}", answer.text());
    assert_eq!(answer.json()["error"]["limit_type"], "usd_total");
}

#[tokio::test]
async fn a_second_session_waits_until_the_first_place_is_free() {
    let (upstream, switchyard) = stand(Dialect::Anthropic).await;
    let user = switchyard.add_user(json!({ "limitConcurrentSessions": 1 })).await;
    let held = truncated(Dialect::Anthropic, MODEL, 1).stall();
    upstream.script(Rule::new(Match::any(), held).times(1));
    let of = |session: &str| {
        Request::model(Dialect::Anthropic, &user.key, MODEL, true)
            .header("x-claude-code-session-id", session)
    };
    let (one, two) =
        ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222");
    let mut live = switchyard.client().open(&of(one)).await.unwrap();
    live.frame_with("piece 0").await;
    let refused = switchyard.send(&of(two)).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let error = refused.json()["error"].clone();
    assert_eq!(error["limit_type"], "concurrent_sessions");
    // A place has no window: the reset is now, as the contract has it, and the wait is short.
    let reset: jiff::Timestamp = error["reset_time"].as_str().unwrap().parse().unwrap();
    assert!(reset <= jiff::Timestamp::now(), "{error}");
    assert_eq!(refused.header("x-ratelimit-reset"), Some(&*reset.as_second().to_string()));
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(switchyard.send(&of(one)).await.status, 200, "the same session has its place");
    live.leave();
}

#[tokio::test]
async fn what_parallel_requests_cost_is_what_the_limit_shows() {
    let (_upstream, switchyard) = stand(Dialect::Anthropic).await;
    let user = switchyard.add_user(json!({ "dailyQuota": 0.1 })).await;
    let client = switchyard.client();
    let mut asking = Vec::new();
    for _ in 0..60 {
        let request = Request::model(Dialect::Anthropic, &user.key, MODEL, false);
        asking.push(tokio::spawn(async move { client.send(&request).await.status }));
    }
    let mut served: u64 = 0;
    for task in asking {
        match task.await.unwrap() {
            200 => served += 1,
            status => assert_eq!(status, 402),
        }
    }
    let rows = switchyard.rows_when(60).await;
    let costs = rows.iter().filter_map(|row| row["costUsd"].as_str());
    assert_eq!(costs.map(nano).sum::<u64>(), served * cost_nano(&PLAIN));
    let usage = switchyard.admin("users/getUserLimitUsage", json!({ "userId": user.id })).await;
    let shown = usage["dailyCost"]["current"].to_string();
    assert_eq!(nano(&shown), served * cost_nano(&PLAIN));
    assert!(served >= 1, "somebody with money is served");
}

#[tokio::test]
async fn families_that_nobody_can_price_stop_at_a_spent_limit_too() {
    let (upstream, switchyard) = stand(Dialect::OpenaiChat).await;
    let user = switchyard.add_user(json!({ "limitTotalUsd": 0.01 })).await;
    let image = || {
        let body = json!({ "model": MODEL, "prompt": "a bird" }).to_string();
        Request::post("/v1/images/generations", body).bearer(&user.key)
    };
    upstream.always(Script::json(200, json!({ "created": 1, "data": [] }).to_string()));
    assert_eq!(switchyard.send(&image()).await.status, 200, "there is money");
    upstream.reset();
    for expected in [200, 200, 402] {
        assert_eq!(ask(&switchyard, Dialect::OpenaiChat, &user.key).await.status, expected);
    }
    let refused = switchyard.send(&image()).await;
    assert_eq!(refused.status, 402, "{}", refused.text());
}
