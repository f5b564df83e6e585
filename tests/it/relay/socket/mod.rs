//! Responses over WebSocket, as a client sees it: turns, bounds, ends, and what rows say of them.

mod bounds;
mod ends;
mod kept;
mod memory;
mod providers;
mod refusals;
mod turns;
mod world;

use serde_json::{Value, json};

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::socket::Socket;
use crate::support::switchyard::Switchyard;
use crate::support::waiting::{self, SOON};

/// Sockets of clients alone: providers are asked over HTTP.
const HTTP_UPSTREAM: (&str, &str) = ("SWITCHYARD_RESPONSES_WEBSOCKET_UPSTREAM", "false");

async fn stand() -> Stand {
    Stand::with(&[HTTP_UPSTREAM]).await
}

async fn open(stand: &Stand) -> Socket {
    Socket::open(&stand.switchyard, &stand.user.key).await
}

/// Returns the types of events.
fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["type"].as_str()).collect()
}

/// The events of an answer that came over the socket.
fn data_of(frames: &[String]) -> Vec<Value> {
    let data = frames.iter().filter_map(|frame| frame.split_once("data: "));
    data.map(|(_, data)| serde_json::from_str(data.trim()).expect("JSON")).collect()
}

/// What sockets and requests take must be given back.
async fn everything_is_given_back(switchyard: &Switchyard) {
    let names = [
        "sockets",
        "requests_in_flight",
        "body_bytes",
        "reservations",
        "limit_running",
        "session_seats",
        "provider_leases",
        "draining",
        "tails",
    ];
    waiting::until("everything is given back", SOON, async || {
        let text = switchyard.send(&Request::get("/metrics")).await.text();
        let is_zero = |name: &&str| text.lines().any(|line| line == format!("switchyard_{name} 0"));
        names.iter().all(is_zero).then_some(())
    })
    .await;
}

/// The error of an event.
fn error(event: &Value) -> (&str, u64, &str) {
    let code = event["error"]["code"].as_str().unwrap_or_default();
    (event["type"].as_str().unwrap_or_default(), event["status"].as_u64().unwrap_or_default(), code)
}

fn user_says(text: &str) -> Value {
    json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] })
}
