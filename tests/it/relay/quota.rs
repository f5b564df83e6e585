//! A burst of parallel requests cannot spend more than a limit: two hundred at once over five keys of
//! one user, with estimates that are right, three times too high and three times too low.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::{Answer, Request};
use crate::support::prices::nano;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, Tokens, answer};
use crate::support::upstream::{Script, Upstream};
use crate::support::waiting::until;

const REQUESTS: usize = 200;
const KEYS: usize = 5;
/// What one request costs, and the limit, in nano-dollars.
const DIME: u64 = 100_000_000;
const DOLLAR: u64 = 10 * DIME;
const SECRET: (&str, &str) =
    ("SWITCHYARD_SECRET_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

struct Yard {
    upstream: Upstream,
    switchyard: Switchyard,
    user: i64,
    keys: Vec<String>,
}

/// An instance whose vendor answers with exactly ten cents' worth.
async fn yard(extra: &[(&str, &str)]) -> Yard {
    let upstream = Upstream::start();
    let tokens = Tokens { input: 0, output: 1_000, ..PLAIN };
    // Long enough that most of the burst is there before the first one ends.
    let slow = Script::status(200)
        .header("content-type", "application/json")
        .sleep(Duration::from_millis(300))
        .body(answer(Dialect::Anthropic, "dime", "Hello.", &tokens));
    upstream.always(slow);
    let switchyard = Switchyard::start_with(extra).await;
    let dime = json!({ "dime": { "mode": "chat", "litellm_provider": "test",
        "input_cost_per_token": 0, "output_cost_per_token": 1e-4 } });
    switchyard.upload_prices(&dime).await;
    switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({ "dailyQuota": 1 })).await;
    let mut keys = vec![user.key];
    for number in 1..KEYS {
        keys.push(switchyard.add_key(user.id, &format!("key {number}"), json!({})).await);
    }
    Yard { upstream, switchyard, user: user.id, keys }
}

impl Yard {
    fn request(&self, number: usize, estimate: u64) -> Request {
        let body = json!({ "model": "dime", "max_tokens": estimate, "stream": false,
            "messages": [{ "role": "user", "content": format!("burst {number}") }] });
        Request::post("/v1/messages", body.to_string())
            .header("x-api-key", &self.keys[number % KEYS])
            .header("anthropic-version", "2023-06-01")
    }

    /// Sends all at once and returns how many were served.
    async fn burst(&self, estimate: u64) -> u64 {
        let client = self.switchyard.client();
        let mut asking = Vec::new();
        for number in 0..REQUESTS {
            let request = self.request(number, estimate);
            asking.push(tokio::spawn(async move { client.send(&request).await }));
        }
        let mut served = 0;
        for task in asking {
            let answer = task.await.unwrap();
            match answer.status {
                200 => served += 1,
                _ => is_refused(&answer),
            }
        }
        served
    }

    /// Asks one after the other until nobody is served any more; returns how many were.
    async fn use_up(&self, estimate: u64) -> u64 {
        let mut served = 0;
        loop {
            let answer = self.switchyard.send(&self.request(served, estimate)).await;
            if answer.status != 200 {
                is_refused(&answer);
                return served as u64;
            }
            served += 1;
            assert!(served <= 20, "the limit is somewhere");
        }
    }

    async fn shown(&self) -> u64 {
        let usage =
            self.switchyard.admin("users/getUserLimitUsage", json!({ "userId": self.user })).await;
        nano(&usage["dailyCost"]["current"].to_string())
    }

    /// What the check counts.
    async fn checked(&self) -> u64 {
        let all = self.switchyard.admin("limits/getLimits", json!({ "owner": "user" })).await;
        let mut limits = all[0]["limits"].as_array().unwrap().iter();
        let daily = limits.find(|limit| limit["limitType"] == "daily_quota").unwrap();
        nano(&daily["current"].to_string())
    }

    async fn figure(&self, name: &str) -> u64 {
        figure(&self.switchyard, name).await
    }

    /// Checks what is left of the burst, and that display, check and ledger agree to the cent.
    async fn settle_up(&self, served: u64) -> u64 {
        until("nothing is held", Duration::from_secs(2), async || {
            (self.figure("switchyard_held_nanodollars").await == 0).then_some(())
        })
        .await;
        let served_rows = usize::try_from(served).unwrap();
        assert_eq!(self.upstream.count(), served_rows, "the refused never left");
        let booked = served * DIME;
        let rows = until("all rows", Duration::from_secs(10), async || {
            let rows = self.switchyard.all_rows().await;
            let good = rows.iter().filter(|row| row["statusCode"] == 200).count();
            (good == served_rows).then_some(rows)
        })
        .await;
        let costs = rows.iter().filter_map(|row| row["costUsd"].as_str());
        assert_eq!(costs.map(nano).sum::<u64>(), booked);
        assert_eq!((self.shown().await, self.checked().await), (booked, booked));
        booked
    }
}

fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, 402, "{}", answer.text());
    let error: Value = answer.json()["error"].clone();
    assert_eq!((&error["limit_type"], &error["limit"]), (&json!("daily_quota"), &json!(1)));
    assert!(error["reset_time"].as_str().unwrap().contains("T00:00:00"), "{error}");
    assert!(answer.header("x-ratelimit-reset").is_some());
    assert!(answer.header("retry-after").is_some());
}

async fn exact(extra: &[(&str, &str)]) {
    let yard = yard(extra).await;
    let in_burst = yard.burst(1_000).await;
    assert!(in_burst >= 8, "served in the burst: {in_burst}");
    let served = in_burst + yard.use_up(1_000).await;
    let booked = yard.settle_up(served).await;
    println!("exact: {in_burst} in the burst, {served} altogether, booked {booked} of {DOLLAR}");
    assert!((DOLLAR - DIME..=DOLLAR).contains(&booked), "within one request of the limit");
}

#[tokio::test]
async fn exact_estimates_never_pass_the_limit_and_use_it_up_on_the_embedded_store() {
    exact(&[]).await;
}

#[tokio::test]
async fn exact_estimates_never_pass_the_limit_and_use_it_up_on_postgres() {
    let database = Database::create().await;
    exact(&[("DSN", database.dsn().as_str()), SECRET]).await;
}

#[tokio::test]
async fn estimates_three_times_too_high_pass_the_limit_by_less_than_one_request() {
    let yard = yard(&[]).await;
    let in_burst = yard.burst(3_000).await;
    let served = in_burst + yard.use_up(3_000).await;
    let booked = yard.settle_up(served).await;
    println!("too high: {in_burst} in the burst, booked {booked}, bound {}", DOLLAR + DIME);
    assert!(in_burst >= 3, "as many as the estimates leave room for");
    assert!((DOLLAR..DOLLAR + DIME).contains(&booked));
}

#[tokio::test]
async fn estimates_three_times_too_low_pass_the_limit_by_what_they_missed_alone() {
    let yard = yard(&[]).await;
    let in_burst = yard.burst(333).await;
    let served = in_burst + yard.use_up(333).await;
    let booked = yard.settle_up(served).await;
    // As many at once as their estimates leave room for, each dearer than its estimate by so much;
    // and one more that comes when a little is left and nothing runs.
    let missed = yard.figure("switchyard_estimate_overshoot_nanodollars_total").await;
    let bound = DOLLAR + missed + DIME;
    println!("too low: {in_burst} in the burst, booked {booked}, missed {missed}, bound {bound}");
    assert!((DOLLAR..=bound).contains(&booked));
    assert!(booked <= 31 * DIME, "thirty fit in at once by their estimates");
}

#[tokio::test]
async fn strict_limits_hold_whatever_the_estimates() {
    let yard = yard(&[("SWITCHYARD_LIMITS_STRICT", "true")]).await;
    let in_burst = yard.burst(1_000).await;
    let served = in_burst + yard.use_up(1_000).await;
    assert!(yard.settle_up(served).await <= DOLLAR);
}

/// A request that costs more than its bound on output tells, and its answer.
struct Dear {
    kind: &'static str,
    path: &'static str,
    body: Value,
    answer: Value,
}

fn chat(model: &str, more: (&str, Value), usage: &Value) -> Dear {
    let mut body = json!({ "model": model, "max_tokens": 1_000,
        "messages": [{ "role": "user", "content": "hi" }] });
    let mut answer = json!({ "id": "c", "object": "chat.completion", "model": model, "usage": usage,
        "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": "hi" } }] });
    body[more.0] = more.1;
    answer["service_tier"] = body["service_tier"].clone();
    Dear { kind: "openai-compatible", path: "/v1/chat/completions", body, answer }
}

fn gemini(path: &'static str, config: &Value, usage: &Value) -> Dear {
    let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }],
        "generationConfig": config });
    let answer = json!({ "usageMetadata": usage, "candidates": [{ "finishReason": "STOP",
        "content": { "role": "model", "parts": [{ "text": "hi" }] } }] });
    Dear { kind: "gemini", path, body, answer }
}

