//! Limits over two nodes: a burst, estimates that are wrong, and a Redis that goes in the middle.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{A_DIME, DIME, DIME_MODEL, Fleet, dimes, gauge, spent_today};
use crate::support::client::{Answer, Request};
use crate::support::upstream::answers;
use crate::support::upstream::{Match, Rule};
use crate::support::waiting::{SOON, until};

/// A dollar, in nano-dollars.
const DOLLAR: u64 = 1_000_000_000;
const BURST: usize = 200;

/// Five keys of one user with a dollar a day, and a vendor that takes its time.
struct Burst {
    fleet: Fleet,
    user: i64,
    keys: Vec<String>,
    /// The most tokens that each request says it wants.
    wants: u64,
}

/// What became of the requests.
#[derive(Debug, Default)]
struct Outcome {
    served: usize,
    refused: usize,
    slowest: Duration,
}

impl Burst {
    async fn new(wants: u64) -> Self {
        let fleet = Fleet::new().await;
        fleet.nodes[0].upload_prices(&dimes()).await;
        let user = fleet.nodes[0].add_user(json!({ "dailyQuota": 1 })).await;
        let mut keys = vec![user.key.clone()];
        for number in 2..=5 {
            keys.push(fleet.nodes[0].add_key(user.id, &format!("key {number}"), json!({})).await);
        }
        for key in &keys {
            fleet.agree(key).await;
        }
        let slow = |seen: &crate::support::upstream::Seen| {
            let body = answers::answer(Dialect::Anthropic, &seen.model().unwrap(), "hi", &A_DIME);
            crate::support::upstream::Script::status(200)
                .header("content-type", "application/json")
                .sleep(Duration::from_millis(150))
                .body(body)
        };
        fleet.upstream.script(Rule::made(Match::any(), slow));
        Self { fleet, user: user.id, keys, wants }
    }

    fn request(&self, number: usize) -> Request {
        let body = json!({
            "model": DIME_MODEL, "max_tokens": self.wants, "stream": false,
            "messages": [{ "role": "user", "content": format!("question {number}") }],
        });
        let key = &self.keys[number % self.keys.len()];
        Request::model(Dialect::Anthropic, key, DIME_MODEL, false).body(body.to_string())
    }

    /// Sends requests to both nodes at once.
    async fn fire(&self, count: usize) -> Outcome {
        let begun = Instant::now();
        let asking = (0..count).map(|number| async move {
            let node = &self.fleet.nodes[number % 2];
            let sent = Instant::now();
            (node.send(&self.request(number)).await, sent.elapsed())
        });
        let mut outcome = Outcome::default();
        for (answer, took) in futures_util::future::join_all(asking).await {
            outcome.slowest = outcome.slowest.max(took);
            match answer.status {
                200 => outcome.served += 1,
                402 => {
                    assert_refusal(&answer);
                    outcome.refused += 1;
                }
                other => panic!("{other}: {}", answer.text()),
            }
        }
        println!("{outcome:?} after {:?}", begun.elapsed());
        outcome
    }

    /// Asks one after the other until both nodes refuse for good; returns how many were served.
    ///
    /// A refusal counts only while nothing is held any more: an estimate that is on its way back
    /// leaves no room, and rightly so.
    async fn exhaust(&self) -> usize {
        let mut served = 0;
        for number in 0.. {
            self.nothing_held().await;
            let answers = [
                self.fleet.nodes[0].send(&self.request(number)).await,
                self.fleet.nodes[1].send(&self.request(number)).await,
            ];
            let now = answers.iter().filter(|answer| answer.status == 200).count();
            served += now;
            if now == 0 {
                return served;
            }
            assert!(number < 30, "the limit never holds");
        }
        served
    }

    /// Waits until neither a node nor Redis, if it lives, knows of an estimate that is held.
    async fn nothing_held(&self) {
        until("every estimate has come back", SOON, async || {
            for node in &self.fleet.nodes {
                if gauge(node, "switchyard_held_nanodollars").await != 0 {
                    return None;
                }
            }
            let common = self.fleet.cache.ask(&format!("HKEYS {{sw}}:m:u:{}", self.user));
            let held = |fields: String| fields.lines().any(|line| line.starts_with("h:"));
            (!common.is_some_and(held)).then_some(())
        })
        .await;
    }

    /// Returns what the ledger has booked, once its rows are there.
    async fn booked(&self, served: usize) -> u64 {
        let sum = "SELECT COUNT(*), CAST(COALESCE(SUM(cost), 0) AS BIGINT) FROM requests \
                   WHERE user_id = $1 AND cost > 0";
        let database = self.fleet.database.connect().await;
        until("all rows are written", SOON, async || {
            let row = database.query_one(sum, &[&self.user]).await.expect("sums");
            let (count, sum): (i64, i64) = (row.get(0), row.get(1));
            (usize::try_from(count) == Ok(served)).then(|| u64::try_from(sum).expect("a sum"))
        })
        .await
    }

    /// Asserts that nothing is held anywhere two seconds later, and that both nodes show what is
    /// booked.
    async fn at_rest(&self, booked: u64) {
        for node in &self.fleet.nodes {
            until("nothing is held", Duration::from_secs(2), async || {
                (gauge(node, "switchyard_held_nanodollars").await == 0).then_some(())
            })
            .await;
            until("the node shows what is booked", SOON, async || {
                (spent_today(node, self.user).await == booked).then_some(())
            })
            .await;
        }
    }

