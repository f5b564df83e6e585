//! Every kind of limit, of every owner: who is refused with what words, and a provider that is passed
//! over instead.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::{Answer, Live, Request};
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{error_body, truncated};
use crate::support::upstream::{Match, Rule, Script, Upstream};

const SECRET: (&str, &str) =
    ("SWITCHYARD_SECRET_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
const OWNERS: [&str; 4] = ["key", "user", "group", "tag"];

/// A limit, what a refusal says of it, and whether it says when it starts anew.
struct Kind {
    name: &'static str,
    limit: Value,
    status: u16,
    resets: bool,
}

/// Money for one answer of 0.0087 dollars and a part of a second; tokens for none.
fn kinds() -> Vec<Kind> {
    let kind = |name, limit, status, resets| Kind { name, limit, status, resets };
    vec![
        kind("rpm", json!({ "limitRpm": 2 }), 429, true),
        kind("tpm", json!({ "limitTpm": 1_600 }), 429, true),
        kind("usd_5h", json!({ "limit5hUsd": 0.01 }), 402, false),
        kind("usd_5h", json!({ "limit5hUsd": 0.01, "fiveHourResetMode": "fixed" }), 402, true),
        kind("daily_quota", json!({ "limitDailyUsd": 0.01 }), 402, true),
        kind(
            "daily_quota",
            json!({ "limitDailyUsd": 0.01, "dailyResetMode": "rolling" }),
            402,
            false,
        ),
        kind("usd_weekly", json!({ "limitWeeklyUsd": 0.01 }), 402, true),
        kind("usd_monthly", json!({ "limitMonthlyUsd": 0.01 }), 402, true),
        kind("usd_total", json!({ "limitTotalUsd": 0.01 }), 402, false),
    ]
}

struct Person {
    user: i64,
    key_id: i64,
    key: String,
}

/// Adds somebody who is alone in a group and with a tag of that name.
async fn person(switchyard: &Switchyard, name: &str) -> Person {
    let user = switchyard.add_user(json!({ "tags": [name, "many"], "dailyQuota": 0 })).await;
    let more = json!({ "providerGroup": format!("{name},default") });
    let key = switchyard.add_key(user.id, "grouped", more).await;
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
    let grouped = keys.as_array().unwrap().iter().find(|key| key["name"] == "grouped").unwrap();
    Person { user: user.id, key_id: grouped["id"].as_i64().unwrap(), key }
}

/// Names an owner in the words of the management API.
fn owned(owner: &str, name: &str, person: &Person, mut limits: Value) -> Value {
    limits["owner"] = json!(owner);
    match owner {
        "key" => limits["id"] = json!(person.key_id),
        "user" => limits["id"] = json!(person.user),
        _ => limits["name"] = json!(name),
    }
    limits
}

async fn ask(switchyard: &Switchyard, key: &str) -> Answer {
    switchyard.send(&Request::model(Dialect::Anthropic, key, MODEL, false)).await
}

async fn stand() -> (Upstream, Switchyard) {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    (upstream, switchyard)
}

fn check_refusal(answer: &Answer, kind: &Kind, owner: &str, name: &str) {
    let what = format!("{} of {owner}: {}", kind.name, answer.text());
    assert_eq!(answer.status, kind.status, "{what}");
    let error = answer.json()["error"].clone();
    assert_eq!(error["type"], "rate_limit_error", "{what}");
    assert_eq!(
        (&error["code"], &error["limit_type"]),
        (&json!("rate_limit_exceeded"), &json!(kind.name)),
        "{what}"
    );
    let (current, limit) = (error["current"].as_f64().unwrap(), error["limit"].as_f64().unwrap());
    assert!(current > 0.0 && limit > 0.0, "{what}");
    assert_eq!(error["reset_time"].is_string(), kind.resets, "{what}");
    assert_eq!(answer.header("x-ratelimit-reset").is_some(), kind.resets, "{what}");
    let header = answer.header("x-ratelimit-limit").unwrap();
    assert_eq!(header, error["limit"].to_string(), "{what}");
    assert!(answer.header("x-ratelimit-remaining").is_some(), "{what}");
    if kind.resets {
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1, "{what}");
    }
    let whose = if ["group", "tag"].contains(&owner) {
        format!("limit of the {owner} {name}")
    } else {
        format!("limit of this {owner}")
    };
    assert!(error["message"].as_str().unwrap().contains(&whose), "{what}");
}

