//! Whose time it is: the client's upload, the provider's silence, and what we have left.

use std::time::{Duration, Instant};

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand};
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, frames};
use crate::support::upstream::{Match, ReadBody, Rule};
use crate::support::waiting::{self, SOON};

const DIALECT: Dialect = Dialect::Anthropic;

#[tokio::test]
async fn a_clients_slow_upload_eats_nobodys_time() {
    let stand = Stand::with(&[("SWITCHYARD_COMMIT_DEADLINE_GEMINI_SECONDS", "2")]).await;
    let slow = Script::stream()
        .sleep(Duration::from_millis(300))
        .chunks(frames(Dialect::Gemini, MODEL, 3, &PLAIN))
        .end();
    stand.upstream.always(slow);
    let request = stand.request(Dialect::Gemini, true);
    let (piece, gap) = (request.bytes().len() / 30, Duration::from_millis(100));
    let answer = stand.switchyard.client().upload_slowly(&request, piece, gap).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.text(), frames(Dialect::Gemini, MODEL, 3, &PLAIN).concat());
}

#[tokio::test]
async fn a_silence_that_we_cut_short_is_nobodys_fault() {
    let deadline = [("SWITCHYARD_COMMIT_DEADLINE_SECONDS", "4")];
    let pair = Pair::with(DIALECT, &deadline).await;
    for (provider, upstream) in [(pair.first_id, &pair.first), (pair.second_id, &pair.second)] {
        let patient = json!({ "providerId": provider, "first_byte_timeout_streaming_ms": 60_000 });
        pair.switchyard.admin("providers/editProvider", patient).await;
        upstream.always(Script::default().stall());
    }
    let start = Instant::now();
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, 504, "{}", answer.text());
    assert!(start.elapsed() < Duration::from_secs(6), "took {:?}", start.elapsed());
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "each had a try");
    for provider in [pair.first_id, pair.second_id] {
        assert_eq!(pair.switchyard.failures(provider).await, 0, "its own limit is a minute");
    }
}

#[tokio::test]
async fn an_upstream_that_does_not_read_leaves_time_for_another_and_takes_no_memory() {
    let pair = Pair::with(DIALECT, &[("SWITCHYARD_COMMIT_DEADLINE_SECONDS", "12")]).await;
    pair.first.script(Rule::new(Match::any(), Script::default().stall()).read(ReadBody::Only(1)));
    let text = "a".repeat(24 << 20);
    let body = answers::request(DIALECT, MODEL, true, &text);
    let request = Request::saying(DIALECT, &pair.user.key, MODEL, true, "").body(body);
    let client = pair.switchyard.client();
    let asking = tokio::spawn(async move { client.send(&request).await });
    waiting::until_true("the relay begins to send", SOON, || pair.first.connections() > 0).await;
    // Now the body is there, once; whoever copied it would take as much again.
    let (held, mut most) = (pair.switchyard.rss_kib(), 0);
    let start = Instant::now();
    while !asking.is_finished() {
        most = most.max(pair.switchyard.rss_kib().saturating_sub(held));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let answer = asking.await.unwrap();
    assert_eq!(answer.text(), frames(DIALECT, MODEL, 3, &PLAIN).concat());
    assert!(start.elapsed() < Duration::from_secs(40), "took {:?}", start.elapsed());
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "our own time was over");
    println!("{most} KiB more while sending");
    assert!(most < 12 << 10, "sending a body of 24 MiB took {most} KiB more");
}

#[tokio::test]
async fn a_hung_provider_leaves_time_for_another_when_the_answer_is_wanted_whole() {
    let pair = Pair::with(DIALECT, &[("SWITCHYARD_TOTAL_SECONDS", "5")]).await;
    let pings = ": PING\n\n";
    let cases = [
        ("no byte", Script::default().stall()),
        ("an event stream of pings", Script::stream().endless(pings, Duration::from_millis(200))),
    ];
    for (what, script) in cases {
        pair.first.reset();
        pair.first.always(script);
        let answer = pair.ask(DIALECT, false).await;
        let whole = answers::answer(DIALECT, MODEL, "Hello.", &PLAIN);
        assert_eq!((answer.status, answer.text()), (200, whole), "{what}");
        assert_eq!(pair.first.count(), 1, "{what}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "{what}: it had its time");
        let reset = json!({ "providerId": pair.first_id });
        pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    }
}

#[tokio::test]
async fn a_hung_address_leaves_time_for_the_next_one_of_the_only_provider() {
    let pair = Pair::with(DIALECT, &[("SWITCHYARD_TOTAL_SECONDS", "5")]).await;
    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    let next = json!({ "providerId": pair.first_id, "endpoints": [pair.second.url()] });
    pair.switchyard.admin("providers/editProvider", next).await;
    pair.first.always(Script::default().stall());
    let answer = pair.ask(DIALECT, false).await;
    let whole = answers::answer(DIALECT, MODEL, "Hello.", &PLAIN);
    assert_eq!((answer.status, answer.text()), (200, whole));
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1));
    let row = pair.switchyard.only_row().await;
    assert_eq!(Pair::chain(&row), [pair.first_id, pair.first_id], "{row:#}");
}

#[tokio::test]
async fn the_only_provider_has_all_the_time() {
    let stand = Stand::with(&[("SWITCHYARD_TOTAL_SECONDS", "4")]).await;
    let whole = answers::answer(DIALECT, MODEL, "Hello.", &PLAIN);
    let slow = Script::default().sleep(Duration::from_secs(3));
    let late = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{whole}",
        whole.len()
    );
    stand.upstream.always(slow.raw(late));
    let answer = stand.ask(DIALECT, false).await;
    assert_eq!((answer.status, answer.text()), (200, whole));
}