    /// Returns the money that Redis says any node holds of the user.
    fn held_in_common(&self) -> Vec<String> {
        let fields = self.fleet.cache.ask(&format!("HKEYS {{sw}}:m:u:{}", self.user));
        let fields = fields.expect("redis answers");
        fields.lines().filter(|line| line.starts_with("h:")).map(ToOwned::to_owned).collect()
    }
}

fn assert_refusal(answer: &Answer) {
    let error = &answer.json()["error"];
    assert_eq!(error["code"], "rate_limit_exceeded", "{error}");
    assert_eq!(error["limit_type"], "daily_quota", "{error}");
    assert_ne!(error["reset_time"], Value::Null, "{error}");
    assert!(answer.header("x-ratelimit-reset").is_some(), "{error}");
}

#[tokio::test]
async fn two_nodes_never_book_more_than_a_limit_of_both() {
    let burst = Burst::new(100).await;
    let first = burst.fire(BURST).await;
    assert!(first.served >= 8, "{first:?}");
    let served = first.served + burst.exhaust().await;
    let booked = burst.booked(served).await;
    println!("booked {booked} of {DOLLAR} nano-dollars by {served} requests");
    assert!(booked <= DOLLAR, "{booked}");
    assert!(booked + DIME > DOLLAR, "further ones were served until the limit: {booked}");
    burst.at_rest(booked).await;
    until("no node holds anything in Redis", SOON, async || {
        burst.held_in_common().is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn estimates_three_times_too_high_serve_less_at_once_and_end_at_the_limit() {
    let burst = Burst::new(300).await;
    let first = burst.fire(BURST).await;
    assert!(first.served >= 3, "three estimates fit: {first:?}");
    let served = first.served + burst.exhaust().await;
    let booked = burst.booked(served).await;
    println!("booked {booked} by {served}, {} in the burst", first.served);
    assert!(booked <= DOLLAR && booked + DIME > DOLLAR, "{booked}");
    burst.at_rest(booked).await;
}

#[tokio::test]
async fn estimates_three_times_too_low_pass_a_limit_by_what_was_in_flight() {
    let burst = Burst::new(33).await;
    let first = burst.fire(BURST).await;
    let served = first.served + burst.exhaust().await;
    let booked = burst.booked(served).await;
    // Thirty estimates fit into the limit at once; each may come to three times as much.
    let bound = DOLLAR + 30 * (DIME - DIME * 33 / 100);
    println!("booked {booked} by {served}; the bound is {bound}");
    assert!(booked >= DOLLAR && booked <= bound, "{booked} of {bound}");
    burst.at_rest(booked).await;
}

#[tokio::test]
async fn a_redis_that_dies_in_a_burst_costs_at_most_one_estimate_a_node() {
    let mut burst = Burst::new(100).await;
    let half = burst.fire(4).await;
    assert_eq!(half.served, 4);
    burst.fleet.cache.kill();
    let rest = burst.fire(BURST).await;
    let served = half.served + rest.served + burst.exhaust().await;
    let booked = burst.booked(served).await;
    let bound = DOLLAR + 2 * DIME;
    println!("booked {booked} by {served}; the bound is {bound}; {rest:?}");
    assert!(booked <= bound, "{booked} of {bound}");
    assert!(served > half.served, "nodes go on alone");
    burst.fleet.cache.restart();
    burst.fleet.see_each_other().await;
    burst.at_rest(booked).await;
    let after = burst.exhaust().await;
    assert!(booked + after as u64 * DIME <= bound, "what was spent meanwhile is not forgotten");
}

#[tokio::test]
async fn an_emptied_redis_is_told_again_what_was_spent() {
    let burst = Burst::new(100).await;
    assert_eq!(burst.fire(9).await.served, 9);
    burst.at_rest(DOLLAR - DIME).await;
    burst.fleet.cache.flush();
    // Each node alone would have room for one more.
    assert_eq!(burst.fire(BURST).await.served, 1, "one dime is left over both");
    burst.at_rest(burst.booked(10).await).await;
}

#[tokio::test]
async fn a_reset_on_one_node_lets_both_spend_the_limit_once_more() {
    let burst = Burst::new(100).await;
    assert_eq!(burst.fire(10).await.served, 10);
    burst.at_rest(burst.booked(10).await).await;
    assert_eq!(burst.exhaust().await, 0, "both nodes refuse");
    let reset = json!({ "userId": burst.user });
    burst.fleet.nodes[0].admin("users/resetUserLimits", reset).await;
    burst.at_rest(0).await;
    until("Redis has forgotten", SOON, async || {
        let total = burst.fleet.cache.ask(&format!("HGET {{sw}}:m:u:{} all", burst.user));
        (total.expect("redis answers").trim() != DOLLAR.to_string()).then_some(())
    })
    .await;
    assert_eq!(burst.exhaust().await, 10);
    assert_eq!(burst.booked(20).await, 2 * DOLLAR, "rows stay");
    burst.at_rest(DOLLAR).await;
}
