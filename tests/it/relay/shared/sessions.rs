//! Sessions over two nodes: a conversation that comes to another node is served where it was before,
//! and seats are counted together.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{Fleet, request, spent_today, streamed};
use crate::support::prices::MODEL;
use crate::support::upstream::answers::truncated;
use crate::support::upstream::{Match, Rule, Upstream};
use crate::support::waiting::{SOON, until};

#[tokio::test]
async fn a_session_keeps_its_provider_on_the_other_node() {
    let fleet = Fleet::new().await;
    let second = Upstream::start();
    let other = fleet.nodes[0].serve_at(Dialect::Anthropic, &second, 5).await;
    let switch = async |id: i64, on: bool| {
        let change = json!({ "providerId": id, "is_enabled": on });
        fleet.nodes[0].admin("providers/editProvider", change).await;
        // Both nodes follow the catalogue within half a second.
        tokio::time::sleep(super::A_SECOND).await;
    };
    switch(fleet.provider, false).await;
    assert_eq!(fleet.ask(0, &fleet.user.key, "talk-1").await.status, 200);
    assert_eq!(second.count(), 1, "only provider {other} was there");
    switch(fleet.provider, true).await;
    assert_eq!(fleet.ask(1, &fleet.user.key, "talk-1").await.status, 200);
    assert_eq!(second.count(), 2, "the other node knows who served it before");
    assert_eq!(fleet.ask(1, &fleet.user.key, "talk-2").await.status, 200);
    assert_eq!(second.count(), 2, "a new one goes to the first in order");
}

#[tokio::test]
async fn seats_are_counted_over_both_nodes_and_come_back() {
    let fleet = Fleet::new().await;
    let user = fleet.nodes[0].add_user(json!({ "limitConcurrentSessions": 1 })).await;
    fleet.agree(&user.key).await;
    let held = truncated(Dialect::Anthropic, MODEL, 1).stall();
    fleet.upstream.script(Rule::new(Match::any(), held).times(1));
    let streamed = streamed(&user.key, "first");
    let live = fleet.nodes[0].client().open(&streamed).await.expect("a stream");
    let refused = fleet.nodes[1].send(&request(&user.key, "second")).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert_eq!(refused.json()["error"]["limit_type"], "concurrent_sessions");
    let same = fleet.nodes[1].send(&request(&user.key, "first")).await;
    assert_eq!(same.status, 200, "the session itself has its seat: {}", same.text());
    live.leave();
    until("the seat is free on the other node", SOON, async || {
        let answer = fleet.nodes[1].send(&request(&user.key, "second")).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_node_that_dies_takes_its_seats_with_it() {
    let mut fleet = Fleet::new().await;
    let user = fleet.nodes[0].add_user(json!({ "limitConcurrentSessions": 1 })).await;
    fleet.agree(&user.key).await;
    let held = truncated(Dialect::Anthropic, MODEL, 1).stall();
    fleet.upstream.script(Rule::new(Match::any(), held).times(1));
    let streamed = streamed(&user.key, "first");
    let _live = fleet.nodes[0].client().open(&streamed).await.expect("a stream");
    assert_eq!(fleet.nodes[1].send(&request(&user.key, "second")).await.status, 429);
    fleet.nodes[0].sigkill();
    until("the dead node's seat is given up", std::time::Duration::from_secs(25), async || {
        let answer = fleet.nodes[1].send(&request(&user.key, "second")).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_node_that_leaves_in_order_gives_its_seats_back_at_once() {
    let mut fleet = Fleet::new().await;
    let user = fleet.nodes[0].add_user(json!({ "limitConcurrentSessions": 1 })).await;
    fleet.agree(&user.key).await;
    let streamed = streamed(&user.key, "first");
    assert_eq!(fleet.nodes[0].send(&streamed).await.status, 200);
    let refused = fleet.nodes[1].send(&request(&user.key, "second")).await;
    assert_eq!(refused.status, 429, "the seat rests for a while: {}", refused.text());
    let spent = until("it is booked", SOON, async || {
        let spent = spent_today(&fleet.nodes[0], user.id).await;
        (spent > 0).then_some(spent)
    })
    .await;
    fleet.nodes[0].sigterm();
    assert_eq!(fleet.nodes[0].wait_exit(SOON), Some(0));
    let nodes = fleet.cache.ask("HLEN {sw}:nodes").expect("redis answers");
    assert!(nodes.contains(":1\r\n"), "one node is left: {nodes}");
    let answer = fleet.nodes[1].send(&request(&user.key, "second")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    until("the other node shows both answers", SOON, async || {
        (spent_today(&fleet.nodes[1], user.id).await > spent).then_some(())
    })
    .await;
}
