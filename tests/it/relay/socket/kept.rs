//! What a provider's socket does between turns, and how long it is waited for.

use std::time::{Duration, Instant};

use serde_json::json;

use super::world::{World, events, reasons};
use super::{error, kinds};
use crate::support::prices::MODEL;
use crate::support::socket::create;
use crate::support::upstream::socket::{Act, Door, SocketUpstream};
use crate::support::waiting::{self, SOON};

#[tokio::test]
async fn a_ping_between_turns_is_answered_and_the_socket_is_gone_on_with() {
    let world = World::new(Door::Open).await;
    world.upstream.next(Act::SayAndPing(events()));
    let mut socket = world.open().await;
    socket.turn(&create(MODEL, "one")).await;
    waiting::until("the ping is answered", SOON, async || {
        (world.upstream.pongs() == 1).then_some(())
    })
    .await;
    let events = socket.turn(&create(MODEL, "two")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    assert_eq!(world.upstream.handshakes().len(), 1);
}

#[tokio::test]
async fn a_socket_on_which_something_comes_unasked_is_left_at_once() {
    let world = World::new(Door::Open).await;
    world.upstream.next(Act::SayAndAdd(events(), r#"{"type":"codex.rate_limits"}"#.to_owned()));
    let mut socket = world.open().await;
    socket.turn(&create(MODEL, "one")).await;
    waiting::until("the provider is left", SOON, async || {
        (world.upstream.open_connections() == 0).then_some(())
    })
    .await;
    let events = socket.turn(&create(MODEL, "two")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    assert_eq!(world.upstream.handshakes().len(), 2);
}

#[tokio::test]
async fn a_kept_socket_that_took_the_message_and_is_silent_is_left_for_http() {
    let world = World::new(Door::Open).await;
    let mut socket = world.open().await;
    socket.turn(&create(MODEL, "one")).await;
    world.upstream.next(Act::Nothing);
    let events = socket.turn(&create(MODEL, "two")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    assert_eq!(world.upstream.messages().len(), 2, "no other socket has it, too");
    assert_eq!(world.upstream.posts().len(), 1);
    let rows = world.switchyard.rows_when(2).await;
    assert_eq!(reasons(&rows[0]), ["responses_ws_fallback", "request_success"]);
}

#[tokio::test]
async fn a_provider_that_is_silent_for_longer_than_it_may_has_failed() {
    let limit = json!({ "first_byte_timeout_streaming_ms": 1_000 });
    let world = World::with(Door::Open, limit).await;
    world.upstream.next(Act::Nothing);
    let mut socket = world.open().await;
    let began = Instant::now();
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(error(&events[0]).0, "error", "{events:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(world.upstream.posts().is_empty(), "it is not asked over HTTP on top of that");
    assert_eq!(world.switchyard.failures(world.provider).await, 1, "its breaker hears of it");
}

#[tokio::test]
async fn an_address_whose_socket_is_silent_three_times_is_passed_over() {
    let other = SocketUpstream::start(Door::Open, events());
    let limit = json!({ "first_byte_timeout_streaming_ms": 1_000 });
    let world = World::with(Door::Open, limit).await;
    let both = json!({ "providerId": world.provider, "endpoints": [other.url()] });
    world.switchyard.admin("providers/editProvider", both).await;
    let mut socket = world.open().await;
    for asked in 1..=4 {
        world.upstream.next(Act::Nothing);
        let events = socket.turn(&create(MODEL, "hello")).await;
        assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
        assert_eq!(world.upstream.messages().len(), asked.min(3), "its breaker is open then");
    }
    let line = format!("[CircuitBreaker] opened: provider {} endpoint ", world.provider);
    assert!(world.switchyard.logs().contains(&line), "{}", world.switchyard.logs());
    assert_eq!(world.switchyard.failures(world.provider).await, 0, "the other one serves");
}
