//! Redis goes, hangs and comes back (T28): requests go on, slowed down once at most, and people are
//! told once each way.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Fleet, gauge};
use crate::support::client::Request;
use crate::support::waiting::{SOON, until};

const GONE: &str = "Redis is away";
const BACK: &str = "Redis is back";

impl Fleet {
    /// A user under every limit there is, so that each request asks Redis.
    async fn limited(&self) -> String {
        let limits = json!({
            "rpm": 100_000, "dailyQuota": 1_000, "limitConcurrentSessions": 500,
            "limit5hUsd": 900, "limitWeeklyUsd": 5_000, "limitMonthlyUsd": 9_000,
            "limitTotalUsd": 90_000,
        });
        let user = self.nodes[0].add_user(limits).await;
        self.agree(&user.key).await;
        user.key
    }

    /// Sends requests one after the other; returns how long each took.
    async fn steadily(&self, key: &str, count: usize) -> Vec<Duration> {
        let mut took = Vec::new();
        for number in 0..count {
            let begun = Instant::now();
            let answer = self.ask(number % 2, key, &format!("talk {number}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            took.push(begun.elapsed());
        }
        took
    }

    async fn is_there(&self, there: bool) {
        for node in &self.nodes {
            until("the gauge says it", SOON, async || {
                (gauge(node, "switchyard_redis_up").await == i64::from(there)).then_some(())
            })
            .await;
        }
    }

    fn said(&self, text: &str) -> [usize; 2] {
        let count = |node: usize| {
            let logs = self.nodes[node].logs();
            logs.lines().filter(|line| line.contains(text) && line.contains("WARN")).count()
        };
        [count(0), count(1)]
    }

    async fn banner(&self, node: usize) -> String {
        self.nodes[node].send(&Request::get("/api/health/ready")).await.text()
    }
}

#[tokio::test]
async fn requests_go_on_while_redis_is_dead_and_people_hear_of_it_once() {
    let mut fleet = Fleet::new().await;
    let key = fleet.limited().await;
    fleet.steadily(&key, 10).await;
    fleet.cache.kill();
    fleet.steadily(&key, 40).await;
    fleet.is_there(false).await;
    assert_eq!(fleet.said(GONE), [1, 1]);
    for node in [0, 1] {
        let banner = fleet.banner(node).await;
        assert!(banner.contains("Redis") && banner.contains("degraded"), "{banner}");
    }
    fleet.cache.restart();
    fleet.is_there(true).await;
    fleet.steadily(&key, 10).await;
    assert_eq!((fleet.said(GONE), fleet.said(BACK)), ([1, 1], [1, 1]));
    assert!(!fleet.banner(0).await.contains("Redis"));
}

#[tokio::test]
async fn a_redis_that_hangs_slows_one_request_a_node_down() {
    let fleet = Fleet::with(&[("REDIS_TIMEOUT_MS", "2000")]).await;
    let key = fleet.limited().await;
    fleet.steadily(&key, 10).await;
    fleet.cache.freeze();
    let mut took = fleet.steadily(&key, 60).await;
    fleet.cache.thaw();
    took.sort_unstable();
    // One request of each node waits at most, unless the beat finds it out first: that is what the
    // patience of two seconds is for, which no busy machine takes by itself.
    println!("while it hung: half within {:?}, the slowest {:?}", took[30], took[59]);
    let waited = took.iter().filter(|took| **took >= Duration::from_secs(2)).count();
    assert!(waited <= 2, "{took:?}");
    fleet.is_there(true).await;
    assert_eq!((fleet.said(GONE), fleet.said(BACK)), ([1, 1], [1, 1]));
}

#[tokio::test]
async fn a_node_starts_without_its_redis_and_an_admin_gets_in() {
    let mut fleet = Fleet::new().await;
    fleet.cache.kill();
    fleet.nodes[1].sigkill();
    fleet.nodes[1].restart().await;
    fleet.nodes[1].admin("users/getUsers", json!({})).await;
    let key = fleet.user.key.clone();
    assert_eq!(fleet.ask(1, &key, "talk").await.status, 200);
    fleet.cache.restart();
    fleet.see_each_other().await;
}

#[tokio::test]
async fn a_password_with_odd_characters_and_a_database_number_hold_everywhere() {
    let fleet = Fleet::new().await;
    let key = fleet.limited().await;
    fleet.steadily(&key, 2).await;
    let keys = fleet.cache.ask("KEYS *").expect("redis answers");
    assert!(keys.contains("{sw}:nodes") && keys.contains("{sw}:m:u:"), "in number 3: {keys}");
    let logs = fleet.nodes[0].logs();
    assert!(!logs.contains("p%2F") && !logs.contains("p/=:@"), "{logs}");
}

#[tokio::test]
async fn a_catalogue_change_reaches_the_other_node_within_a_second() {
    let fleet = Fleet::new().await;
    let user = fleet.nodes[0].add_user(json!({ "name": "Grace" })).await;
    until("the other node lets her in", super::A_SECOND, async || {
        let answer = fleet.ask(1, &user.key, "talk").await;
        (answer.status == 200).then_some(())
    })
    .await;
}
