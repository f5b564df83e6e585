//! SIGTERM: not ready at once, nothing new, what runs ends byte for byte, rows are there, exit 0.

use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row};
use crate::support::client::{End, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{PLAIN, Tokens, frames, middle_frame, truncated};
use crate::support::waiting::{self, SOON};

#[tokio::test]
async fn a_running_stream_ends_in_peace() {
    let mut stand = Stand::new().await;
    let all = frames(Dialect::Anthropic, MODEL, 6, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let script = Script::stream().chunks(begin.to_vec()).sleep(Duration::from_secs(3));
    stand.upstream.always(script.chunks(rest.to_vec()).end());
    let mut live = stand.open(Dialect::Anthropic).await;
    let first = live.frame_with("message_start").await;
    stand.switchyard.sigterm();
    not_ready(&stand).await;
    let answer = live.finish().await.unwrap();
    assert_eq!(format!("{first}{}", answer.text()), all.concat());
    assert_eq!(answer.end, End::Clean);
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    let logs = stand.switchyard.logs();
    assert!(!logs.contains("has ended"), "no actor is missed at a stop:\n{logs}");
    stand.switchyard.restart().await;
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
}

#[tokio::test]
async fn a_stream_without_end_is_ended_when_the_grace_is_over() {
    let mut stand = Stand::with(&[("SHUTDOWN_GRACE_SECONDS", "2")]).await;
    let piece = middle_frame(Dialect::Anthropic, MODEL);
    let begun = truncated(Dialect::Anthropic, MODEL, 2);
    stand.upstream.always(begun.endless(piece, Duration::from_millis(50)));
    let mut live = stand.open(Dialect::Anthropic).await;
    live.frame_with("piece 1").await;
    stand.switchyard.sigterm();
    let answer = live.finish().await.unwrap();
    assert!(!answer.text().contains("message_stop"), "no false success");
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    stand.switchyard.restart().await;
    // Told by this process, not found by the next one: with the usage known by then.
    assert_row(&stand.switchyard.only_row().await, 499, &Tokens { output: 1, ..PLAIN });
}

/// Waits until readiness is off; a refused connection says the same.
async fn not_ready(stand: &Stand) {
    let client = stand.switchyard.client();
    waiting::until("readiness goes off", Duration::from_secs(2), async || {
        match client.try_send(&Request::get("/api/health/ready")).await {
            Ok(answer) => (answer.status == 503).then_some(()),
            Err(_) => Some(()),
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_drained_for_a_client_that_left_has_its_usage_when_the_process_stops() {
    let mut stand = Stand::new().await;
    let piece = middle_frame(Dialect::Anthropic, MODEL);
    let begun = truncated(Dialect::Anthropic, MODEL, 2);
    stand.upstream.always(begun.endless(piece, Duration::from_millis(50)));
    let mut live = stand.open(Dialect::Anthropic).await;
    live.frame_with("piece 1").await;
    live.leave();
    tokio::time::sleep(Duration::from_millis(300)).await;
    stand.switchyard.sigterm();
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    stand.switchyard.restart().await;
    assert_row(&stand.switchyard.only_row().await, 499, &Tokens { output: 1, ..PLAIN });
}