#[tokio::test]
async fn every_kind_of_every_owner_refuses_with_its_own_words() {
    let (_upstream, switchyard) = stand().await;
    for (number, kind) in kinds().iter().enumerate() {
        for owner in OWNERS {
            let name = format!("{owner}{number}");
            let person = person(&switchyard, &name).await;
            let limits = owned(owner, &name, &person, kind.limit.clone());
            switchyard.admin("limits/setLimits", limits).await;
            // The second begins below the limit and ends above it.
            for _ in 0..2 {
                let answer = ask(&switchyard, &person.key).await;
                assert_eq!(answer.status, 200, "{} of {owner}: {}", kind.name, answer.text());
            }
            check_refusal(&ask(&switchyard, &person.key).await, kind, owner, &name);
            let listed = switchyard.admin("limits/getLimits", json!({ "owner": owner })).await;
            let listed = listed.as_array().unwrap();
            let is_mine = |one: &&Value| match owner {
                "key" => one["id"] == person.key_id,
                "user" => one["id"] == person.user,
                _ => one["name"] == name,
            };
            let mine = listed.iter().find(is_mine).expect("it is listed");
            let mut limits = mine["limits"].as_array().unwrap().iter();
            let limit = limits.find(|limit| limit["limitType"] == kind.name).unwrap();
            assert!(limit["current"].as_f64() > Some(0.0), "{limit}");
        }
    }
}

/// Opens a stream that has begun and goes no further.
async fn hold(switchyard: &Switchyard, key: &str, session: &str) -> Live {
    let request = Request::model(Dialect::Anthropic, key, MODEL, true)
        .header("x-claude-code-session-id", session);
    let mut live = switchyard.client().open(&request).await.unwrap();
    assert_eq!(live.status, 200);
    live.frame_with("piece 0").await;
    live
}

#[tokio::test]
async fn places_of_every_owner_are_counted_and_given_back() {
    let (upstream, switchyard) = stand().await;
    for (kind, field) in [
        ("concurrent_requests", "limitConcurrentRequests"),
        ("concurrent_sessions", "limitConcurrentSessions"),
    ] {
        for owner in OWNERS {
            let name = format!("{owner}-{kind}");
            let person = person(&switchyard, &name).await;
            let limits = owned(owner, &name, &person, json!({ field: 1 }));
            switchyard.admin("limits/setLimits", limits).await;
            let stalled = truncated(Dialect::Anthropic, MODEL, 1).stall();
            upstream.script(Rule::new(Match::any(), stalled).times(1));
            let session = "11111111-1111-4111-8111-111111111111";
            let live = hold(&switchyard, &person.key, session).await;
            let answer = ask(&switchyard, &person.key).await;
            let wanted = Kind { name: kind, limit: Value::Null, status: 429, resets: true };
            check_refusal(&answer, &wanted, owner, &name);
            live.leave();
            let free = async || (ask(&switchyard, &person.key).await.status == 200).then_some(());
            crate::support::waiting::until(
                "the place is free",
                crate::support::waiting::SOON,
                free,
            )
            .await;
        }
    }
}

#[tokio::test]
async fn a_group_and_a_tag_limit_everybody_together_and_others_go_on() {
    let (_upstream, switchyard) = stand().await;
    let people = [person(&switchyard, "one").await, person(&switchyard, "two").await];
    let stranger = switchyard.add_user(json!({})).await;
    let limit = json!({ "owner": "tag", "name": "many", "limitTotalUsd": 0.01 });
    switchyard.admin("limits/setLimits", limit).await;
    for (person, status) in [(0, 200), (1, 200), (0, 402), (1, 402)] {
        assert_eq!(ask(&switchyard, &people[person].key).await.status, status);
    }
    assert_eq!(ask(&switchyard, &stranger.key).await.status, 200);
    switchyard
        .admin("limits/setLimits", json!({ "owner": "tag", "name": "many", "limitTotalUsd": null }))
        .await;
    assert_eq!(ask(&switchyard, &people[0].key).await.status, 200);
}

