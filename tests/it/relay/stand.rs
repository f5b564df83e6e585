//! The usual arrangement of a relay test: one upstream, one instance, one user.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::admin::NewUser;
use crate::support::client::{Answer, Live, Request};
use crate::support::prices::{self, MODEL};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::upstream::answers::Tokens;

/// The environment of an instance that has room for one body of [`LARGE`] bytes and for no copy of it.
pub const ROOM_FOR_ONE: [(&str, &str); 3] = [
    ("SWITCHYARD_BODY_MEMORY_BYTES", "1 MiB"),
    ("MAX_COMPRESSED_REQUEST_BYTES", "700 KiB"),
    ("MAX_DECOMPRESSED_REQUEST_BYTES", "700 KiB"),
];
/// More than half of what such an instance has room for.
pub const LARGE: usize = 600 << 10;

/// An upstream with native providers for every dialect, an instance, and a user without limits. Each
/// dialect has its own provider and no other: nothing is converted, unless the environment says so.
pub struct Stand {
    pub upstream: Upstream,
    pub switchyard: Switchyard,
    pub user: NewUser,
}

impl Stand {
    /// Starts all of it.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Starts all of it with additional environment.
    pub async fn with(extra: &[(&str, &str)]) -> Self {
        let upstream = Upstream::start();
        let mut all = vec![("ENABLE_FORMAT_CONVERSION", "false")];
        all.extend(extra);
        let switchyard = Switchyard::start_with(&all).await;
        for dialect in prices::DIALECTS {
            switchyard.serve(dialect, &upstream).await;
        }
        let user = switchyard.add_user(json!({})).await;
        Self { upstream, switchyard, user }
    }

    /// Asks in the dialect and reads the whole answer.
    pub async fn ask(&self, dialect: Dialect, stream: bool) -> Answer {
        self.switchyard.send(&self.request(dialect, stream)).await
    }

    /// Asks for a stream and returns once the head is there.
    pub async fn open(&self, dialect: Dialect) -> Live {
        let request = self.request(dialect, true);
        self.switchyard.client().open(&request).await.expect("an answer's head")
    }

    /// The usual request.
    pub fn request(&self, dialect: Dialect, stream: bool) -> Request {
        Request::model(dialect, &self.user.key, MODEL, stream)
    }
}

/// Two upstreams behind one instance: `first` is always asked first.
pub struct Pair {
    pub first: Upstream,
    pub second: Upstream,
    pub first_id: i64,
    pub second_id: i64,
    pub switchyard: Switchyard,
    pub user: NewUser,
    asked: AtomicU32,
}

impl Pair {
    /// Starts all of it for one dialect.
    pub async fn new(dialect: Dialect) -> Self {
        Self::with(dialect, &[]).await
    }

    /// Starts all of it with additional environment.
    pub async fn with(dialect: Dialect, extra: &[(&str, &str)]) -> Self {
        let (first, second) = (Upstream::start(), Upstream::start());
        let switchyard = Switchyard::start_with(extra).await;
        let first_id = switchyard.serve_at(dialect, &first, 0).await;
        let second_id = switchyard.serve_at(dialect, &second, 1).await;
        let user = switchyard.add_user(json!({})).await;
        let asked = AtomicU32::new(0);
        Self { first, second, first_id, second_id, switchyard, user, asked }
    }

    /// Changes the first provider.
    pub async fn change_first(&self, change: Value) {
        self.change(self.first_id, change).await;
    }

    /// Changes a provider.
    pub async fn change(&self, provider: i64, mut change: Value) {
        change["providerId"] = provider.into();
        self.switchyard.admin("providers/editProvider", change).await;
    }

    /// Begins a conversation of its own, which is bound to no provider, and reads the whole answer.
    pub async fn ask(&self, dialect: Dialect, stream: bool) -> Answer {
        let text = format!("Say hello {}.", self.asked.fetch_add(1, Ordering::Relaxed));
        let request = Request::saying(dialect, &self.user.key, MODEL, stream, &text);
        self.switchyard.send(&request).await
    }

    /// Returns the ids of the providers in the row's chain, in order.
    pub fn chain(row: &Value) -> Vec<i64> {
        let links = row["providerChain"].as_array().expect("a provider chain");
        links.iter().filter_map(|link| link["id"].as_i64()).collect()
    }
}

/// Returns why each link of the row's chain is there, in order.
pub fn reasons(row: &Value) -> Vec<&str> {
    let links = row["providerChain"].as_array().expect("a provider chain");
    links.iter().filter_map(|link| link["reason"].as_str()).collect()
}

/// Asserts tokens and cost of a row, to the token and to the nano-dollar.
pub fn assert_row(row: &Value, status: u16, tokens: &Tokens) {
    assert_eq!(row["statusCode"], status, "{row:#}");
    assert_eq!(row["inputTokens"], tokens.input, "{row:#}");
    assert_eq!(row["outputTokens"], tokens.output, "{row:#}");
    assert_eq!(row["cacheReadInputTokens"].as_u64().unwrap_or_default(), tokens.cache_read);
    assert_eq!(row["cacheCreation5mInputTokens"].as_u64().unwrap_or_default(), tokens.write_5m);
    assert_eq!(row["cacheCreation1hInputTokens"].as_u64().unwrap_or_default(), tokens.write_1h);
    let cost = row["costUsd"].as_str().expect("a priced model has a cost");
    assert_eq!(prices::nano(cost), prices::cost_nano(tokens), "{row:#}");
}

/// Asserts that a row says nothing of tokens or money which nobody told us.
pub fn assert_unknown_cost(row: &Value) {
    assert_eq!(row["costUsd"], Value::Null, "unknown is not zero: {row:#}");
}
