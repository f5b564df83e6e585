//! Two nodes on one PostgreSQL and one Redis: limits, breakers and sessions are the same on both, and
//! each goes on alone while Redis is away.

mod breakers;
mod error_rules;
mod outage;
mod providers;
mod quota;
mod resets;
mod sessions;
mod starts;
mod tls;

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::admin::NewUser;
use crate::support::cache::Cache;
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::upstream::answers::{PLAIN, Tokens};
use crate::support::waiting::{SOON, until};

const SECRET: (&str, &str) =
    ("SWITCHYARD_SECRET_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

/// What nodes see of each other within.
const A_SECOND: Duration = Duration::from_secs(1);

/// Two nodes, one provider, one user without limits.
pub struct Fleet {
    pub nodes: [Switchyard; 2],
    pub cache: Cache,
    pub upstream: Upstream,
    pub provider: i64,
    pub user: NewUser,
    /// Dropped last: nodes hold connections.
    pub database: Database,
}

impl Fleet {
    /// Starts all of it.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Starts all of it with additional environment.
    pub async fn with(extra: &[(&str, &str)]) -> Self {
        let (database, cache, upstream) =
            (Database::create().await, Cache::start(), Upstream::start());
        let (dsn, url) = (database.dsn(), cache.url());
        // A busy machine must not look like a Redis that is away; who tests that says so.
        let patience = ("REDIS_TIMEOUT_MS", "3000");
        let own = [("DSN", dsn.as_str()), ("REDIS_URL", url.as_str()), SECRET, patience];
        let environment = [&own, extra].concat();
        let first = Switchyard::start_with(&environment).await;
        let second = Switchyard::launch(&environment).await;
        let provider = first.serve(Dialect::Anthropic, &upstream).await;
        let user = first.add_user(json!({})).await;
        let this = Self { nodes: [first, second], cache, upstream, provider, user, database };
        this.agree(&this.user.key).await;
        this.see_each_other().await;
        this
    }

    /// Waits until both nodes know a key.
    pub async fn agree(&self, key: &str) {
        for node in &self.nodes {
            until("the node knows the key", SOON, async || {
                let request = Request::get("/v1/models").bearer(key);
                (node.send(&request).await.status == 200).then_some(())
            })
            .await;
        }
    }

    /// Waits until Redis answers both nodes and each knows of the other.
    pub async fn see_each_other(&self) {
        for node in &self.nodes {
            until("the node sees both", SOON, async || {
                let there = gauge(node, "switchyard_redis_up").await == 1;
                (there && gauge(node, "switchyard_redis_nodes").await == 2).then_some(())
            })
            .await;
        }
    }

    /// Asks a node for one answer as a user.
    pub async fn ask(&self, node: usize, key: &str, session: &str) -> Answer {
        self.nodes[node].send(&request(key, session)).await
    }
}

/// A request of a named conversation.
pub fn request(key: &str, session: &str) -> Request {
    Request::model(Dialect::Anthropic, key, MODEL, false)
        .header("x-claude-code-session-id", session)
        .header("user-agent", "opencode/1.18.33")
}

/// A streamed request of a named conversation.
pub fn streamed(key: &str, session: &str) -> Request {
    Request::model(Dialect::Anthropic, key, MODEL, true).header("x-claude-code-session-id", session)
}

/// Returns a figure of `/metrics`; -1 when it is not there.
pub async fn gauge(node: &Switchyard, name: &str) -> i64 {
    let text = node.send(&Request::get("/metrics")).await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(-1, |figure| figure.parse().expect("a whole figure"))
}

/// Returns what a user has spent today, as a node shows it, in nano-dollars.
pub async fn spent_today(node: &Switchyard, user: i64) -> u64 {
    let usage = node.admin("users/getUserLimitUsage", json!({ "userId": user })).await;
    crate::support::prices::nano(&text(&usage["dailyCost"]["current"]))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// A dime: what an answer of a hundred tokens costs in these tests.
pub const DIME: u64 = 100_000_000;
/// The model that costs a dime.
pub const DIME_MODEL: &str = "dime-model";

/// The price of [`DIME_MODEL`]: a tenth of a cent an output token.
pub fn dimes() -> Value {
    json!({ DIME_MODEL: {
        "mode": "chat",
        "litellm_provider": "test",
        "input_cost_per_token": 0,
        "output_cost_per_token": 1e-3,
        "max_output_tokens": 100,
    } })
}

/// An answer that costs a dime.
pub const A_DIME: Tokens = Tokens { input: 1, output: 100, ..PLAIN };
