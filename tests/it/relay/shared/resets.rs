//! Resets of a group and of a tag over two nodes: both count anew, through Redis and without it.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{A_DIME, DIME_MODEL, Fleet, dimes};
use crate::support::client::Request;
use crate::support::upstream::answers;
use crate::support::upstream::{Match, Rule, Script, Seen};
use crate::support::waiting::{SOON, until};

/// A group or a tag with a dollar a day, and somebody who spends it.
struct Yard {
    fleet: Fleet,
    owner: Value,
    key: String,
}

impl Yard {
    async fn new(owner: &str, name: &str) -> Self {
        let fleet = Fleet::new().await;
        fleet.nodes[0].upload_prices(&dimes()).await;
        let owner = json!({ "owner": owner, "name": name });
        let mut limits = owner.clone();
        limits["limitDailyUsd"] = json!(1);
        fleet.nodes[0].admin("limits/setLimits", limits).await;
        let user = fleet.nodes[0].add_user(json!({ "tags": ["blue"] })).await;
        fleet.agree(&user.key).await;
        let dime = |seen: &Seen| {
            let body = answers::answer(Dialect::Anthropic, &seen.model().unwrap(), "hi", &A_DIME);
            Script::status(200).header("content-type", "application/json").body(body)
        };
        fleet.upstream.script(Rule::made(Match::any(), dime));
        Self { fleet, owner, key: user.key }
    }

    async fn is_served(&self, node: usize) -> bool {
        let body = json!({ "model": DIME_MODEL, "max_tokens": 100, "stream": false,
            "messages": [{ "role": "user", "content": "a dime" }] });
        let request = Request::model(Dialect::Anthropic, &self.key, DIME_MODEL, false);
        let answer = self.fleet.nodes[node].send(&request.body(body.to_string())).await;
        assert!(matches!(answer.status, 200 | 402), "{}", answer.text());
        answer.status == 200
    }

    /// Asks both nodes in turn until both refuse; returns how many were served.
    async fn exhaust(&self) -> usize {
        let mut served = 0;
        for _ in 0..20 {
            let now = [self.is_served(0).await, self.is_served(1).await];
            served += now.iter().filter(|served| **served).count();
            if now == [false, false] {
                return served;
            }
        }
        panic!("the limit never holds: {served}");
    }

    /// Asks until a dollar is spent of which `before` dimes were before; returns how many were
    /// served.
    async fn exhaust_from(&self, before: usize) -> usize {
        let mut served = self.exhaust().await;
        until("the rest of the dollar", SOON, async || {
            served += self.exhaust().await;
            (before + served >= 10).then_some(())
        })
        .await;
        served
    }

    /// Waits until both nodes know that the dollar is spent: what one has charged comes to the other a
    /// moment later.
    async fn both_know_of_the_dollar(&self) {
        for node in &self.fleet.nodes {
            until("the node knows what is spent", SOON, async || {
                let listed = node.admin("limits/getLimits", self.owner.clone()).await;
                (listed[0]["limits"][0]["current"].as_f64() == Some(1.0)).then_some(())
            })
            .await;
        }
    }

    async fn reset(&self, node: usize) {
        self.fleet.nodes[node].admin("limits/resetLimits", self.owner.clone()).await;
    }

    /// Waits until a node serves.
    async fn serves(&self, node: usize) {
        until("the node has heard of it", SOON, async || self.is_served(node).await.then_some(()))
            .await;
    }
}

async fn reset_twice(owner: &str, name: &str) {
    let mut yard = Yard::new(owner, name).await;
    assert_eq!(yard.exhaust().await, 10, "{owner}");
    yard.reset(1).await;
    yard.serves(0).await;
    assert_eq!(yard.exhaust().await, 9, "a dollar over both: {owner}");
    // Without Redis each hears of a reset from the database, and has its part of what is left as far
    // as it knows.
    yard.both_know_of_the_dollar().await;
    yard.fleet.cache.kill();
    assert_eq!(yard.exhaust().await, 0, "{owner}");
    yard.reset(0).await;
    yard.serves(1).await;
    yard.serves(0).await;
    let alone = 2 + yard.exhaust().await;
    assert!((8..=12).contains(&alone), "{alone} of a dollar and an estimate a node: {owner}");
    // Redis is back, and is told what was spent since. Each has its part until both have told that;
    // then all of the dollar is there.
    yard.fleet.cache.restart();
    yard.fleet.see_each_other().await;
    let rest = yard.exhaust_from(alone).await;
    assert!(alone + rest <= 12, "{alone} and {rest}: {owner}");
    yard.reset(1).await;
    yard.serves(0).await;
    let served = yard.exhaust_from(1).await;
    assert_eq!((served, yard.exhaust().await), (9, 0), "{owner}");
}

#[tokio::test]
async fn a_group_that_is_reset_counts_anew_on_both_nodes() {
    reset_twice("group", "default").await;
}

#[tokio::test]
async fn a_tag_that_is_reset_counts_anew_on_both_nodes() {
    reset_twice("tag", "blue").await;
}
