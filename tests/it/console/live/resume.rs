//! Who comes back is told what was missed, or that some of it is gone.

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::json;

use super::{DIALECT, cookie, id, next, open};
use crate::relay::stand::Stand;
use crate::support::client::Live;
use crate::support::launch::ADMIN_TOKEN;
use crate::support::waiting::SOON;

/// Events that the relay remembers.
const KEPT: u64 = 1_000;

#[tokio::test]
async fn a_stream_goes_on_behind_the_last_event_that_arrived() {
    let mut stand = Stand::new().await;
    let cookie = cookie(&stand.switchyard, ADMIN_TOKEN).await;
    let mut live = open(&stand.switchyard, &cookie, "/live", &[]).await;
    let place = next(&mut live, "place").await.id.unwrap();
    let first = stand.ask(DIALECT, true).await;
    let row = next(&mut live, "row").await;
    let last = row.id.unwrap();
    live.leave();
    let second = stand.ask(DIALECT, false).await;
    let address = format!("/live?last-event-id={place}");
    for (target, more, expected) in [
        ("/live", vec![("last-event-id", last.as_str())], vec![id(&second)]),
        (address.as_str(), vec![], vec![id(&first), id(&second)]),
        // Browsers open the same address again, with the header.
        (address.as_str(), vec![("last-event-id", last.as_str())], vec![id(&second)]),
    ] {
        let mut live = open(&stand.switchyard, &cookie, target, &more).await;
        for id in expected {
            let told = next(&mut live, "row reset more").await;
            assert_eq!((told.name.as_str(), &told.data["id"]), ("row", &json!(id)), "{target}");
        }
    }
    stand.switchyard.sigterm();
    stand.switchyard.wait_exit(SOON);
    stand.switchyard.restart().await;
    let more = [("last-event-id", last.as_str())];
    let mut live = open(&stand.switchyard, &cookie, "/live", &more).await;
    let reset = next(&mut live, "row reset").await;
    assert_eq!(reset.name, "reset", "another process cannot know what was missed");
    let third = stand.ask(DIALECT, true).await;
    assert_eq!(next(&mut live, "row").await.data["id"], id(&third), "it goes on behind it");
}

/// Reads until so many rows were shown or counted.
async fn rows(live: &mut Live, count: u64) {
    let mut told = 0;
    while told < count {
        let next = next(live, "row more reset").await;
        told += match next.name.as_str() {
            "row" => 1,
            "more" => next.data["count"].as_u64().unwrap(),
            _ => panic!("{next:?}"),
        };
    }
    assert_eq!(told, count, "each is told once");
}

#[tokio::test]
async fn all_that_is_remembered_is_told_and_one_event_more_is_a_reset() {
    let stand = Stand::new().await;
    let cookie = cookie(&stand.switchyard, ADMIN_TOKEN).await;
    let mut live = open(&stand.switchyard, &cookie, "/live", &[]).await;
    let place = next(&mut live, "place").await.id.unwrap();
    let (boot, first) = place.split_once('-').unwrap();
    let first: u64 = first.parse().unwrap();
    let (client, request) = (stand.switchyard.client(), stand.request(DIALECT, false));
    stream::iter(0..=KEPT)
        .for_each_concurrent(8, async |_| assert_eq!(client.send(&request).await.status, 200))
        .await;
    rows(&mut live, KEPT + 1).await;
    let from = async |seq: u64| {
        let last = format!("{boot}-{seq}");
        let more = [("last-event-id", last.as_str())];
        open(&stand.switchyard, &cookie, "/live", &more).await
    };
    rows(&mut from(first + 1).await, KEPT).await;
    let gone = next(&mut from(first).await, "row more reset").await;
    assert_eq!(gone.name, "reset");
    assert_eq!(gone.id, Some(format!("{boot}-{}", first + KEPT + 1)), "it goes on at the end");
}
