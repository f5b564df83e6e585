//! What operators see and do: lists, resets, switches, what is left of a vendor's limits.

use serde_json::{Value, json};

use super::{DIALECT, change, fault, health, nowhere, state};
use crate::relay::stand::Pair;
use crate::support::client::Request;
use crate::support::launch;
use crate::support::prices::MODEL;
use crate::support::upstream::answers::{PLAIN, frames};
use crate::support::upstream::{Script, Upstream};

fn tool(pair: &Pair, arguments: &[&str]) -> String {
    let (ended, said) = launch::run_to_end(pair.switchyard.data(), arguments, &[]);
    assert!(ended.success(), "{arguments:?}: {said}");
    said
}

/// Opens the breaker of the first provider.
async fn open(pair: &Pair) {
    pair.first.always(fault());
    for _ in 0..5 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    }
    pair.first.reset();
}

#[tokio::test]
async fn breakers_are_listed_and_reset_on_the_command_line() {
    let pair = Pair::new(DIALECT).await;
    let empty = tool(&pair, &["breakers", "list"]);
    assert!(empty.contains("all breakers are closed"), "{empty}");
    let name = {
        let all = pair.switchyard.admin("providers/getProviders", json!({})).await;
        let of_first = |one: &&Value| one["id"].as_i64() == Some(pair.first_id);
        let first = all.as_array().unwrap().iter().find(of_first).unwrap();
        first["name"].as_str().unwrap().to_owned()
    };
    open(&pair).await;
    let listed = tool(&pair, &["breakers", "list"]);
    let line = listed.lines().find(|line| line.contains(&name)).expect("its line");
    assert!(line.contains("open") && line.contains(" 5 "), "{listed}");
    assert_eq!(line.matches("http 500 ").count(), 5, "the last five causes: {listed}");
    assert_eq!(tool(&pair, &["breakers", "reset", &name]).trim(), "reset: 1; closed already: 0");
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(pair.first.count(), 1, "the next request uses it");
    open(&pair).await;
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
    assert_eq!(tool(&pair, &["breakers", "reset", "--all"]).trim(), "reset: 1; closed already: 1");
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "closed");
}

#[tokio::test]
async fn several_are_reset_in_one_call_and_strangers_may_not() {
    let pair = Pair::new(DIALECT).await;
    open(&pair).await;
    let both = json!({ "providerIds": [pair.first_id, pair.second_id, 99] });
    let done = pair.switchyard.admin("providers/batchResetProviderCircuits", both).await;
    assert_eq!(done["resetCount"], 1);
    assert_eq!(pair.switchyard.admin("providers/getBreakers", json!({})).await, json!([]));
    open(&pair).await;
    let id = endpoints(&pair).await[0]["id"].clone();
    for (action, body) in [
        ("getBreakers", json!({})),
        ("batchResetProviderCircuits", json!({ "providerIds": [pair.first_id] })),
        ("getProviderEndpoints", json!({ "providerId": pair.first_id })),
        ("editProviderEndpoint", json!({ "endpointId": id, "isEnabled": false })),
    ] {
        let target = format!("/api/actions/providers/{action}");
        let request = Request::post(&target, body.to_string()).bearer(&pair.user.key);
        let cookie = format!("auth-token={}", pair.user.key);
        let answer = pair.switchyard.send(&request.header("cookie", &cookie)).await;
        assert_eq!(answer.json()["ok"], false, "{action}: {}", answer.text());
    }
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
    assert_eq!(endpoints(&pair).await[0]["isEnabled"], true);
}

async fn endpoints(pair: &Pair) -> Vec<Value> {
    let one = json!({ "providerId": pair.first_id });
    let listed = pair.switchyard.admin("providers/getProviderEndpoints", one).await;
    listed.as_array().expect("a list").clone()
}

