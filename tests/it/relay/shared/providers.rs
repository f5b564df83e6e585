//! A provider's own limits over two nodes: what one node has let in counts on the other at once. Who
//! is at a limit is left out of the choice, with the reason that its own node would have given.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{A_DIME, DIME, DIME_MODEL, Fleet, dimes, request, streamed};
use crate::support::client::{Answer, Live, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::answers::{self, truncated};
use crate::support::upstream::{Match, Rule, Script, Seen, Upstream};
use crate::support::waiting::{SOON, until};

/// A provider that does not end is listened to for ten seconds after its client has left; its place is
/// taken until then.
const DRAINED: Duration = Duration::from_secs(25);
/// A dollar, in nano-dollars.
const DOLLAR: u64 = 1_000_000_000;

/// A fleet whose provider has a limit that both nodes know of.
async fn limited(mut limits: Value) -> Fleet {
    let fleet = Fleet::new().await;
    (limits["owner"], limits["id"]) = (json!("provider"), json!(fleet.provider));
    fleet.nodes[0].admin("limits/setLimits", limits).await;
    // The catalogue that knows this user knows the limit as well.
    let later = fleet.nodes[0].add_user(json!({ "name": "Grace" })).await;
    fleet.agree(&later.key).await;
    // A key is asked for by the list of models, for which vendors are asked.
    fleet.upstream.forget();
    fleet
}

impl Fleet {
    /// Opens a stream that the provider does not end.
    async fn hold(&self, node: usize, session: &str) -> Live {
        let held = truncated(Dialect::Anthropic, MODEL, 1).stall();
        self.upstream.script(Rule::new(Match::any(), held).times(1));
        let streamed = streamed(&self.user.key, session);
        let mut live = self.nodes[node].client().open(&streamed).await.expect("a stream");
        live.frame_with("piece 0").await;
        live
    }

    /// Asks for an answer as the user without limits.
    async fn try_on(&self, node: usize, session: &str) -> Answer {
        self.nodes[node].send(&request(&self.user.key, session)).await
    }

    async fn served_again(&self, node: usize, session: &str) {
        until("the place is free on the other node", DRAINED, async || {
            (self.try_on(node, session).await.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_provider_with_one_place_serves_one_request_of_both_nodes() {
    let fleet = limited(json!({ "limitConcurrentRequests": 1 })).await;
    let live = fleet.hold(0, "first").await;
    let refused = fleet.try_on(1, "second").await;
    assert_eq!(refused.status, 503, "nobody else could serve: {}", refused.text());
    assert_eq!(fleet.upstream.count(), 1);
    let notes = fleet.nodes[1].rows_when(1).await.remove(0)["notes"].to_string();
    let reason = format!("left out, concurrency_limit: {}", fleet.provider);
    assert!(notes.contains(&reason), "{notes}");
    live.leave();
    fleet.served_again(1, "second").await;
}

#[tokio::test]
async fn a_request_goes_to_the_next_provider_when_the_other_node_has_filled_the_first() {
    let fleet = limited(json!({ "limitConcurrentRequests": 1 })).await;
    let second = Upstream::start();
    let spare = fleet.nodes[0].serve_at(Dialect::Anthropic, &second, 5).await;
    let later = fleet.nodes[0].add_user(json!({ "name": "Joan" })).await;
    fleet.agree(&later.key).await;
    fleet.upstream.forget();
    second.forget();
    let live = fleet.hold(0, "first").await;
    let answer = fleet.try_on(1, "second").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((fleet.upstream.count(), second.count()), (1, 1));
    let row = fleet.nodes[1].rows_when(1).await.remove(0);
    let link = &row["providerChain"][0];
    assert_eq!(link["id"], json!(spare), "{row:#}");
    let left_out = link["decisionContext"].to_string();
    assert!(left_out.contains("concurren"), "{left_out}");
    drop(live);
}

#[tokio::test]
async fn a_provider_is_never_spent_above_its_limit_by_two_nodes() {
    let fleet = limited(json!({ "limitDailyUsd": 1 })).await;
    fleet.nodes[0].upload_prices(&dimes()).await;
    let later = fleet.nodes[0].add_user(json!({ "name": "Joan" })).await;
    fleet.agree(&later.key).await;
    let slow = |seen: &Seen| {
        let body = answers::answer(Dialect::Anthropic, &seen.model().unwrap(), "hi", &A_DIME);
        let answer = Script::status(200).header("content-type", "application/json");
        answer.sleep(Duration::from_millis(150)).body(body)
    };
    fleet.upstream.script(Rule::made(Match::any(), slow));
    let ask = async |number: usize| {
        let body = json!({
            "model": DIME_MODEL, "max_tokens": 100, "stream": false,
            "messages": [{ "role": "user", "content": format!("question {number}") }],
        });
        let asked = Request::model(Dialect::Anthropic, &fleet.user.key, DIME_MODEL, false);
        fleet.nodes[number % 2].send(&asked.body(body.to_string())).await.status
    };
    let burst = futures_util::future::join_all((0..60).map(ask)).await;
    assert!(burst.iter().all(|status| [200, 503].contains(status)), "{burst:?}");
    let mut served = burst.iter().filter(|status| **status == 200).count();
    assert!(served >= 8, "{burst:?}");
    // What is held is given back; then one after the other is served until the limit.
    let mut refused = 0;
    for number in 0..40 {
        let status = ask(number).await;
        served += usize::from(status == 200);
        refused = if status == 200 { 0 } else { refused + 1 };
        if refused == 4 {
            break;
        }
    }
    let spent = served as u64 * DIME;
    println!("{served} served, {spent} of {DOLLAR} nano-dollars");
    assert!(spent <= DOLLAR && spent + DIME > DOLLAR, "{spent}");
}

#[tokio::test]
async fn seats_at_a_provider_are_counted_over_both_nodes() {
    let fleet = limited(json!({ "limitConcurrentSessions": 1 })).await;
    let live = fleet.hold(0, "first").await;
    assert_eq!(fleet.try_on(1, "second").await.status, 503);
    let same = fleet.try_on(1, "first").await;
    assert_eq!(same.status, 200, "the session itself has its seat: {}", same.text());
    live.leave();
    fleet.served_again(1, "second").await;
}

#[tokio::test]
async fn each_node_has_its_part_of_a_provider_while_redis_is_away() {
    let mut fleet = limited(json!({ "limitConcurrentRequests": 2 })).await;
    fleet.cache.kill();
    let there = async |node: usize| super::gauge(&fleet.nodes[node], "switchyard_redis_up").await;
    for node in [0, 1] {
        until("the node misses it", SOON, async || (there(node).await == 0).then_some(())).await;
    }
    let lives = [fleet.hold(0, "first").await, fleet.hold(1, "second").await];
    for node in [0, 1] {
        assert_eq!(fleet.try_on(node, "third").await.status, 503, "one place on each");
    }
    for live in lives {
        live.leave();
    }
    fleet.cache.restart();
    fleet.see_each_other().await;
    fleet.served_again(0, "third").await;
}
