//! A world for a soak: nodes, vendors good and bad, and people under every kind of limit.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::clients::Crowd;
use super::faults::{Temper, moody};
use super::rest::{self, Peaks};
use crate::support::cache::Cache;
use crate::support::client::Request;
use crate::support::prices::DIALECTS;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Upstream, answers};
use crate::support::waiting::{SOON, until};

/// Short waits, so that what hangs is soon over; limits that wait for a place for a moment.
const ENVIRONMENT: [(&str, &str); 10] = [
    ("SWITCHYARD_FIRST_CONTENT_SECONDS", "2"),
    ("SWITCHYARD_STREAM_IDLE_SECONDS", "2"),
    ("SWITCHYARD_TOTAL_SECONDS", "4"),
    ("SWITCHYARD_DRAIN_SECONDS", "2"),
    ("SWITCHYARD_DRAIN_PLACES", "4"),
    ("SWITCHYARD_LIMITS_QUEUE_SECONDS", "1"),
    ("SESSION_TTL", "20"),
    ("ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS", "true"),
    ("LOG_LEVEL", "error"),
    ("SWITCHYARD_SECRET_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
];
/// A word that may not be sent.
pub const WORD: &str = "unspeakable";
/// A port nobody listens on.
const NOBODY: &str = "http://127.0.0.1:9";
/// The vendors, the best first.
const TEMPERS: [Temper; 3] =
    [Temper { usual: 4, bad: 20 }, Temper { usual: 10, bad: 95 }, Temper { usual: 2, bad: 40 }];

/// Everything that runs.
pub struct World {
    pub nodes: Vec<Switchyard>,
    pub upstreams: Vec<Upstream>,
    crowd: Arc<Crowd>,
    /// Open sockets of each node before the first request.
    pub sockets: Vec<usize>,
    pub cache: Option<Cache>,
    /// Dropped last: nodes hold connections.
    _database: Option<Database>,
}

impl World {
    /// One node on the embedded store.
    pub async fn alone(seed: u64) -> Self {
        let nodes = vec![Switchyard::start_with(&ENVIRONMENT).await];
        Self::around(seed, nodes, None, None).await
    }

    /// Two nodes on one PostgreSQL and one Redis.
    pub async fn shared(seed: u64) -> Self {
        let (database, cache) = (Database::create().await, Cache::start());
        let (dsn, url) = (database.dsn(), cache.url());
        let own =
            [("DSN", dsn.as_str()), ("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT_MS", "5000")];
        let environment = [ENVIRONMENT.as_slice(), &own].concat();
        let first = Switchyard::start_with(&environment).await;
        let second = Switchyard::launch(&environment).await;
        Self::around(seed, vec![first, second], Some(cache), Some(database)).await
    }

    async fn around(
        seed: u64,
        nodes: Vec<Switchyard>,
        cache: Option<Cache>,
        database: Option<Database>,
    ) -> Self {
        let upstreams: Vec<Upstream> = TEMPERS.iter().map(|_| Upstream::start()).collect();
        let first = &nodes[0];
        for dialect in DIALECTS {
            add_vendors(first, dialect, &upstreams).await;
        }
        let mut keys = add_people(first).await;
        keys.extend(add_crossings(first, &upstreams).await);
        add_rules(first).await;
        for node in &nodes {
            know(node, &keys).await;
        }
        for (number, temper) in TEMPERS.into_iter().enumerate() {
            moody(&upstreams[number], seed, 1 + number as u64, temper);
        }
        let clients = nodes.iter().map(Switchyard::client).collect();
        let crowd = Arc::new(Crowd { seed, nodes: clients, keys });
        let sockets = nodes.iter().map(|node| sockets(node.pid())).collect();
        Self { nodes, upstreams, crowd, sockets, cache, _database: database }
    }

    /// Sends the requests of these numbers, and prints what became of them.
    pub async fn drive(&self, numbers: Range<usize>) {
        let count = numbers.len() as u64;
        let mut peaks = Peaks::new();
        let tally = tokio::select! {
            tally = self.crowd.ask(numbers) => tally,
            never = rest::watch(&self.nodes[0], &mut peaks) => match never {},
        };
        println!("{tally:#?}");
        rest::were_taken(&peaks);
        for upstream in &self.upstreams {
            println!("a vendor had {} requests", upstream.count());
            upstream.forget();
        }
        assert_eq!(tally.values().sum::<u64>(), count, "every request came to an end");
        let whole = tally.get("200 Clean").copied().unwrap_or_default();
        assert!(whole > count / 10, "most of it would be refusals: {tally:?}");
    }

    /// Returns the resident memory of each node in KiB.
    pub fn memory_kib(&self) -> Vec<u64> {
        self.nodes.iter().map(Switchyard::rss_kib).collect()
    }
}

/// Returns how many sockets a process has open.
pub fn sockets(pid: u32) -> usize {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("the process is there");
    let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

/// Two vendors first, a third after them, and one that is not there.
async fn add_vendors(node: &Switchyard, dialect: Dialect, upstreams: &[Upstream]) {
    let kind = answers::kind(dialect);
    let breaker = json!({ "circuit_breaker_failure_threshold": 5,
        "circuit_breaker_open_duration": 1_000, "circuit_breaker_half_open_success_threshold": 1 });
    let with = |more: Value| {
        let mut all = breaker.clone();
        all.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        all
    };
    let limited = json!({ "priority": 1, "limit_concurrent_sessions": 30,
        "limit_daily_usd": 10_000, "limit_total_usd": 1_000_000 });
    let mores = [
        json!({ "priority": 0, "weight": 10, "limit_daily_usd": 10_000 }),
        json!({ "priority": 0, "weight": 10, "limit_5h_usd": 10_000 }),
        limited,
    ];
    for (upstream, more) in upstreams.iter().zip(mores) {
        node.add_provider(kind, &upstream.url(), with(more)).await;
    }
    node.add_provider(kind, NOBODY, with(json!({ "priority": 0, "weight": 1 }))).await;
}

/// For each kind whose format few clients speak a group of its own, with the same vendors: the keys of it have
/// nearly all that they ask converted.
async fn add_crossings(node: &Switchyard, upstreams: &[Upstream]) -> Vec<String> {
    let mut keys = Vec::new();
    for dialect in [Dialect::OpenaiChat, Dialect::Anthropic, Dialect::Gemini] {
        let group = format!("all to {dialect}");
        for upstream in upstreams {
            let more = json!({ "group_tag": group, "circuit_breaker_failure_threshold": 5,
                "circuit_breaker_open_duration": 1_000 });
            node.add_provider(answers::kind(dialect), &upstream.url(), more).await;
        }
        let user = node.add_user(json!({})).await;
        let key = json!({ "providerGroup": group });
        keys.push(node.add_key(user.id, "converted", key).await);
    }
    keys
}

/// A word that may not be sent, a filter of bodies and one of headers.
async fn add_rules(node: &Switchyard) {
    let word = json!({ "word": WORD, "matchType": "contains" });
    node.admin("sensitive-words/createSensitiveWordAction", word).await;
    for filter in [
        json!({ "name": "text", "scope": "body", "action": "text_replace", "target": "question",
            "matchType": "contains", "replacement": "asked" }),
        json!({ "name": "header", "scope": "header", "action": "set", "target": "x-soak",
            "replacement": "yes" }),
    ] {
        node.admin("request-filters/createRequestFilterAction", filter).await;
    }
}

/// People whose limits are far, near, and of each kind; groups and tags with their own.
async fn add_people(node: &Switchyard) -> Vec<String> {
    let far = json!({ "limit5hUsd": 10_000, "limitWeeklyUsd": 50_000, "limitMonthlyUsd": 200_000,
        "limitTotalUsd": 1_000_000, "limitConcurrentSessions": 500 });
    let few = json!({ "limitConcurrentSessions": 4 });
    let users = [
        (json!({ "tags": ["many"] }), far.clone()),
        (json!({ "tags": ["many", "few"] }), far.clone()),
        (json!({ "tags": ["few"] }), json!({})),
        (json!({ "rpm": 600 }), json!({})),
        (json!({ "dailyQuota": 3, "tags": ["many"] }), json!({})),
        (few, json!({})),
        (json!({ "dailyQuota": 0 }), json!({})),
        (json!({ "tags": ["many"] }), far.clone()),
        (json!({ "tags": ["many"] }), far.clone()),
        (json!({ "tags": ["many"] }), far.clone()),
        (json!({ "tags": ["many"] }), far),
    ];
    let mut keys = Vec::new();
    for (number, (user, key)) in users.into_iter().enumerate() {
        let user = node.add_user(user).await;
        keys.push(user.key.clone());
        let mut key = key;
        key["providerGroup"] = json!(format!("team{},default", number % 3));
        keys.push(node.add_key(user.id, "in a team", key).await);
        if number == 3 {
            let mine = json!({ "owner": "user", "id": user.id, "limitConcurrentRequests": 3,
                "limitTpm": 400_000 });
            node.admin("limits/setLimits", mine).await;
        }
    }
    for limits in [
        json!({ "owner": "group", "name": "team0", "limitConcurrentRequests": 12, "limitRpm": 6_000 }),
        json!({ "owner": "group", "name": "team1", "limitDailyUsd": 10_000, "limitTpm": 90_000_000 }),
        json!({ "owner": "tag", "name": "many", "limitMonthlyUsd": 100_000 }),
        json!({ "owner": "tag", "name": "few", "limitConcurrentSessions": 20,
            "limitConcurrentRequests": 12 }),
    ] {
        node.admin("limits/setLimits", limits).await;
    }
    keys
}

/// Waits until a node knows all keys.
async fn know(node: &Switchyard, keys: &[String]) {
    for key in keys {
        until("the node knows the key", SOON, async || {
            let request = Request::get("/v1/models").bearer(key);
            (node.send(&request).await.status == 200).then_some(())
        })
        .await;
    }
}
