//! A node that starts while others spend: what ends while it reads the ledger counts once.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{A_DIME, DIME, DIME_MODEL, Fleet, SECRET, dimes};
use crate::support::client::Request;
use crate::support::prices::nano;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers;
use crate::support::upstream::{Match, Rule, Script};
use crate::support::waiting::{SOON, until};

/// The node has read the ledger, and rests before it reads what the others have told.
const RESTS: (&str, &str) = ("FAILPOINTS", "restore::after_read=sleep(4000)");
const PAUSE: Duration = Duration::from_millis(20);

/// Returns what the check of a node counts of a user's money.
async fn counted(node: &Switchyard, user: i64) -> u64 {
    let all = node.admin("limits/getLimits", json!({ "owner": "user" })).await;
    let mut all = all.as_array().expect("a list").iter();
    let own = all.find(|one| one["id"] == user).expect("the user");
    let mut limits = own["limits"].as_array().expect("limits").iter();
    let total = limits.find(|one| one["limitType"] == "usd_total").expect("the total");
    nano(&total["current"].to_string())
}

#[tokio::test]
async fn what_ends_while_a_node_reads_the_ledger_counts_there_once() {
    let fleet = Fleet::new().await;
    fleet.nodes[0].upload_prices(&dimes()).await;
    fleet.upstream.script(Rule::made(Match::any(), |seen| {
        let body = answers::answer(Dialect::Anthropic, &seen.model().unwrap(), "hi", &A_DIME);
        Script::status(200).header("content-type", "application/json").body(body)
    }));
    let body = json!({ "model": DIME_MODEL, "max_tokens": 100, "stream": false,
        "messages": [{ "role": "user", "content": "a dime" }] });
    let user = fleet.nodes[0].add_user(json!({ "limitTotalUsd": 90_000 })).await;
    fleet.agree(&user.key).await;
    let request =
        Request::model(Dialect::Anthropic, &user.key, DIME_MODEL, false).body(body.to_string());
    let (dsn, url) = (fleet.database.dsn(), fleet.cache.url());
    let environment = [("DSN", dsn.as_str()), ("REDIS_URL", url.as_str()), SECRET, RESTS];
    let (started, mut served) = (Cell::new(false), 0);
    let starting = async {
        let third = Switchyard::launch(&environment).await;
        started.set(true);
        third
    };
    // Before it reads, while it does, and while it rests. Every answer is waited for.
    let asking = async {
        while !started.get() {
            let answer = fleet.nodes[0].send(&request).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            served += 1;
            tokio::time::sleep(PAUSE).await;
        }
    };
    let (third, ()) = tokio::join!(starting, asking);
    assert!(served > 20, "too few to tell: {served}");
    let truth = served * DIME;
    until("all nodes count what was served", SOON, async || {
        let [first, second] = &fleet.nodes;
        let all = [first, second, &third].map(|node| counted(node, user.id));
        (join_all(all).await.iter().all(|counted| *counted == truth)).then_some(())
    })
    .await;
    tokio::time::sleep(PAUSE * 50).await;
    assert_eq!(counted(&third, user.id).await, truth, "and none of it twice");
}
