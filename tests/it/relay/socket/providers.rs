//! Providers that take sockets, and those that do not.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::world::{World, events, reasons};
use super::{error, everything_is_given_back, kinds, user_says};
use crate::relay::stand::assert_row;
use crate::support::prices::MODEL;
use crate::support::socket::{Said, create};
use crate::support::upstream::answers::PLAIN;
use crate::support::upstream::socket::{Act, Door};
use crate::support::waiting::{self, SOON};

#[tokio::test]
async fn turns_go_over_one_socket_and_the_provider_is_told_what_is_new() {
    let world = World::new(Door::Open).await;
    let mut socket = world.open().await;
    let mut going_on = create(MODEL, "one");
    for text in ["one", "two"] {
        let events = socket.turn(&going_on).await;
        assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
        let id = events.last().unwrap()["response"]["id"].clone();
        going_on = json!({ "type": "response.create", "model": MODEL, "store": false,
            "previous_response_id": id, "input": [user_says(text)] });
    }
    let handshakes = world.upstream.handshakes();
    assert_eq!(handshakes.len(), 1, "{handshakes:?}");
    let head = handshakes[0].to_lowercase();
    assert!(head.contains("openai-beta: responses_websockets=2026-02-06"), "{head}");
    assert!(head.contains("authorization: bearer upstream-key-1"), "{head}");
    let messages = world.upstream.messages();
    assert!(messages.iter().all(|(_, message)| message["type"] == "response.create"));
    assert_eq!(messages[1].1["previous_response_id"], "resp_1");
    assert_eq!(messages[1].1["input"], json!([user_says("one")]));
    let rows = world.switchyard.rows_when(2).await;
    for row in &rows {
        assert_row(row, 200, &PLAIN);
        assert!(row.to_string().contains("responses_ws_attempted"), "{row:#}");
        assert_eq!(reasons(row), ["request_success"]);
    }
    assert!(world.upstream.posts().is_empty());
    waiting::until("pings are answered", SOON, async || (world.upstream.pongs() > 0).then_some(()))
        .await;
    socket.leave();
    waiting::until("the provider's socket is closed", SOON, async || {
        (world.upstream.open_connections() == 0).then_some(())
    })
    .await;
    everything_is_given_back(&world.switchyard).await;
}

#[tokio::test]
async fn a_provider_that_takes_no_sockets_is_asked_over_http_without_the_envelope() {
    for status in [404, 426] {
        let world = World::new(Door::Refuse(status)).await;
        let mut socket = world.open().await;
        for _ in 0..2 {
            let events = socket.turn(&create(MODEL, "hello")).await;
            assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
        }
        assert_eq!(world.upstream.handshakes().len(), 1, "it is remembered");
        let posts = world.upstream.posts();
        assert_eq!(posts.len(), 2);
        for (head, body) in &posts {
            assert!(!head.to_lowercase().contains("responses_websockets"), "{head}");
            assert_eq!((&body["type"], &body["model"]), (&Value::Null, &json!(MODEL)));
        }
        let rows = world.switchyard.rows_when(2).await;
        assert_eq!(reasons(&rows[1]), ["responses_ws_fallback", "request_success"]);
        assert_eq!(reasons(&rows[0]), ["request_success"]);
        assert_row(&rows[1], 200, &PLAIN);
        assert_eq!(world.switchyard.failures(world.provider).await, 0, "no breaker hears of it");
    }
}

#[tokio::test]
async fn a_socket_that_ends_before_its_first_event_falls_back_and_has_all_that_came_before() {
    let world = World::new(Door::Open).await;
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "one")).await;
    let id = events.last().unwrap()["response"]["id"].clone();
    // The kept socket ends, and so does the one that is opened for it.
    world.upstream.next(Act::SayAndFin(Vec::new()));
    world.upstream.next(Act::SayAndFin(Vec::new()));
    let going_on = json!({ "type": "response.create", "model": MODEL, "store": false,
        "previous_response_id": id, "input": [user_says("two")] });
    let events = socket.turn(&going_on).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    let (_, body) = world.upstream.posts().pop().expect("it was asked over HTTP");
    let input = body["input"].as_array().unwrap();
    assert_eq!((&input[0], &input[2]), (&user_says("one"), &user_says("two")));
    assert_eq!(body["previous_response_id"], Value::Null);
    let rows = world.switchyard.rows_when(2).await;
    assert_eq!(reasons(&rows[0]), ["responses_ws_fallback", "request_success"]);
    assert_eq!(world.switchyard.failures(world.provider).await, 0);
}

#[tokio::test]
async fn a_provider_that_has_forgotten_is_told_everything() {
    let world = World::new(Door::Open).await;
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "one")).await;
    let id = events.last().unwrap()["response"]["id"].clone();
    let forgot = r#"{"type":"error","status":400,"error":{"code":"previous_response_not_found"}}"#;
    world.upstream.next(Act::Say(vec![forgot.to_owned()]));
    let going_on = json!({ "type": "response.create", "model": MODEL, "store": false,
        "previous_response_id": id, "input": [user_says("two")] });
    let events = socket.turn(&going_on).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    let (_, last) = world.upstream.messages().pop().unwrap();
    assert_eq!(last["input"].as_array().map(Vec::len), Some(3), "{last}");
}

