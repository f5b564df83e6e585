//! Providers behind proxies, with the proxies that people have: tinyproxy, stunnel, microsocks.

mod failing;
mod fallback;
mod ways;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::admin::NewUser;
use crate::support::client::{Answer, Live, Request};
use crate::support::prices::MODEL;
use crate::support::proxies::{Proxy, fixture, port_of};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Upstream, answers};

const DIALECT: Dialect = Dialect::Anthropic;

/// An upstream, one server of TLS before it, and an instance with one worker that trusts it.
struct Behind {
    upstream: Upstream,
    secured: Proxy,
    switchyard: Switchyard,
    user: NewUser,
}

impl Behind {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(extra: &[(&str, &str)]) -> Self {
        let upstream = Upstream::start();
        let secured = Proxy::stunnel(port_of(&upstream.url()));
        let authority = fixture("ca.pem");
        let mut all =
            vec![("EXTRA_CA_FILE", authority.to_str().unwrap()), ("SWITCHYARD_WORKERS", "1")];
        all.extend(extra);
        let switchyard = Switchyard::start_with(&all).await;
        let user = switchyard.add_user(json!({})).await;
        Self { upstream, secured, switchyard, user }
    }

    /// Adds a provider at the upstream's own address.
    async fn plain(&self, proxy: &str, more: Value) -> i64 {
        self.provider(&self.upstream.url(), proxy, more).await
    }

    /// Adds a provider at the upstream's address with TLS.
    async fn tls(&self, proxy: &str, more: Value) -> i64 {
        self.provider(&self.secured.url("https"), proxy, more).await
    }

    async fn provider(&self, url: &str, proxy: &str, mut more: Value) -> i64 {
        more["proxy_url"] = json!(proxy);
        self.switchyard.add_provider(answers::kind(DIALECT), url, more).await
    }

    async fn remove(&self, provider: i64) {
        let body = json!({ "providerId": provider });
        self.switchyard.admin("providers/removeProvider", body).await;
    }

    async fn edit(&self, provider: i64, mut more: Value) {
        more["providerId"] = json!(provider);
        self.switchyard.admin("providers/editProvider", more).await;
    }

    async fn ask(&self, stream: bool) -> Answer {
        self.switchyard.send(&Request::model(DIALECT, &self.user.key, MODEL, stream)).await
    }

    async fn open(&self) -> Live {
        let request = Request::model(DIALECT, &self.user.key, MODEL, true);
        self.switchyard.client().open(&request).await.expect("an answer's head")
    }

    /// Returns the newest of so many rows.
    async fn row(&self, count: usize) -> Value {
        self.switchyard.rows_when(count).await.remove(0)
    }

    async fn figures(&self) -> String {
        self.switchyard.send(&Request::get("/metrics")).await.text()
    }

    /// Returns the lines of the log with an event.
    fn events(&self, name: &str) -> Vec<Value> {
        let log = self.switchyard.logs();
        let all = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        all.filter(|line| line["event"] == name).collect()
    }
}
