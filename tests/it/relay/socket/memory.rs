//! What sockets hold: nothing of what is over, and everything that waits is counted.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::world::World;
use super::{HTTP_UPSTREAM, error, everything_is_given_back, kinds, open, stand, user_says};
use crate::relay::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::socket::create;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{PLAIN, frames};
use crate::support::upstream::socket::Door;
use crate::support::waiting::{self, SOON};

const MIB: usize = 1 << 20;

async fn body_bytes(switchyard: &Switchyard) -> usize {
    let text = switchyard.send(&Request::get("/metrics")).await.text();
    let line = text.lines().find_map(|line| line.strip_prefix("switchyard_body_bytes "));
    line.expect("the metric").parse().expect("a number")
}

#[tokio::test]
async fn open_sockets_keep_of_large_messages_what_is_counted_and_no_more() {
    let world = World::new(Door::Open).await;
    let (mut sockets, mut before) = (Vec::new(), 0);
    let long = create(MODEL, &"a".repeat(20 * MIB));
    for _ in 0..5 {
        let mut socket = world.open().await;
        let events = socket.turn(&long).await;
        assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
        sockets.push(socket);
        if sockets.len() == 1 {
            // What the allocator keeps for the next one is there by now.
            before = world.switchyard.rss_kib();
        }
    }
    assert_eq!(world.upstream.handshakes().len(), 5);
    assert!(world.upstream.posts().is_empty());
    let counted = body_bytes(&world.switchyard).await >> 10;
    assert!((100 << 10..101 << 10).contains(&counted), "the conversations: {counted} KiB");
    // The allocator gives back what nobody has any more when it gets to it: a few requests later.
    waiting::until("four conversations of 20 MiB take no more than that", SOON, async || {
        let grown = world.switchyard.rss_kib().saturating_sub(before);
        println!("{grown} KiB more");
        body_bytes(&world.switchyard).await;
        (grown < 100 << 10).then_some(())
    })
    .await;
    drop(sockets);
    everything_is_given_back(&world.switchyard).await;
}

#[tokio::test]
async fn what_waits_for_a_client_is_counted_until_it_is_taken() {
    let stand = stand().await;
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let event = json!({ "type": "response.output_text.delta", "delta": "a".repeat(24 * MIB) });
    let long = format!("event: response.output_text.delta\ndata: {event}\n\n");
    let script = Script::stream().chunks(begin.to_vec()).chunks(vec![long]);
    stand.upstream.always(script.chunks(rest.to_vec()).end());
    let mut socket = open(&stand).await;
    socket.say(&create(MODEL, "hello")).await;
    // What the kernel takes is not ours.
    waiting::until("what waits is counted", SOON, async || {
        (body_bytes(&stand.switchyard).await > 12 * MIB).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // How much the kernel takes differs; on its way nothing is counted any more.
    assert!(body_bytes(&stand.switchyard).await > 2 * MIB, "it is not only on its way");
    assert_eq!(kinds(&socket.events().await).last(), Some(&"response.completed"));
    waiting::until("it is given back", SOON, async || {
        (body_bytes(&stand.switchyard).await < MIB).then_some(())
    })
    .await;
}

#[tokio::test]
async fn items_for_which_there_is_no_room_are_not_gone_on_from_and_their_turn_is_whole() {
    let stand = Stand::with(&[HTTP_UPSTREAM, ("SWITCHYARD_BODY_MEMORY_BYTES", "4194304")]).await;
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let item = json!({ "type": "response.output_item.done",
        "item": { "type": "reasoning", "encrypted_content": "a".repeat(MIB / 2) } });
    let item = format!("event: response.output_item.done\ndata: {item}\n\n");
    let script = Script::stream().chunks(begin.to_vec()).chunks(vec![item; 12]);
    stand.upstream.always(script.chunks(rest.to_vec()).end());
    let mut socket = open(&stand).await;
    let events = socket.turn(&create(MODEL, "one")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    let id = events.last().unwrap()["response"]["id"].clone();
    let message = json!({ "type": "response.create", "model": MODEL,
        "previous_response_id": id, "input": [user_says("two")] });
    let events = socket.turn(&message).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    let seen = stand.upstream.requests().pop().unwrap().json();
    assert_eq!(seen["previous_response_id"], id, "what is not known here passes");
}

#[tokio::test]
async fn a_turn_that_we_end_is_not_one_whose_client_left() {
    let stand = stand().await;
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let script = Script::stream().chunks(all[..4].to_vec()).chunks(vec!["data: \"".to_owned()]);
    stand.upstream.once(script.endless("a".repeat(1 << 16), Duration::ZERO));
    let mut socket = open(&stand).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(error(events.last().unwrap()), ("error", 502, "bad_gateway"));
    let row: Value = stand.switchyard.only_row().await;
    assert_eq!(row["statusCode"], 502, "{row:#}");
    let why = row["errorMessage"].as_str().unwrap();
    assert!(why.contains("long"), "{row:#}");
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "the socket serves on");
}