#[tokio::test]
async fn a_socket_that_is_of_no_use_any_longer_is_replaced_and_everything_is_sent_once() {
    let limit = r#"{"type":"error","error":{"code":"websocket_connection_limit_reached"}}"#;
    // What comes behind a good end comes unasked.
    let unasked = [events(), vec![r#"{"type":"codex.rate_limits"}"#.to_owned()]].concat();
    for (first, next) in [(events(), Some(limit)), (unasked, None)] {
        let world = World::new(Door::Open).await;
        world.upstream.next(Act::Say(first));
        let mut socket = world.open().await;
        let events = socket.turn(&create(MODEL, "one")).await;
        let id = events.last().unwrap()["response"]["id"].clone();
        if let Some(limit) = next {
            world.upstream.next(Act::Say(vec![limit.to_owned()]));
        }
        let going_on = json!({ "type": "response.create", "model": MODEL, "store": false,
            "previous_response_id": id, "input": [user_says("two")] });
        let events = socket.turn(&going_on).await;
        assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
        let (place, last) = world.upstream.messages().pop().unwrap();
        assert_eq!(last["input"].as_array().map(Vec::len), Some(3), "{last}");
        assert_ne!(place, world.upstream.messages()[0].0, "on another socket");
        assert!(world.upstream.posts().is_empty());
    }
}

#[tokio::test]
async fn a_socket_whose_turn_failed_is_not_gone_on_with() {
    let world = World::new(Door::Open).await;
    let failed = r#"{"type":"error","status":400,"error":{"code":"invalid","message":"no"}}"#;
    world.upstream.next(Act::Say(vec![failed.to_owned()]));
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "one")).await;
    assert_eq!(error(&events[0]), ("error", 400, "invalid"), "{events:?}");
    let events = socket.turn(&create(MODEL, "two")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    assert_eq!(world.upstream.handshakes().len(), 2);
}

#[tokio::test]
async fn what_filters_change_reaches_a_provider_that_remembers_the_rest() {
    for phase in ["guard", "final"] {
        let world = World::new(Door::Open).await;
        let filter = json!({ "name": "names", "executionPhase": phase, "scope": "body",
            "action": "text_replace", "target": "acme", "replacement": "the client" });
        world.switchyard.admin("request-filters/createRequestFilterAction", filter).await;
        let mut socket = world.open().await;
        let mut going_on = create(MODEL, "for acme");
        for text in ["of acme", "no more"] {
            let events = socket.turn(&going_on).await;
            assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
            let id = events.last().unwrap()["response"]["id"].clone();
            going_on = json!({ "type": "response.create", "model": MODEL, "store": false,
                "previous_response_id": id, "input": [user_says(text)] });
        }
        let messages = world.upstream.messages();
        assert_eq!(messages.len(), 2, "{phase}");
        for (_, message) in messages {
            let sent = message.to_string();
            assert!(!sent.contains("acme") && sent.contains("the client"), "{phase}: {sent}");
        }
    }
}

#[tokio::test]
async fn too_big_for_the_provider_is_too_big_for_the_client() {
    let world = World::new(Door::Open).await;
    world.upstream.next(Act::SayAndClose(Vec::new(), 1009));
    let mut socket = world.open().await;
    socket.say(&create(MODEL, "hello")).await;
    assert_eq!(error(&socket.event().await).1, 413);
    assert_eq!(socket.farewell().await, Some(1009));
    assert!(world.upstream.posts().is_empty());
    assert_eq!(world.row().await["statusCode"], 413);
    // In the middle of an answer, too.
    world.upstream.next(Act::SayAndClose(events()[..4].to_vec(), 1009));
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.failed"), "{events:?}");
    assert_eq!(socket.farewell().await, Some(1009));
}

#[tokio::test]
async fn an_answer_that_breaks_on_the_providers_socket_is_never_completed() {
    let world = World::new(Door::Open).await;
    world.upstream.next(Act::SayAndFin(events()[..5].to_vec()));
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.failed"), "{events:?}");
    let row = world.row().await;
    assert_eq!(row["statusCode"], 502, "{row:#}");
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
}

#[tokio::test]
async fn a_client_that_leaves_in_the_providers_handshake_leaves_nothing() {
    let world = World::new(Door::Silent).await;
    let mut socket = world.open().await;
    socket.say(&create(MODEL, "hello")).await;
    waiting::until("the provider is asked for a socket", SOON, async || {
        (world.upstream.handshakes().len() == 1).then_some(())
    })
    .await;
    socket.leave();
    assert_eq!(world.row().await["statusCode"], 499);
    waiting::until("the provider is left", SOON, async || {
        (world.upstream.open_connections() == 0).then_some(())
    })
    .await;
    everything_is_given_back(&world.switchyard).await;
}

#[tokio::test]
async fn a_client_that_leaves_in_an_answer_leaves_no_socket() {
    let world = World::new(Door::Open).await;
    world.upstream.next(Act::Say(events()[..5].to_vec()));
    let mut socket = world.open().await;
    socket.say(&create(MODEL, "hello")).await;
    for _ in 0..5 {
        socket.event().await;
    }
    socket.leave();
    let left = async || (world.upstream.open_connections() == 0).then_some(());
    waiting::until("the provider is left", Duration::from_secs(30), left).await;
    assert_eq!(world.row().await["statusCode"], 499);
    everything_is_given_back(&world.switchyard).await;
}

#[tokio::test]
async fn a_plain_post_never_opens_a_socket() {
    let world = World::new(Door::Open).await;
    let request =
        crate::support::client::Request::model(Dialect::Responses, &world.user.key, MODEL, true);
    assert_eq!(world.switchyard.send(&request).await.status, 200);
    assert!(world.upstream.handshakes().is_empty());
    let mut socket = world.open().await;
    socket.send(actix_http::ws::Message::Ping("x".into())).await;
    assert_eq!(socket.next().await, Said::Pong("x".into()));
    assert!(world.upstream.handshakes().is_empty(), "it is opened with the first turn");
}
