//! Bounds: who may open a socket, how long a message may be, how many may wait.

use std::time::Duration;

use actix_http::ws::Message;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{HTTP_UPSTREAM, error, everything_is_given_back, kinds, open, stand};
use crate::relay::stand::Stand;
use crate::support::client::{Client, Request};
use crate::support::prices::MODEL;
use crate::support::socket::{Said, Socket, create, handshake};
use crate::support::upstream::Script;
use crate::support::upstream::answers::{PLAIN, frames, middle_frame};
use crate::support::waiting;

#[tokio::test]
async fn a_socket_is_refused_as_a_post_would_be() {
    let stand = stand().await;
    let client: Client = stand.switchyard.client();
    let upgrade = |key: &str| handshake("/v1/responses", key);
    let unknown = client.send(&upgrade("sk-unknown")).await;
    assert_eq!(unknown.status, 401);
    assert_eq!(unknown.json()["error"]["code"], "invalid_api_key");
    let conflicting = upgrade(&stand.user.key).header("x-api-key", "sk-other");
    assert_eq!(client.send(&conflicting).await.status, 401);
    let keyless = Request::get("/v1/responses").header("upgrade", "websocket");
    assert_eq!(client.send(&keyless).await.status, 401);
    let in_query = handshake(&format!("/v1/responses?key={}", stand.user.key), &stand.user.key);
    let mut socket = Socket::open_as(&stand.switchyard, &in_query).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    assert_eq!(stand.upstream.only_request().query, None, "the key stays here");
}

#[tokio::test]
async fn a_message_of_twenty_mebibytes_passes_whole_and_in_parts() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    let long = create(MODEL, &"a".repeat(20 << 20));
    for in_parts in [false, true] {
        if in_parts {
            socket.say_in_parts(&long, 3 << 20).await;
        } else {
            socket.say(&long).await;
        }
        assert_eq!(kinds(&socket.events().await).last(), Some(&"response.completed"));
    }
    for seen in stand.upstream.requests() {
        assert_eq!(seen.json()["input"], long["input"]);
    }
    socket.leave();
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn a_message_beyond_the_limit_closes_the_socket_with_its_code() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    // The head of a frame of 33 MiB.
    socket.write(&[0x81, 0xff, 0, 0, 0, 0, 2, 0x10, 0, 0, 1, 2, 3, 4]).await;
    assert_eq!(socket.farewell().await, Some(1009));
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn what_is_no_text_is_told_and_closes_the_socket() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    socket.send(Message::Binary("x".into())).await;
    assert_eq!(error(&socket.event().await), ("error", 400, "unsupported_data"));
    assert_eq!(socket.farewell().await, Some(1003));
    let mut socket = open(&stand).await;
    socket.write(&[0x81, 0x81, 0, 0, 0, 0, 0xff]).await;
    assert_eq!(socket.farewell().await, Some(1007));
    let mut socket = open(&stand).await;
    socket.write(&[0x81, 0x01, b'x']).await;
    assert_eq!(socket.farewell().await, Some(1002));
    assert_eq!(stand.upstream.count(), 0);
}

#[tokio::test]
async fn more_than_may_wait_closes_the_socket_and_ends_its_turn() {
    let stand = stand().await;
    stand.upstream.always(Script::stream().stall());
    let mut socket = open(&stand).await;
    for _ in 0..66 {
        socket.say(&create(MODEL, "hello")).await;
    }
    assert_eq!(error(&socket.event().await), ("error", 429, "too_many_requests"));
    assert_eq!(socket.farewell().await, Some(1008));
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["statusCode"], 499, "{row:#}");
    everything_is_given_back(&stand.switchyard).await;
}

/// Sets up an upstream whose stream never ends, and of which nothing is read for a client that is gone.
async fn endless() -> Stand {
    let stand = Stand::with(&[HTTP_UPSTREAM, ("SWITCHYARD_DRAIN", "false")]).await;
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let piece = middle_frame(Dialect::Responses, MODEL).repeat(64);
    let script = Script::stream().chunks(all[..3].to_vec()).endless(piece, Duration::ZERO);
    stand.upstream.always(script);
    stand
}

