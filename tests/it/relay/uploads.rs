//! Uploads that are too long, that grow when unpacked, or that never end.

use std::io::Write as _;
use std::time::{Duration, Instant};

use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::MODEL;

const MIB: usize = 1 << 20;
/// What a refused upload may leave behind.
const SLACK_KIB: u64 = 48 * 1_024;

/// Sixty-four zstd frames of 16 MiB each: a gibibyte out of some kilobytes.
fn zstd_bomb() -> Vec<u8> {
    let frame = zstd::stream::encode_all(vec![b' '; 16 * MIB].as_slice(), 1).unwrap();
    frame.repeat(64)
}

fn gzip_bomb() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let piece = vec![b' '; MIB];
    for _ in 0..140 {
        gzip.write_all(&piece).unwrap();
    }
    gzip.finish().unwrap()
}

fn body_of(bytes: usize) -> Vec<u8> {
    let mut body = format!(r#"{{"model":"{MODEL}","max_tokens":9,"messages":[""#).into_bytes();
    body.resize(bytes, b'a');
    body
}

#[tokio::test]
async fn two_hundred_megabytes_are_refused_and_not_kept() {
    let mut stand = Stand::new().await;
    let before = stand.switchyard.rss_kib();
    let request = stand.request(Dialect::Anthropic, false).body(body_of(200 * MIB));
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(answer.json()["type"], "error");
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < SLACK_KIB, "{grown} KiB more");
    assert_eq!(stand.upstream.count(), 0);
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200);
    assert!(stand.switchyard.is_running());
}

#[tokio::test]
async fn two_hundred_megabytes_without_a_length_are_refused_too() {
    let stand = Stand::new().await;
    let mut body = Vec::new();
    for _ in 0..200 {
        body.extend_from_slice(format!("{MIB:x}\r\n").as_bytes());
        body.resize(body.len() + MIB, b' ');
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    let request = stand
        .request(Dialect::Anthropic, false)
        .body(body)
        .header("transfer-encoding", "chunked")
        .unframed();
    let answer = stand.switchyard.send(&request).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(stand.upstream.count(), 0);
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_has_grown() {
    let mut stand = Stand::new().await;
    for (coding, body) in [("zstd", zstd_bomb()), ("gzip", gzip_bomb())] {
        let before = stand.switchyard.rss_kib();
        let request = stand.request(Dialect::Anthropic, false).body(body);
        let answer = stand.switchyard.send(&request.header("content-encoding", coding)).await;
        assert_eq!(answer.status, 413, "{coding}: {}", answer.text());
        // The allocator may keep what the decoder used up to the limit of a body.
        let grown = stand.switchyard.rss_kib().saturating_sub(before);
        assert!(grown < 3 * SLACK_KIB, "{coding}: {grown} KiB more");
    }
    assert_eq!(stand.upstream.count(), 0);
    assert!(stand.switchyard.is_running());
}

#[tokio::test]
async fn a_broken_coding_is_the_clients_mistake() {
    let stand = Stand::new().await;
    for (coding, body) in
        [("gzip", b"not gzip".to_vec()), ("zstd", b"not zstd".to_vec()), ("br", vec![0xff; 64])]
    {
        let request = stand.request(Dialect::Anthropic, false).body(body);
        let answer = stand.switchyard.send(&request.header("content-encoding", coding)).await;
        assert_eq!(answer.status, 400, "{coding}: {}", answer.text());
    }
    assert_eq!(stand.upstream.count(), 0);
}

#[tokio::test]
async fn a_slow_upload_that_goes_on_is_served() {
    let stand = Stand::new().await;
    let request = stand.request(Dialect::Anthropic, false);
    let gap = Duration::from_millis(20);
    let answer = stand.switchyard.client().upload_slowly(&request, 8, gap).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stand.upstream.only_request().body, *request.body_bytes());
}

#[tokio::test]
async fn an_upload_that_stops_is_ended_at_the_limit() {
    let stand = Stand::with(&[("SWITCHYARD_UPLOAD_IDLE_SECONDS", "2")]).await;
    let promised = Request::post("/v1/messages", "{\"model\":")
        .header("x-api-key", &stand.user.key)
        .header("content-length", "5000")
        .unframed();
    let start = Instant::now();
    let ended = stand.switchyard.client().try_send(&promised).await;
    let took = start.elapsed();
    assert!((2..8).contains(&took.as_secs()), "ended after {took:?}");
    if let Ok(answer) = ended {
        assert_eq!(answer.status, 408, "{}", answer.text());
    }
    assert_eq!(stand.upstream.count(), 0);
}
