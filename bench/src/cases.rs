//! What is asked and what the mock answers. The model's name tells the mock which answer is wanted.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::{Value, json};

/// One answer of about a kilobyte, whole.
pub const CALL: &str = "bench-call";
/// A stream of fifty frames, two milliseconds apart.
pub const STREAM: &str = "bench-stream";
/// A stream that stays open for long: a frame a second.
pub const OPEN: &str = "bench-open";
/// The same stream as chat completions, from a provider that speaks nothing else.
pub const CHAT_STREAM: &str = "bench-chat";
/// Every model of the bench, for prices.
pub const MODELS: [&str; 4] = [CALL, STREAM, OPEN, CHAT_STREAM];
/// Those of the provider that speaks Anthropic Messages.
pub const ANTHROPIC_MODELS: [&str; 3] = [CALL, STREAM, OPEN];

/// Frames of the `STREAM` answer.
pub const STREAM_FRAMES: u64 = 50;
/// The first frame with content, behind `message_start` and `content_block_start`: what a person waits
/// for. A relay that can fail over holds the two before it back, a bare one cannot.
pub const CONTENT_FRAME: u64 = 3;
/// Frames of the `OPEN` answer.
pub const OPEN_FRAMES: u64 = 30;
/// Frames of the `STREAM` answer for a client of Responses: four begin it and four end it.
pub const RESPONSES_FRAMES: u64 = TEXTS + 8;
/// Pieces of text in the `STREAM` and in the `CHAT_STREAM` answer.
const TEXTS: u64 = STREAM_FRAMES - 5;
/// The words of each.
const WORDS: &str = "some words of it ";

/// The bytes of a request for the model, kept alive; `key` is the caller's.
#[must_use]
pub fn request(model: &str, key: &str) -> Bytes {
    let body = json!({
        "model": model, "max_tokens": 256, "stream": model != CALL,
        "messages": [{ "role": "user", "content": "word ".repeat(170) }],
    })
    .to_string();
    post("/v1/messages", key, &body)
}

/// The same as a client of Responses asks.
#[must_use]
pub fn responses_request(model: &str, key: &str) -> Bytes {
    let body = json!({ "model": model, "max_output_tokens": 256, "stream": true,
        "input": "word ".repeat(170) });
    post("/v1/responses", key, &body.to_string())
}

fn post(path: &str, key: &str, body: &str) -> Bytes {
    let mut text = String::new();
    let _ = write!(
        text,
        "POST {path} HTTP/1.1\r\nHost: bench.test\r\nContent-Type: application/json\r\n\
         x-api-key: {key}\r\nanthropic-version: 2023-06-01\r\nUser-Agent: switchyard-bench\r\n\
         Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Bytes::from(text)
}

/// The whole answer of a call.
#[must_use]
pub fn call_answer() -> Bytes {
    let body = json!({
        "id": "msg_bench", "type": "message", "role": "assistant", "model": CALL,
        "content": [{ "type": "text", "text": "answer ".repeat(110) }],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": { "input_tokens": 210, "output_tokens": 120,
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0 },
    })
    .to_string();
    Bytes::from(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// The frames of a stream, each as a chunk; the first has the head before it, the last the end
/// after it.
#[must_use]
pub fn stream_chunks(model: &str, frames: u64) -> Vec<Bytes> {
    chunks(&events(model, frames))
}

/// The chunks of the `CHAT_STREAM` answer.
#[must_use]
pub fn chat_chunks() -> Vec<Bytes> {
    let delta = |delta: Value, finish: Value| {
        json!({ "id": "chatcmpl-bench", "object": "chat.completion.chunk",
            "created": 1_700_000_000, "model": CHAT_STREAM,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
    };
    let mut all = vec![delta(json!({ "role": "assistant", "content": "" }), Value::Null)];
    all.extend((0..TEXTS).map(|_| delta(json!({ "content": WORDS }), Value::Null)));
    all.push(delta(json!({}), json!("stop")));
    all.push(json!({ "id": "chatcmpl-bench", "object": "chat.completion.chunk",
        "created": 1_700_000_000, "model": CHAT_STREAM, "choices": [],
        "usage": { "prompt_tokens": 210, "completion_tokens": 120, "total_tokens": 330 } }));
    let data = all.iter().map(ToString::to_string).chain(["[DONE]".to_owned()]);
    chunks(&data.map(|data| format!("data: {data}\n\n")).collect::<Vec<_>>())
}

fn chunks(events: &[String]) -> Vec<Bytes> {
    let last = events.len().saturating_sub(1);
    let chunks = events.iter().enumerate().map(|(number, event)| {
        let head = if number == 0 { STREAM_HEAD } else { "" };
        let end = if number == last { "0\r\n\r\n" } else { "" };
        Bytes::from(format!("{head}{:x}\r\n{event}\r\n{end}", event.len()))
    });
    chunks.collect()
}

const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                           request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n";

fn events(model: &str, frames: u64) -> Vec<String> {
    let start = json!({ "type": "message_start", "message": { "id": "msg_bench",
        "type": "message", "role": "assistant", "model": model, "content": [],
        "usage": { "input_tokens": 210, "output_tokens": 1 } } });
    let block = json!({ "type": "content_block_start", "index": 0,
        "content_block": { "type": "text", "text": "" } });
    let delta = json!({ "type": "content_block_delta", "index": 0,
        "delta": { "type": "text_delta", "text": WORDS } });
    let stop = json!({ "type": "content_block_stop", "index": 0 });
    let usage = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" },
        "usage": { "output_tokens": 120 } });
    let end = json!({ "type": "message_stop" });
    let mut all = vec![start, block];
    all.extend((5..frames).map(|_| delta.clone()));
    all.extend([stop, usage, end]);
    all.iter()
        .map(|data| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or("")))
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::wire::Reader;

    #[test]
    fn a_stream_has_as_many_frames_as_it_says() {
        let frames = |chunks: Vec<Bytes>| {
            let mut all = BytesMut::new();
            for chunk in &chunks {
                all.extend_from_slice(chunk);
            }
            let mut reader = Reader::default();
            assert_eq!(reader.feed(&mut all), Ok(true));
            reader.frames
        };
        assert_eq!(frames(stream_chunks(STREAM, STREAM_FRAMES)), STREAM_FRAMES);
        // The role, the texts, the reason, the tokens and the end.
        assert_eq!(frames(chat_chunks()), TEXTS + 4);
    }

    #[test]
    fn call_and_answer_are_about_a_kilobyte() {
        assert!((900..1_400).contains(&request(CALL, "k").len()));
        assert!((900..1_400).contains(&call_answer().len()));
    }
}
