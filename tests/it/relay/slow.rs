//! Slow clients slow their upstream and nobody else; memory stays where it is.

use std::time::{Duration, Instant};

use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::answers::{middle_frame, truncated};
use crate::support::upstream::{Match, Rule, Script};
use crate::support::waiting::{self, SOON};

const READERS: u64 = 20;
/// So long nothing more must be accepted for the upstream to count as stopped.
const QUIET: Duration = Duration::from_secs(3);

#[tokio::test]
async fn slow_readers_stop_their_upstreams_and_cost_little_memory() {
    let stand = Stand::new().await;
    stand.ask(Dialect::Anthropic, true).await;
    let before = stand.switchyard.rss_kib();
    let piece = middle_frame(Dialect::Anthropic, MODEL).repeat(40);
    let begun = truncated(Dialect::Anthropic, MODEL, 1);
    stand.upstream.always(begun.endless(piece, Duration::ZERO));
    let client = stand.switchyard.client().with_receive_buffer(4_096);
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let request = stand.request(Dialect::Anthropic, true);
        readers.push(client.open(&request).await.unwrap().read_slowly());
    }
    let mut last = (stand.upstream.bytes_accepted(), Instant::now());
    waiting::until_true(
        "the upstream's accepted bytes stop growing",
        Duration::from_mins(2),
        || {
            let now = stand.upstream.bytes_accepted();
            if now != last.0 {
                last = (now, Instant::now());
            }
            last.1.elapsed() >= QUIET
        },
    )
    .await;
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < READERS * 1_024, "{grown} KiB more for {READERS} slow readers");
    assert!(readers.iter().all(|reader| !reader.is_finished()), "nobody was cut off");
    for reader in readers {
        reader.abort();
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_let_go_at_the_limit() {
    let stand =
        Stand::with(&[("SWITCHYARD_CLIENT_STALL_SECONDS", "2"), ("SWITCHYARD_DRAIN", "false")])
            .await;
    let piece = middle_frame(Dialect::Anthropic, MODEL).repeat(40);
    let begun = truncated(Dialect::Anthropic, MODEL, 1);
    stand.upstream.always(begun.endless(piece, Duration::ZERO));
    let client = stand.switchyard.client().with_receive_buffer(4_096);
    let request = stand.request(Dialect::Anthropic, true);
    let silent = client.open(&request).await.unwrap();
    waiting::until_true("the upstream is left", Duration::from_secs(30), || {
        stand.upstream.open_connections() == 0
    })
    .await;
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["statusCode"], 499, "{row:#}");
    // Nothing was read to notice it: the connection is gone all the same.
    let reset = || silent.was_reset();
    waiting::until_true("the client's connection is cut", SOON, reset).await;
}

#[tokio::test]
async fn a_slow_neighbour_blocks_nobody() {
    let stand = Stand::new().await;
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let waiting = Script::stream().endless(ping, Duration::from_secs(1));
    stand.upstream.script(Rule::new(Match::any().model("slow-model"), waiting));
    let slow = Request::model(Dialect::Anthropic, &stand.user.key, "slow-model", true);
    let client = stand.switchyard.client();
    let mut tasks = Vec::new();
    for _ in 0..64 {
        let slow = slow.clone();
        tasks.push(tokio::spawn(async move { client.try_send(&slow).await }));
    }
    let all = || stand.upstream.count() == 64;
    waiting::until_true("64 slow streams are open", Duration::from_secs(20), all).await;
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        assert_eq!(stand.ask(Dialect::Anthropic, true).await.status, 200);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    assert!(times[25] < Duration::from_millis(100), "median {:?}", times[25]);
    for task in tasks {
        task.abort();
    }
}
