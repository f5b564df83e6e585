//! Uploads that are too long, that grow when unpacked, or that never end.

use std::io::Write as _;
use std::time::{Duration, Instant};

use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::MODEL;

pub const MIB: usize = 1 << 20;

/// Sixty-four zstd frames of 16 MiB each: a gibibyte out of some kilobytes.
pub fn zstd_bomb() -> Vec<u8> {
    let frame = zstd::stream::encode_all(vec![b' '; 16 * MIB].as_slice(), 1).unwrap();
    frame.repeat(64)
}

/// A hundred and forty MiB out of some kilobytes.
pub fn gzip_bomb() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let piece = vec![b' '; MIB];
    for _ in 0..140 {
        gzip.write_all(&piece).unwrap();
    }
    gzip.finish().unwrap()
}

/// The beginning of a request, as long as wanted.
pub fn body_of(bytes: usize) -> Vec<u8> {
    let mut body = format!(r#"{{"model":"{MODEL}","max_tokens":9,"messages":[""#).into_bytes();
    body.resize(bytes, b'a');
    body
}

/// So many MiB of blanks in chunks of one.
pub fn chunked(mebibytes: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for _ in 0..mebibytes {
        body.extend_from_slice(format!("{MIB:x}\r\n").as_bytes());
        body.resize(body.len() + MIB, b' ');
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    body
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
