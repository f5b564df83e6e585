//! Vendors that compress what they were asked not to: the client gets plain bytes, and headers that
//! speak of those.

use std::io::Write as _;

use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row};
use crate::support::client::{Answer, End};
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, error_body, frames};

const DIALECT: Dialect = Dialect::Anthropic;
const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

fn packed(coding: &str, text: &str) -> Vec<u8> {
    match coding {
        "gzip" => {
            let level = flate2::Compression::fast();
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
            gzip.write_all(text.as_bytes()).unwrap();
            gzip.finish().unwrap()
        }
        "br" => {
            let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4_096, 4, 20);
            brotli.write_all(text.as_bytes()).unwrap();
            brotli.into_inner()
        }
        _ => zstd::stream::encode_all(text.as_bytes(), 1).unwrap(),
    }
}

fn answering(status: u16, kind: &str, coding: &str, text: &str) -> Script {
    Script::status(status)
        .header("content-type", kind)
        .header("content-encoding", coding)
        .body(packed(coding, text))
}

fn assert_plain(answer: &Answer, status: u16, text: &str, what: &str) {
    assert_eq!((answer.status, answer.end), (status, End::Clean), "{what}");
    assert_eq!(answer.text(), text, "{what}");
    assert_eq!(answer.header("content-encoding"), None, "{what}");
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    assert!(length.is_none_or(|length: usize| length == text.len()), "{what}: {length:?}");
}

#[tokio::test]
async fn compressed_answers_arrive_plain_and_say_so() {
    let stand = Stand::new().await;
    let long = answers::answer(DIALECT, MODEL, &"long ".repeat(100_000), &PLAIN);
    let whole = answers::answer(DIALECT, MODEL, "Hello.", &PLAIN);
    let refusal = error_body(DIALECT, 400, "max_tokens is required");
    let stream = frames(DIALECT, MODEL, 3, &PLAIN).concat();
    let json = "application/json";
    let cases = [
        ("whole", json, 200, whole),
        ("long", json, 200, long),
        ("refused", json, 400, refusal),
        ("stream", "text/event-stream", 200, stream),
    ];
    let mut done = 0;
    for coding in CODINGS {
        for (what, kind, status, text) in &cases {
            stand.upstream.reset();
            stand.upstream.always(answering(*status, kind, coding, text));
            let answer = stand.ask(DIALECT, *what == "stream").await;
            assert_plain(&answer, *status, text, &format!("{coding}, {what}"));
            done += 1;
            let rows = stand.switchyard.rows_when(done).await;
            if *status == 200 {
                assert_row(&rows[0], 200, &PLAIN);
            }
        }
    }
}

#[tokio::test]
async fn an_unasked_coding_that_nobody_here_knows_passes_with_its_name() {
    let stand = Stand::new().await;
    let script = Script::status(400)
        .header("content-type", "application/json")
        .header("content-encoding", "x-own")
        .body(error_body(DIALECT, 400, "no"));
    stand.upstream.always(script);
    let answer = stand.ask(DIALECT, false).await;
    assert_eq!(answer.header("content-encoding"), Some("x-own"));
}
