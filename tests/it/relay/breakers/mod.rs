//! Circuit breakers as clients and operators see them: what counts, what does not, how they come back.

mod addresses;
mod counting;
mod half_open;
mod network;
mod operating;
mod probing;

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::clock::{Clock as _, SystemClock};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_body;
use crate::support::waiting;

const DIALECT: Dialect = Dialect::Anthropic;
/// How long a breaker of these tests stays open: the shortest that may be set.
const OPEN_MS: i64 = 1_000;

/// Returns an answer that is the provider's fault.
fn fault() -> Script {
    Script::json(500, error_body(DIALECT, 500, "no"))
}

/// Returns an address where nobody listens, nor will: its port stays taken to the end of the tests.
fn nowhere() -> String {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = socket.local_addr().expect("an address");
    std::mem::forget(socket);
    format!("http://{address}")
}

/// Returns how the breaker of a provider is, as operators see it.
async fn health(switchyard: &Switchyard, provider: i64) -> Value {
    let data = switchyard.admin("providers/getProvidersHealthStatus", json!({})).await;
    data[provider.to_string()].clone()
}

async fn state(switchyard: &Switchyard, provider: i64) -> String {
    let health = health(switchyard, provider).await;
    health["circuitState"].as_str().expect("a state").to_owned()
}

async fn change(switchyard: &Switchyard, provider: i64, mut change: Value) {
    change["providerId"] = json!(provider);
    switchyard.admin("providers/editProvider", change).await;
}

/// Waits until a breaker may be probed.
async fn due(switchyard: &Switchyard, provider: i64) {
    let until =
        health(switchyard, provider).await["circuitOpenUntil"].as_i64().expect("it is open");
    let is_over = || SystemClock.now().millis() > until;
    waiting::until_true("the breaker may be probed", Duration::from_secs(10), is_over).await;
}

/// Makes a breaker that opens at its first failure for a second, and closes at the first success.
async fn quick(pair: &Pair) {
    let settings = json!({ "circuit_breaker_failure_threshold": 1,
        "circuit_breaker_open_duration": OPEN_MS,
        "circuit_breaker_half_open_success_threshold": 1, "max_retry_attempts": 1 });
    change(&pair.switchyard, pair.first_id, settings).await;
}

/// Opens the breaker of the first provider and waits until it may be probed.
async fn opened(pair: &Pair) {
    pair.first.reset();
    pair.first.once(fault());
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
    due(&pair.switchyard, pair.first_id).await;
    pair.first.reset();
    pair.second.reset();
}