#[tokio::test]
async fn an_address_is_switched_off_and_keeps_that_when_others_change() {
    let pair = Pair::new(DIALECT).await;
    let (second, third) = (Upstream::start(), Upstream::start());
    change(&pair.switchyard, pair.first_id, json!({ "endpoints": [second.url()] })).await;
    let before = endpoints(&pair).await;
    let urls: Vec<&str> = before.iter().filter_map(|one| one["url"].as_str()).collect();
    assert_eq!(urls, [pair.first.url(), second.url()]);
    let id = before[0]["id"].to_string();
    tool(&pair, &["provider", "endpoint", &id, "off"]);
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!((pair.first.count(), second.count()), (0, 1));
    let more = json!({ "endpoints": [third.url(), second.url()] });
    change(&pair.switchyard, pair.first_id, more).await;
    let after = endpoints(&pair).await;
    let of = |list: &[Value], url: &str| {
        let found = list.iter().find(|one| one["url"] == url).expect("it is there");
        (found["id"].clone(), found["isEnabled"].clone())
    };
    assert_eq!(of(&after, &pair.first.url()), (before[0]["id"].clone(), json!(false)));
    assert_eq!(of(&after, &second.url()), (before[1]["id"].clone(), json!(true)));
    assert_eq!(after[1]["url"], third.url(), "in the order that was written");
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(third.count(), 1);
    tool(&pair, &["provider", "endpoint", &id, "on"]);
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(pair.first.count(), 1);
    let listed = tool(&pair, &["provider", "endpoints", &pair.first_id.to_string()]);
    assert_eq!(listed.lines().filter(|line| line.contains("closed")).count(), 3, "{listed}");
    let unknown = json!({ "endpointId": 99, "isEnabled": true });
    let answer = pair.switchyard.action("providers/editProviderEndpoint", &unknown).await;
    assert_eq!(answer.json()["ok"], false);
}

#[tokio::test]
async fn an_address_in_trouble_is_listed_below_its_provider() {
    let pair = Pair::new(DIALECT).await;
    let alive = Upstream::start();
    let dead = nowhere();
    let both = json!({ "url": dead, "endpoints": [alive.url()] });
    change(&pair.switchyard, pair.first_id, both).await;
    for _ in 0..3 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    }
    let listed = pair.switchyard.admin("providers/getBreakers", json!({})).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!((&listed[0]["state"], &listed[0]["endpointUrl"]), (&json!("open"), &json!(dead)));
    assert_eq!(listed[0]["causes"][0]["detail"], "tcp connect");
    let of_first = endpoints(&pair).await;
    assert_eq!(of_first[0]["circuitState"], "open");
    assert_eq!(of_first[1]["circuitState"], "closed");
    let one = json!({ "providerId": pair.first_id });
    pair.switchyard.admin("providers/resetProviderCircuit", one).await;
    assert_eq!(endpoints(&pair).await[0]["circuitState"], "closed");
}

#[tokio::test]
async fn what_is_left_of_a_vendors_limits_is_remembered() {
    let pair = Pair::new(DIALECT).await;
    assert!(health(&pair.switchyard, pair.first_id).await.get("remaining").is_none());
    let good = Script::status(200)
        .header("content-type", "text/event-stream")
        .header("anthropic-ratelimit-requests-limit", "50")
        .header("anthropic-ratelimit-requests-remaining", "49")
        .header("anthropic-ratelimit-tokens-remaining", "39000")
        .chunked();
    pair.first.once(good.chunks(frames(DIALECT, MODEL, 3, &PLAIN)).end());
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    let left = health(&pair.switchyard, pair.first_id).await["remaining"].clone();
    assert_eq!((&left["requests"], &left["requestsLimit"]), (&json!(49), &json!(50)), "{left}");
    assert_eq!((&left["tokens"], &left["tokensLimit"]), (&json!(39_000), &Value::Null));
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    let still = health(&pair.switchyard, pair.first_id).await["remaining"].clone();
    assert_eq!(still, left, "an answer that says nothing of it changes nothing");
}