/// Asks, reads one event and nothing more until the upstream is stopped; returns how many bytes it could send.
async fn fill(stand: &Stand, socket: &mut Socket) -> u64 {
    socket.say(&create(MODEL, "hello")).await;
    socket.event().await;
    let mut taken = stand.upstream.bytes_accepted();
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now = stand.upstream.bytes_accepted();
        if now == taken {
            return taken;
        }
        taken = now;
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_slows_its_upstream_holds_little_and_is_gone_after_a_while() {
    let stand = endless().await;
    let mut socket = open(&stand).await;
    let before = stand.switchyard.rss_kib();
    let taken = fill(&stand, &mut socket).await;
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(taken < 64 << 20 && grown < 48 << 10, "{taken} bytes taken, {grown} KiB grown");
    // Half a minute, and half of it again until somebody looks.
    let row = waiting::until("it is let go", Duration::from_secs(90), async || {
        stand.switchyard.all_rows().await.pop()
    })
    .await;
    assert_eq!(row["statusCode"], 499, "{row:#}");
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn sockets_are_for_responses_and_can_be_switched_off() {
    let stand = stand().await;
    for path in ["/v1/chat/completions", "/v1/messages", "/v1/realtime?model=m"] {
        let other = handshake(path, &stand.user.key);
        assert_eq!(stand.switchyard.send(&other).await.status, 426, "{path}");
    }
    let posted = Request::post("/v1/responses", "{}").bearer(&stand.user.key);
    let posted = posted.header("connection", "upgrade").header("upgrade", "websocket");
    assert_eq!(stand.switchyard.send(&posted).await.status, 426, "as a POST");
    let list = Request::get("/v1/responses").bearer(&stand.user.key);
    let list = list.header("connection", "upgrade").header("upgrade", "h2c, websocket");
    let list = list.header("sec-websocket-version", "13");
    let list = list.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(stand.switchyard.send(&list).await.status, 426, "among others");
    let stand = Stand::with(&[("ENABLE_OPENAI_RESPONSES_WEBSOCKET", "false")]).await;
    let answer = stand.switchyard.send(&handshake("/v1/responses", &stand.user.key)).await;
    assert_eq!(answer.status, 426);
    assert_eq!(answer.header("upgrade"), Some("HTTP/1.1"));
}

#[tokio::test]
async fn a_key_with_as_many_sockets_as_it_may_have_is_served_by_post() {
    let stand =
        Stand::with(&[HTTP_UPSTREAM, ("SWITCHYARD_RESPONSES_WEBSOCKET_PER_KEY", "1")]).await;
    let socket = open(&stand).await;
    let another = handshake("/v1/responses", &stand.user.key);
    assert_eq!(stand.switchyard.send(&another).await.status, 426);
    assert_eq!(stand.ask(Dialect::Responses, true).await.status, 200);
    let key = stand.switchyard.add_key(stand.user.id, "another", json!({})).await;
    Socket::open(&stand.switchyard, &key).await.leave();
    socket.leave();
    everything_is_given_back(&stand.switchyard).await;
    open(&stand).await.leave();
}

#[tokio::test]
async fn a_handshake_that_is_none_is_told_what_is_missing() {
    let stand = stand().await;
    let request =
        Request::get("/v1/responses").bearer(&stand.user.key).header("upgrade", "websocket");
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let said = answer.json()["error"]["message"].clone();
    assert!(said.as_str().unwrap().contains("handshake"), "{said}");
    assert_eq!(answer.json()["error"]["type"], "invalid_request_error", "in the client's dialect");
}

#[tokio::test]
async fn a_close_of_the_client_is_answered_in_kind() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    socket.send(Message::Close(Some(actix_http::ws::CloseCode::Normal.into()))).await;
    assert_eq!(socket.next().await, Said::Close(Some(1000)));
    assert_eq!(socket.next().await, Said::Fin);
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn a_client_that_says_goodbye_and_reads_nothing_is_let_go() {
    let stand = endless().await;
    let mut socket = open(&stand).await;
    fill(&stand, &mut socket).await;
    socket.send(Message::Close(Some(actix_http::ws::CloseCode::Normal.into()))).await;
    // Sooner than a client that takes nothing is let go.
    everything_is_given_back(&stand.switchyard).await;
    drop(socket);
}

#[tokio::test]
async fn a_client_that_pings_and_reads_nothing_makes_nothing_wait() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    let mut pings = bytes::BytesMut::new();
    let mut codec = actix_http::ws::Codec::new().client_mode();
    for _ in 0..2_000 {
        let ping = Message::Ping(vec![b'x'; 120].into());
        tokio_util::codec::Encoder::encode(&mut codec, ping, &mut pings).unwrap();
    }
    let before = stand.switchyard.rss_kib();
    for _ in 0..200 {
        socket.write(&pings).await;
    }
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < 24 << 10, "{grown} KiB grown for 50 MB of pings");
    socket.send(Message::Close(None)).await;
    everything_is_given_back(&stand.switchyard).await;
}
