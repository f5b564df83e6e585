//! Waiting for a place: a request that would be refused for others that run is served once one of them
//! ends.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::{Live, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::answers::truncated;
use crate::support::upstream::{Match, Rule};
use crate::support::waiting::{SOON, until};

const QUEUE: (&str, &str) = ("SWITCHYARD_LIMITS_QUEUE_SECONDS", "60");

async fn stand(extra: &[(&str, &str)], limits: serde_json::Value) -> Stand {
    let stand = Stand::with(&[&[QUEUE], extra].concat()).await;
    let mut body = limits;
    (body["owner"], body["id"]) = (json!("user"), json!(stand.user.id));
    stand.switchyard.admin("limits/setLimits", body).await;
    stand
}

/// Opens a stream that has begun and goes no further.
async fn hold(stand: &Stand) -> Live {
    let stalled = truncated(Dialect::Anthropic, MODEL, 1).stall();
    stand.upstream.script(Rule::new(Match::any(), stalled).times(1));
    let request = stand
        .request(Dialect::Anthropic, true)
        .header("x-claude-code-session-id", "11111111-1111-4111-8111-111111111111");
    let mut live = stand.switchyard.client().open(&request).await.unwrap();
    live.frame_with("piece 0").await;
    live
}

/// Waits until so many requests wait in the line.
async fn waiting(stand: &Stand, count: u64) {
    until("requests wait", SOON, async || {
        let figures = stand.switchyard.send(&Request::get("/metrics")).await.text();
        let line = format!("switchyard_limit_waiting {count}");
        figures.lines().any(|found| found == line).then_some(())
    })
    .await;
}

/// Asks in a session of its own.
fn ask(stand: &Stand) -> tokio::task::JoinHandle<u16> {
    let (client, request) = (stand.switchyard.client(), stand.request(Dialect::Anthropic, false));
    tokio::spawn(async move { client.send(&request).await.status })
}

#[tokio::test]
async fn a_request_waits_for_the_place_of_one_that_runs() {
    let stand = stand(&[], json!({ "limitConcurrentRequests": 1 })).await;
    let live = hold(&stand).await;
    let asking = [ask(&stand), ask(&stand)];
    waiting(&stand, 2).await;
    assert_eq!(stand.upstream.count(), 1, "who waits has not left");
    live.leave();
    for asking in asking {
        assert_eq!(asking.await.unwrap(), 200);
    }
    waiting(&stand, 0).await;
}

#[tokio::test]
async fn a_session_waits_until_the_seat_of_another_is_free() {
    let stand = stand(&[], json!({ "limitConcurrentSessions": 1 })).await;
    let live = hold(&stand).await;
    let asking = ask(&stand);
    waiting(&stand, 1).await;
    live.leave();
    assert_eq!(asking.await.unwrap(), 200);
}

#[tokio::test]
async fn a_client_that_leaves_the_line_frees_its_place_for_another() {
    let one = [("SWITCHYARD_LIMITS_QUEUE_PLACES", "1")];
    let stand = stand(&one, json!({ "limitConcurrentRequests": 1 })).await;
    let live = hold(&stand).await;
    let gone = ask(&stand);
    waiting(&stand, 1).await;
    let refused = stand.ask(Dialect::Anthropic, false).await;
    assert_eq!(refused.status, 429, "the line is full: {}", refused.text());
    assert_eq!(refused.json()["error"]["limit_type"], "concurrent_requests");
    gone.abort();
    waiting(&stand, 0).await;
    let asking = ask(&stand);
    waiting(&stand, 1).await;
    live.leave();
    assert_eq!(asking.await.unwrap(), 200);
}

#[tokio::test]
async fn the_wait_has_an_end() {
    let brief = [("SWITCHYARD_LIMITS_QUEUE_SECONDS", "1")];
    let stand = stand(&brief, json!({ "limitConcurrentRequests": 1 })).await;
    let live = hold(&stand).await;
    assert_eq!(ask(&stand).await.unwrap(), 429);
    live.leave();
}
