//! SIGTERM: not ready at once, nothing new, what runs ends byte for byte, rows are there, exit 0.

use std::time::Duration;

use serde_json::Value;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row, reasons};
use super::truncation::assert_error_end;
use crate::support::client::{End, Request};
use crate::support::prices::{DIALECTS, MODEL};
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
    assert_eq!(answer.end, End::Clean);
    assert!(!answer.text().contains("message_stop"), "no false success");
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    stand.switchyard.restart().await;
    // Told by this process, not found by the next one: with the usage known by then.
    let row = stand.switchyard.only_row().await;
    assert_row(&row, 503, &Tokens { output: 1, ..PLAIN });
    assert_cut_by_us(&row);
}

/// Asserts that a row says who ended it, and blames nobody else.
fn assert_cut_by_us(row: &Value) {
    assert_eq!(row["statusCode"], 503, "{row:#}");
    assert_eq!(row["outcome"], "interrupted", "{row:#}");
    assert_eq!(reasons(row), ["cut_by_stop"], "{row:#}");
    let error = row["errorMessage"].as_str().unwrap_or_default();
    assert!(error.contains("switchyard was stopped"), "{row:#}");
}

#[tokio::test]
async fn a_stream_that_the_stop_cuts_ends_with_its_dialects_error() {
    let mut stand = Stand::with(&[("SHUTDOWN_GRACE_SECONDS", "1")]).await;
    let mut running = Vec::new();
    for dialect in DIALECTS {
        stand.upstream.once(truncated(dialect, MODEL, 3).stall());
        let mut live = stand.open(dialect).await;
        let begun = live.frame_with("piece 2").await;
        running.push((dialect, live, begun));
    }
    stand.switchyard.sigterm();
    for (dialect, live, begun) in running {
        let mut answer = live.finish().await.unwrap();
        answer.body = [begun.as_bytes(), &answer.body].concat().into();
        assert_error_end(dialect, "cut by the stop", &answer);
        let text = answer.text();
        assert!(text.contains("switchyard is stopping"), "{dialect}: {text}");
        assert!(!text.contains("upstream"), "{dialect}: {text}");
    }
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    let logs = stand.switchyard.logs();
    assert_eq!(logs.matches(":cut_short").count(), DIALECTS.len(), "nobody is charged:\n{logs}");
    stand.switchyard.restart().await;
    let rows = stand.switchyard.rows_when(DIALECTS.len()).await;
    rows.iter().for_each(assert_cut_by_us);
}

#[tokio::test]
async fn what_nothing_was_answered_to_yet_is_told_so_in_its_dialect_when_the_grace_is_over() {
    let mut stand = Stand::with(&[("SHUTDOWN_GRACE_SECONDS", "1")]).await;
    stand.upstream.always(Script::default().stall());
    let client = stand.switchyard.client();
    let mut running = Vec::new();
    for (number, dialect) in DIALECTS.into_iter().enumerate() {
        let (client, request) = (client, stand.request(dialect, number % 2 == 0));
        let asked = tokio::spawn(async move { client.send(&request).await });
        running.push((dialect, asked));
    }
    waiting::until("all are asked", SOON, async || {
        (stand.upstream.count() == DIALECTS.len()).then_some(())
    })
    .await;
    // Of a body that is still on its way nothing is known to bill or record.
    let upload = stand.request(Dialect::Anthropic, false).body(vec![b' '; 40_000]);
    let late = tokio::spawn(async move {
        client.upload_slowly(&upload, 2_000, Duration::from_millis(200)).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    stand.switchyard.sigterm();
    running.push((Dialect::Anthropic, late));
    for (dialect, asked) in running {
        let answer = asked.await.unwrap();
        assert_eq!((answer.status, answer.end), (503, End::Clean), "{dialect}");
        assert!(answer.header("retry-after").is_some(), "{dialect}");
        let body = answer.json();
        let (word, wanted) = match dialect {
            Dialect::Anthropic => (&body["error"]["type"], "overloaded_error"),
            Dialect::OpenaiChat | Dialect::Responses => (&body["error"]["code"], "server_stopping"),
            _ => (&body["error"]["status"], "UNAVAILABLE"),
        };
        assert_eq!(word, wanted, "{dialect}: {body:#}");
    }
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    stand.switchyard.restart().await;
    let rows = stand.switchyard.rows_when(DIALECTS.len()).await;
    rows.iter().for_each(assert_cut_by_us);
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