#[tokio::test]
async fn the_effective_limit_is_the_tighter_of_key_and_user_and_nothing_and_zero_are_none() {
    let (_upstream, switchyard) = stand().await;
    let levels = [json!(null), json!(0), json!(0.01)];
    for (of_user, user_limit) in levels.iter().enumerate() {
        for (of_key, key_limit) in levels.iter().enumerate() {
            let person = person(&switchyard, &format!("m{of_user}{of_key}")).await;
            for (owner, limit) in [("user", user_limit), ("key", key_limit)] {
                let limits = owned(owner, "", &person, json!({ "limitDailyUsd": limit }));
                switchyard.admin("limits/setLimits", limits).await;
            }
            for _ in 0..2 {
                assert_eq!(ask(&switchyard, &person.key).await.status, 200);
            }
            let third = ask(&switchyard, &person.key).await;
            let is_limited = of_user == 2 || of_key == 2;
            assert_eq!(
                third.status,
                if is_limited { 402 } else { 200 },
                "{user_limit} {key_limit}"
            );
            if is_limited {
                let owner = if of_key == 2 { "this key" } else { "this user" };
                assert!(third.text().contains(owner), "{}", third.text());
            }
            let card =
                switchyard.admin("users/getUserLimitUsage", json!({ "userId": person.user })).await;
            assert_eq!(card["dailyCost"]["limit"].as_f64(), user_limit.as_f64().or(Some(0.0)));
        }
    }
}

/// Two providers; the first one has limits.
async fn two_providers(limits: Value) -> (Upstream, Upstream, Switchyard, i64) {
    let (first, second) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    let id = switchyard.serve_at(Dialect::Anthropic, &first, 0).await;
    switchyard.serve_at(Dialect::Anthropic, &second, 1).await;
    let mut body = limits;
    (body["owner"], body["id"]) = (json!("provider"), json!(id));
    switchyard.admin("limits/setLimits", body).await;
    (first, second, switchyard, id)
}

#[tokio::test]
async fn a_provider_at_a_limit_is_passed_over_and_nobody_is_refused() {
    for kind in kinds() {
        let (first, second, switchyard, id) = two_providers(kind.limit.clone()).await;
        let user = switchyard.add_user(json!({})).await;
        for _ in 0..4 {
            // Each is a conversation of its own.
            assert_eq!(ask(&switchyard, &user.key).await.status, 200, "{}", kind.name);
        }
        assert_eq!((first.count(), second.count()), (2, 2), "{}", kind.name);
        let reason = if kind.status == 429 { "rate_limit" } else { "spend_limit" };
        let asked = json!({ "keyId": user.key_id, "model": MODEL });
        let told = switchyard.admin("routing/simulateDispatch", asked).await;
        let excluded = &told["excluded"][0];
        assert_eq!(
            (&excluded["id"], &excluded["reasons"][0]["reason"]),
            (&json!(id), &json!(reason))
        );
        assert_eq!(
            excluded["reasons"][0]["until"].is_string(),
            kind.resets,
            "{}: {told}",
            kind.name
        );
    }
}

#[tokio::test]
async fn places_at_a_provider_are_held_by_what_runs() {
    for field in ["limitConcurrentRequests", "limitConcurrentSessions"] {
        let (first, second, switchyard, _) = two_providers(json!({ field: 1 })).await;
        let user = switchyard.add_user(json!({})).await;
        first.once(truncated(Dialect::Anthropic, MODEL, 1).stall());
        let live = hold(&switchyard, &user.key, "11111111-1111-4111-8111-111111111111").await;
        assert_eq!(ask(&switchyard, &user.key).await.status, 200);
        assert_eq!((first.count(), second.count()), (1, 1), "{field}");
        live.leave();
    }
}

#[tokio::test]
async fn no_wait_is_told_while_a_place_may_be_free_any_moment() {
    let one = json!({ "limitConcurrentRequests": 1 });
    let (first, second, switchyard, _) = two_providers(one).await;
    let user = switchyard.add_user(json!({})).await;
    first.once(truncated(Dialect::Anthropic, MODEL, 1).stall());
    let live = hold(&switchyard, &user.key, "11111111-1111-4111-8111-111111111111").await;
    let words = error_body(Dialect::Anthropic, 429, "wait");
    second.always(Script::status(429).header("retry-after", "300").body(words));
    let answer = ask(&switchyard, &user.key).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, None));
    assert_eq!((first.count(), second.count()), (1, 1));
    live.leave();
}

#[tokio::test]
async fn a_provider_alone_at_its_limit_serves_nobody_and_the_row_says_why() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let id = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let limits = json!({ "owner": "provider", "id": id, "limitTotalUsd": 0.01 });
    switchyard.admin("limits/setLimits", limits).await;
    let user = switchyard.add_user(json!({})).await;
    for status in [200, 200, 503] {
        assert_eq!(ask(&switchyard, &user.key).await.status, status);
    }
    let rows = switchyard.rows_when(3).await;
    assert_eq!(rows[0]["statusCode"], 503);
    assert!(switchyard.logs().contains("SpendLimit"), "the log names the reason");
}

