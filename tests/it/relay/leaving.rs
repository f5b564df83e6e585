//! Clients that leave: before the commit, in the middle, and right after the last event.

use std::time::{Duration, Instant};

use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row, assert_unknown_cost};
use crate::support::client::Live;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::Script;
use crate::support::upstream::answers::{PLAIN, Tokens, frames, middle_frame, truncated};
use crate::support::waiting::{self, SOON};

/// A drain that tests have time for.
const SHORT_DRAIN: [(&str, &str); 1] = [("SWITCHYARD_DRAIN_SECONDS", "2")];
/// Its limit and some time for a busy machine.
const DRAIN: Duration = Duration::from_secs(6);

impl Stand {
    /// Waits until the upstream saw its only peer leave, and returns when.
    async fn upstream_left(&self, limit: Duration) -> Instant {
        waiting::until("the upstream is left", limit, async || {
            self.upstream.requests().first().and_then(|seen| seen.left).map(|left| left.at)
        })
        .await
    }

    async fn request_arrives(&self) {
        waiting::until_true("the upstream is asked", SOON, || self.upstream.count() == 1).await;
    }
}

#[tokio::test]
async fn leaving_before_the_head_closes_the_upstream_at_once() {
    for stream in [true, false] {
        let stand = Stand::new().await;
        stand.upstream.always(Script::default().stall());
        let request = stand.request(Dialect::Anthropic, stream);
        let client = stand.switchyard.client();
        let asking = tokio::spawn(async move { client.try_send(&request).await });
        stand.request_arrives().await;
        let gone = Instant::now();
        asking.abort();
        let closed = stand.upstream_left(SOON).await;
        let took = closed.saturating_duration_since(gone);
        assert!(took < Duration::from_secs(1), "stream {stream}: closed after {took:?}");
        let row = stand.switchyard.only_row().await;
        assert_eq!(row["statusCode"], 499, "stream {stream}: {row:#}");
        assert_unknown_cost(&row);
    }
}

#[tokio::test]
async fn leaving_before_the_first_content_closes_the_upstream_at_once() {
    let stand = Stand::new().await;
    stand
        .upstream
        .always(Script::stream().chunk("event: ping\ndata: {\"type\": \"ping\"}\n\n").stall());
    let request = stand.request(Dialect::Anthropic, true);
    let client = stand.switchyard.client();
    let asking = tokio::spawn(async move { client.try_send(&request).await });
    stand.request_arrives().await;
    let gone = Instant::now();
    asking.abort();
    let closed = stand.upstream_left(SOON).await;
    assert!(closed.saturating_duration_since(gone) < Duration::from_secs(1));
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 499);
}

#[tokio::test]
async fn an_endless_answer_is_drained_no_longer_than_the_limit() {
    let leave: [fn(Live); 2] = [Live::leave, Live::leave_by_reset];
    for leave in leave {
        let stand = Stand::with(&SHORT_DRAIN).await;
        let piece = middle_frame(Dialect::Anthropic, MODEL);
        let begun = truncated(Dialect::Anthropic, MODEL, 3);
        stand.upstream.always(begun.endless(piece, Duration::from_millis(50)));
        let mut live = stand.open(Dialect::Anthropic).await;
        live.frame_with("piece 2").await;
        let gone = Instant::now();
        leave(live);
        let closed = stand.upstream_left(DRAIN).await;
        assert!(closed.saturating_duration_since(gone) < DRAIN);
        let row = stand.switchyard.only_row().await;
        assert_eq!(row["statusCode"], 499, "{row:#}");
    }
}

#[tokio::test]
async fn without_a_drain_the_upstream_is_left_at_once() {
    let stand = Stand::with(&[("SWITCHYARD_DRAIN", "false")]).await;
    let piece = middle_frame(Dialect::Anthropic, MODEL);
    let begun = truncated(Dialect::Anthropic, MODEL, 3);
    stand.upstream.always(begun.endless(piece, Duration::from_millis(50)));
    let mut live = stand.open(Dialect::Anthropic).await;
    live.frame_with("piece 2").await;
    let gone = Instant::now();
    live.leave();
    let closed = stand.upstream_left(SOON).await;
    assert!(closed.saturating_duration_since(gone) < Duration::from_secs(1));
    let row = stand.switchyard.only_row().await;
    // What the vendor had told by then: the whole input, and the output it counts at the start.
    assert_row(&row, 499, &Tokens { output: 1, ..PLAIN });
}

#[tokio::test]
async fn an_answer_that_ends_within_the_drain_is_billed_exactly() {
    for dialect in DIALECTS {
        let stand = Stand::new().await;
        let tokens = Tokens::rich(dialect);
        let all = frames(dialect, MODEL, 3, &tokens);
        let (begin, rest) = all.split_at(all.len() / 2);
        let script = Script::stream().chunks(begin.to_vec()).sleep(Duration::from_millis(600));
        stand.upstream.always(script.chunks(rest.to_vec()).end());
        let mut live = stand.open(dialect).await;
        live.frame_with("piece 0").await;
        live.leave();
        let row = stand.switchyard.only_row().await;
        assert_row(&row, 499, &tokens);
    }
}

#[tokio::test]
async fn leaving_right_after_the_terminal_event_is_a_success() {
    let cases = [
        (Dialect::Anthropic, "message_stop"),
        (Dialect::OpenaiChat, "[DONE]"),
        (Dialect::Responses, "response.completed"),
        (Dialect::Gemini, "finishReason"),
    ];
    for (dialect, terminal) in cases {
        let stand = Stand::new().await;
        let all = frames(dialect, MODEL, 3, &PLAIN);
        let late_end = Script::stream().chunks(all).sleep(Duration::from_millis(700)).end();
        stand.upstream.always(late_end);
        let mut live = stand.open(dialect).await;
        live.frame_with(terminal).await;
        live.leave();
        let row = stand.switchyard.only_row().await;
        assert_row(&row, 200, &PLAIN);
    }
}

#[tokio::test]
async fn an_upstream_that_never_closes_after_the_end_does_not_hold_the_client() {
    let stand = Stand::new().await;
    let all = frames(Dialect::Anthropic, MODEL, 3, &PLAIN);
    stand.upstream.always(Script::stream().chunks(all.clone()).stall());
    let start = Instant::now();
    let answer = stand.ask(Dialect::Anthropic, true).await;
    assert_eq!(answer.text(), all.concat());
    assert!(start.elapsed() < Duration::from_secs(4), "took {:?}", start.elapsed());
    stand.upstream_left(SOON).await;
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
}

#[tokio::test]
async fn a_hundred_leaving_clients_leave_a_row_each_and_no_connection() {
    let stand = Stand::with(&SHORT_DRAIN).await;
    let piece = middle_frame(Dialect::Anthropic, MODEL);
    let begun = truncated(Dialect::Anthropic, MODEL, 2);
    stand.upstream.always(begun.endless(piece, Duration::from_millis(20)));
    let mut streams = Vec::new();
    for _ in 0..100 {
        streams.push(stand.open(Dialect::Anthropic).await);
    }
    for (number, mut live) in streams.into_iter().enumerate() {
        live.frame_with("piece 1").await;
        let leave = if number % 2 == 0 { Live::leave } else { Live::leave_by_reset };
        leave(live);
    }
    waiting::until_true("every upstream connection is closed", DRAIN, || {
        stand.upstream.open_connections() == 0
    })
    .await;
    let rows = stand.switchyard.rows_when(100).await;
    assert!(rows.iter().all(|row| row["statusCode"] == 499));
}