/// Each costs eighty cents, and the one of a written cache forty.
fn dear() -> [Dear; 5] {
    let text = "x".repeat(2_000);
    let written = json!({ "input_tokens": 0, "output_tokens": 1, "cache_creation_input_tokens": 2_000,
        "cache_creation": { "ephemeral_1h_input_tokens": 2_000 } });
    [
        chat("dime", ("n", json!(8)), &json!({ "prompt_tokens": 0, "completion_tokens": 8_000 })),
        chat(
            "dime",
            ("service_tier", json!("priority")),
            &json!({ "prompt_tokens": 0, "completion_tokens": 1_000 }),
        ),
        gemini(
            "/v1beta/models/dime:generateContent",
            &json!({ "maxOutputTokens": 1_000, "candidateCount": 8 }),
            &json!({ "promptTokenCount": 0, "candidatesTokenCount": 8_000 }),
        ),
        gemini(
            "/v1beta/models/picture:generateContent",
            &json!({ "maxOutputTokens": 1_000 }),
            &json!({ "promptTokenCount": 0, "candidatesTokenCount": 1_000,
                "candidatesTokensDetails": [{ "modality": "IMAGE", "tokenCount": 1_000 }] }),
        ),
        Dear {
            kind: "claude",
            path: "/v1/messages",
            body: json!({ "model": "written", "max_tokens": 1, "messages": [{ "role": "user", "content": [
                { "type": "text", "text": text,
                    "cache_control": { "type": "ephemeral", "ttl": "1h" } }] }] }),
            answer: json!({ "id": "m", "type": "message", "role": "assistant", "model": "written",
                "content": [{ "type": "text", "text": "hi" }], "stop_reason": "end_turn",
                "usage": written }),
        },
    ]
}

#[tokio::test]
async fn strict_limits_hold_for_many_answers_a_dearer_tier_pictures_and_written_caches() {
    let (upstream, strict) = (Upstream::start(), [("SWITCHYARD_LIMITS_STRICT", "true")]);
    let switchyard = Switchyard::start_with(&strict).await;
    let sheet = |more: Value| {
        let mut sheet = json!({ "mode": "chat", "litellm_provider": "test",
            "input_cost_per_token": 0, "output_cost_per_token": 1e-4 });
        sheet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sheet
    };
    let sheets = json!({
        "dime": sheet(json!({ "output_cost_per_token_priority": 8e-4 })),
        "picture": sheet(json!({ "output_cost_per_image_token": 8e-4 })),
        "written": sheet(json!({ "input_cost_per_token": 1e-4, "output_cost_per_token": 0 })),
    });
    switchyard.upload_prices(&sheets).await;
    for kind in ["openai-compatible", "gemini", "claude"] {
        switchyard.add_provider(kind, &upstream.url(), json!({})).await;
    }
    for (done, Dear { kind, path, body, answer }) in dear().into_iter().enumerate() {
        let slow = Script::status(200)
            .header("content-type", "application/json")
            .sleep(Duration::from_millis(300))
            .body(answer.to_string());
        upstream.reset();
        upstream.always(slow);
        let user = switchyard.add_user(json!({ "name": format!("{done}"), "dailyQuota": 1 })).await;
        let request = Request::post(path, body.to_string()).bearer(&user.key);
        let asking: Vec<_> = (0..20)
            .map(|_| {
                let (client, request) = (switchyard.client(), request.clone());
                tokio::spawn(async move { client.send(&request).await.status })
            })
            .collect();
        let mut served = 0;
        for task in asking {
            served += u64::from(task.await.unwrap() == 200);
        }
        assert!(served > 0, "{kind} {body}: one fits in");
        let spent = until("all are booked", Duration::from_secs(5), async || {
            let held = figure(&switchyard, "switchyard_held_nanodollars").await;
            let usage = switchyard.admin("users/getUserLimitUsage", json!({ "userId": user.id }));
            let spent = nano(&usage.await["dailyCost"]["current"].to_string());
            (held == 0 && spent > 0).then_some(spent)
        })
        .await;
        println!("{kind}: {served} served, {spent} spent");
        assert!(spent >= 4 * DIME, "{kind} {body}: it is as dear as was meant, {spent}");
        assert!(spent <= DOLLAR, "{kind} {body}: {served} served, {spent} spent");
    }
}

async fn figure(switchyard: &Switchyard, name: &str) -> u64 {
    let figures = switchyard.send(&Request::get("/metrics")).await.text();
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|figure| figure.parse().ok()).expect(name)
}