/// Shows what is used of the limits of groups, tags and providers.
async fn shared(switchyard: &Switchyard) -> Vec<Value> {
    let all = switchyard.admin("limits/getLimits", json!({})).await;
    let shared = all.as_array().unwrap().iter().filter(|one| one["owner"] != "user");
    shared.cloned().collect()
}

async fn restart(extra: &[(&str, &str)]) {
    let (first, second) = (Upstream::start(), Upstream::start());
    let mut switchyard = Switchyard::start_with(extra).await;
    let provider = switchyard.serve_at(Dialect::Anthropic, &first, 0).await;
    switchyard.serve_at(Dialect::Anthropic, &second, 1).await;
    let person = person(&switchyard, "team").await;
    for limits in [
        json!({ "owner": "group", "name": "team", "limitMonthlyUsd": 0.03 }),
        json!({ "owner": "tag", "name": "team", "limitDailyUsd": 1, "limitTotalUsd": 1 }),
        json!({ "owner": "provider", "id": provider, "limit5hUsd": 0.01, "limitTotalUsd": 5 }),
    ] {
        switchyard.admin("limits/setLimits", limits).await;
    }
    // Two at the first provider, two at the second; then the group has spent its month.
    for status in [200, 200, 200, 200, 402] {
        let answer = ask(&switchyard, &person.key).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    switchyard.rows_when(5).await;
    let before = shared(&switchyard).await;
    switchyard.sigkill();
    switchyard.restart().await;
    assert_eq!(shared(&switchyard).await, before);
    assert_eq!(ask(&switchyard, &person.key).await.status, 402, "the group");
    let lift = json!({ "owner": "group", "name": "team", "limitMonthlyUsd": null });
    switchyard.admin("limits/setLimits", lift).await;
    assert_eq!(ask(&switchyard, &person.key).await.status, 200);
    assert_eq!((first.count(), second.count()), (2, 3), "the provider is passed over still");
}

#[tokio::test]
async fn what_groups_tags_and_providers_spent_survives_a_kill_on_the_embedded_store() {
    restart(&[]).await;
}

#[tokio::test]
async fn what_groups_tags_and_providers_spent_survives_a_kill_on_postgres() {
    let database = Database::create().await;
    restart(&[("DSN", database.dsn().as_str()), SECRET]).await;
}

async fn spent_by(price: &str) -> (u16, f64) {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start_with(&[("SWITCHYARD_LIMITS_PRICE", price)]).await;
    let more = json!({ "cost_multiplier": 3 });
    switchyard.add_provider("claude", &upstream.url(), more).await;
    let user = switchyard.add_user(json!({ "dailyQuota": 0, "limitTotalUsd": 0.02 })).await;
    assert_eq!(ask(&switchyard, &user.key).await.status, 200);
    let seen = switchyard.admin("limits/getLimits", json!({ "owner": "user" })).await;
    let limits = seen[0]["limits"].as_array().unwrap();
    let total = limits.iter().find(|limit| limit["limitType"] == "usd_total").unwrap();
    let counted = total["current"].as_f64().unwrap();
    (ask(&switchyard, &user.key).await.status, counted)
}

#[tokio::test]
async fn limits_count_what_is_charged_or_the_list_price() {
    assert_eq!(spent_by("charged").await, (402, 0.0261));
    assert_eq!(spent_by("list").await, (200, 0.0087));
}

#[tokio::test]
async fn limits_that_are_switched_off_refuse_nobody_count_on_and_say_so() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start_with(&[("ENABLE_RATE_LIMIT", "false")]).await;
    let provider = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "rpm": 1, "limitTotalUsd": 0.01 })).await;
    let limits = json!({ "owner": "provider", "id": provider, "limitTotalUsd": 0.01 });
    switchyard.admin("limits/setLimits", limits).await;
    for _ in 0..4 {
        assert_eq!(ask(&switchyard, &user.key).await.status, 200);
    }
    let seen = switchyard.admin("limits/getLimits", json!({ "owner": "user" })).await;
    assert_eq!(seen[0]["limits"][0]["current"], json!(0.0348));
    let said = "ENABLE_RATE_LIMIT is off: limits are counted and nobody is refused";
    assert_eq!(switchyard.logs().matches(said).count(), 1);
    let health = switchyard.send(&Request::get("/api/health/ready")).await;
    assert!(health.status == 200 && health.text().contains(said), "{}", health.text());
}
