//! A dead host is told from a dead network.

use std::net::TcpListener;

use serde_json::json;

use super::{DIALECT, change, health, nowhere, state};
use crate::relay::stand::Pair;
use crate::support::client::Request;
use crate::support::upstream::Upstream;
use crate::support::waiting::{self, SOON};

const COUNT: (&str, &str) = ("ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS", "true");

#[tokio::test]
async fn a_dead_host_opens_after_its_failures_while_another_answers() {
    let pair = Pair::with(DIALECT, &[COUNT]).await;
    change(&pair.switchyard, pair.first_id, json!({ "url": nowhere() })).await;
    for number in 1..=5 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
        assert_eq!(pair.switchyard.failures(pair.first_id).await, number);
    }
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
    let logs = pair.switchyard.logs();
    let line = format!("[CircuitBreaker] opened: provider {} until ", pair.first_id);
    assert!(logs.contains(&line) && logs.contains("after 5 failures in a row"), "{logs}");
    assert_eq!(logs.matches("tcp connect at ").count(), 5, "the last five causes: {logs}");
}

#[tokio::test]
async fn when_nothing_can_be_reached_nobody_is_charged() {
    let canary = nowhere().replace("http://", "");
    for extra in [vec![COUNT], vec![COUNT, ("NETWORK_CANARY", canary.as_str())]] {
        let pair = Pair::with(DIALECT, &extra).await;
        assert_eq!(pair.ask(DIALECT, true).await.status, 200, "it was well before");
        let (first, second) = (pair.first.url(), pair.second.url());
        for id in [pair.first_id, pair.second_id] {
            change(&pair.switchyard, id, json!({ "url": nowhere() })).await;
        }
        let asked = (0..30).map(|_| pair.ask(DIALECT, true));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.status, 503, "{}", answer.text());
        }
        waiting::until("health says it", SOON, async || {
            let said = pair.switchyard.send(&Request::get("/api/health/ready")).await;
            (said.status == 200 && said.text().contains("our own network")).then_some(())
        })
        .await;
        for (id, url) in [(pair.first_id, first), (pair.second_id, second)] {
            assert_eq!(health(&pair.switchyard, id).await["failureCount"], 0, "{extra:?}");
            change(&pair.switchyard, id, json!({ "url": url })).await;
        }
        assert_eq!(pair.ask(DIALECT, true).await.status, 200, "the first one after it is back");
    }
}

#[tokio::test]
async fn of_a_host_alone_the_canary_tells() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let there = listener.local_addr().expect("address").to_string();
    let gone = nowhere().replace("http://", "");
    for (canary, charged) in [(there, 3), (gone, 0)] {
        let pair = Pair::with(DIALECT, &[COUNT, ("NETWORK_CANARY", &canary)]).await;
        change(&pair.switchyard, pair.second_id, json!({ "is_enabled": false })).await;
        change(&pair.switchyard, pair.first_id, json!({ "url": nowhere() })).await;
        for _ in 0..3 {
            assert_eq!(pair.ask(DIALECT, true).await.status, 503);
        }
        let told = async || {
            let count = pair.switchyard.failures(pair.first_id).await;
            (count == charged).then_some(())
        };
        waiting::until(&format!("{charged} failures are counted"), SOON, told).await;
        let alive = Upstream::start();
        change(&pair.switchyard, pair.first_id, json!({ "url": alive.url() })).await;
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0);
    }
}

#[tokio::test]
async fn two_addresses_that_are_dead_are_told_from_a_dead_network_by_an_idle_host() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let canary = listener.local_addr().expect("address").to_string();
    for extra in [vec![], vec![("NETWORK_CANARY", canary.as_str())]] {
        let pair = Pair::with(DIALECT, &extra).await;
        let dead = json!({ "url": nowhere(), "endpoints": [nowhere()] });
        change(&pair.switchyard, pair.first_id, dead).await;
        change(&pair.switchyard, pair.second_id, json!({ "group_tag": "others" })).await;
        let one = json!({ "providerId": pair.first_id });
        waiting::until("both of its breakers are open", SOON, async || {
            assert_eq!(pair.ask(DIALECT, true).await.status, 503);
            let of = pair.switchyard.admin("providers/getProviderEndpoints", one.clone()).await;
            let all = of.as_array().expect("a list");
            all.iter().all(|one| one["circuitState"] == "open").then_some(())
        })
        .await;
        assert_eq!(pair.second.count(), 0, "by a connection alone");
        waiting::until("health says nothing of our network", SOON, async || {
            let said = pair.switchyard.send(&Request::get("/api/health/ready")).await;
            (!said.text().contains("our own network")).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_dead_host_whose_requests_nobody_else_can_serve_is_compared_with_an_idle_one() {
    let pair = Pair::with(DIALECT, &[COUNT]).await;
    change(&pair.switchyard, pair.first_id, json!({ "url": nowhere() })).await;
    let others = json!({ "group_tag": "others" });
    change(&pair.switchyard, pair.second_id, others).await;
    for number in 1..=5 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 503);
        let counted = health(&pair.switchyard, pair.first_id).await["failureCount"].clone();
        assert_eq!(counted, number, "it is shown at once");
    }
    waiting::until("its breaker is open", SOON, async || {
        (state(&pair.switchyard, pair.first_id).await == "open").then_some(())
    })
    .await;
    assert_eq!(pair.second.count(), 0, "by a connection alone");
}
