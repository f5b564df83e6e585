//! Translated streams of clients that read slowly, and of those that leave.

use std::time::{Duration, Instant};

use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::stand::Kinds;
use crate::relay::stand::assert_row;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{PLAIN, frames, middle_frame, truncated};
use crate::support::waiting;

const READERS: u64 = 10;
/// So long nothing more must be accepted for the upstream to count as stopped.
const QUIET: Duration = Duration::from_secs(3);

#[tokio::test]
async fn slow_readers_stop_the_upstreams_that_are_translated_for_them() {
    let kinds = Kinds::new().await;
    let kind = ProviderKind::OpenaiCompatible;
    kinds.ask(Dialect::Anthropic, kind, true).await;
    let before = kinds.switchyard.rss_kib();
    let piece = middle_frame(kind.dialect(), MODEL).repeat(40);
    let begun = truncated(kind.dialect(), MODEL, 1);
    kinds.upstream.always(begun.endless(piece, Duration::ZERO));
    let client = kinds.switchyard.client().with_receive_buffer(4_096);
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let request = Request::model(Dialect::Anthropic, kinds.key(kind), MODEL, true);
        readers.push(client.open(&request).await.expect("a head").read_slowly());
    }
    let mut last = (kinds.upstream.bytes_accepted(), Instant::now());
    waiting::until_true("the upstream's bytes stop growing", Duration::from_mins(2), || {
        let now = kinds.upstream.bytes_accepted();
        if now != last.0 {
            last = (now, Instant::now());
        }
        last.1.elapsed() >= QUIET
    })
    .await;
    let grown = kinds.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < READERS * 1_536, "{grown} KiB more for {READERS} slow readers");
    for reader in readers {
        reader.abort();
    }
}

#[tokio::test]
async fn of_a_client_that_left_usage_is_read_in_the_providers_format() {
    let kinds = Kinds::new().await;
    let mut done = 0;
    for (client, kind) in [
        (Dialect::Anthropic, ProviderKind::OpenaiCompatible),
        (Dialect::OpenaiChat, ProviderKind::Claude),
        (Dialect::Responses, ProviderKind::Gemini),
    ] {
        let all = frames(kind.dialect(), MODEL, 3, &PLAIN);
        let (first, rest) = all.split_at(all.len() - 2);
        let script = Script::stream()
            .chunks(first.to_vec())
            .sleep(Duration::from_millis(700))
            .chunks(rest.to_vec())
            .end();
        kinds.upstream.reset();
        kinds.upstream.always(script);
        let request = Request::model(client, kinds.key(kind), MODEL, true);
        let mut live = kinds.switchyard.client().open(&request).await.expect("a head");
        live.frame_with("piece 1").await;
        live.leave();
        done += 1;
        let row = kinds.switchyard.rows_when(done).await.remove(0);
        assert_row(&row, 499, &PLAIN);
    }
}
