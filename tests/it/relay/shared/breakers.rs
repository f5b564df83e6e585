//! Breakers over two nodes: one truth (T15), and never more probes than allowed (T14).

use std::time::Duration;

use serde_json::json;

use super::{Fleet, gauge};
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::{Match, Rule, Script};
use crate::support::waiting::{SOON, until};

impl Fleet {
    /// Starts with a provider whose breaker opens at the second failure, for so long.
    async fn brittle(open_for: Duration) -> Self {
        let this = Self::new().await;
        let millis = u64::try_from(open_for.as_millis()).unwrap();
        let change = json!({
            "providerId": this.provider, "circuit_breaker_failure_threshold": 2,
            "circuit_breaker_open_duration": millis,
            "circuit_breaker_half_open_success_threshold": 1, "max_retry_attempts": 1, "weight": 7,
        });
        this.nodes[0].admin("providers/editProvider", change).await;
        until("the other node knows the change", SOON, async || {
            let question = json!({ "keyId": this.user.key_id, "model": MODEL });
            let found = this.nodes[1].admin("routing/simulateDispatch", question).await;
            (found["ranks"][0]["providers"][0]["weight"] == 7).then_some(())
        })
        .await;
        this
    }

    async fn fail_until_open(&self, node: usize) {
        self.upstream.script(Rule::new(Match::any(), Script::status(500).end()));
        until("the breaker opens", SOON, async || {
            self.ask(node, &self.user.key, "failing").await;
            (gauge(&self.nodes[node], "switchyard_breakers{state=\"open\"}").await == 1)
                .then_some(())
        })
        .await;
    }

    async fn is_open(&self, node: usize, open: bool) {
        until("the node hears of it", SOON, async || {
            let now = gauge(&self.nodes[node], "switchyard_breakers{state=\"open\"}").await;
            (now == i64::from(open)).then_some(())
        })
        .await;
    }

    async fn reset(&self, node: usize) {
        let body = json!({ "providerId": self.provider });
        self.nodes[node].admin("providers/resetProviderCircuit", body).await;
    }
}

#[tokio::test]
async fn a_breaker_that_opens_and_is_reset_does_so_on_both_nodes() {
    let fleet = Fleet::brittle(Duration::from_mins(10)).await;
    fleet.fail_until_open(0).await;
    fleet.is_open(1, true).await;
    let asked = fleet.upstream.count();
    assert_eq!(fleet.ask(1, &fleet.user.key, "b").await.status, 503);
    assert_eq!(fleet.upstream.count(), asked, "the other node leaves the provider alone");
    fleet.upstream.reset();
    fleet.reset(1).await;
    fleet.is_open(0, false).await;
    assert_eq!(fleet.ask(0, &fleet.user.key, "a").await.status, 200);
    assert!(fleet.nodes[1].logs().contains("[CircuitBreaker]"), "it is said on the other as well");
}

#[tokio::test]
async fn an_emptied_redis_closes_what_was_open() {
    let fleet = Fleet::brittle(Duration::from_mins(10)).await;
    fleet.fail_until_open(0).await;
    fleet.is_open(1, true).await;
    fleet.upstream.reset();
    fleet.cache.flush();
    for node in [0, 1] {
        fleet.is_open(node, false).await;
        assert_eq!(fleet.ask(node, &fleet.user.key, "again").await.status, 200);
    }
}

#[tokio::test]
async fn two_nodes_let_one_probe_out_at_a_time() {
    let fleet = Fleet::brittle(Duration::from_secs(1)).await;
    fleet.fail_until_open(0).await;
    fleet.is_open(1, true).await;
    fleet.upstream.reset();
    let slow = Script::status(500).sleep(Duration::from_millis(400)).end();
    fleet.upstream.script(Rule::new(Match::any(), slow));
    let before = fleet.upstream.count();
    // Both nodes ask all the time; a probe takes 400 ms and fails, and the breaker rests for 1 s.
    let end = tokio::time::Instant::now() + Duration::from_secs(5);
    let ask = async |node: usize| -> Vec<Answer> {
        let mut answers = Vec::new();
        while tokio::time::Instant::now() < end {
            answers.push(fleet.ask(node, &fleet.user.key, "probing").await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        answers
    };
    tokio::join!(ask(0), ask(1), ask(0), ask(1));
    let seen = fleet.upstream.requests();
    let probes = &seen[before.min(seen.len())..];
    assert!(!probes.is_empty(), "the provider is tried again");
    for pair in probes.windows(2) {
        let gap = pair[1].at.duration_since(pair[0].at);
        assert!(gap >= Duration::from_millis(400), "two probes at once: {gap:?}");
    }
    fleet.upstream.reset();
    until("a good probe closes it for both", SOON, async || {
        let first = fleet.ask(0, &fleet.user.key, "x").await.status;
        let second = fleet.ask(1, &fleet.user.key, "y").await.status;
        (first == 200 && second == 200).then_some(())
    })
    .await;
    let health = Request::get("/api/health/ready");
    assert_eq!(fleet.nodes[0].send(&health).await.status, 200);
}
