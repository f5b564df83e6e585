//! What is fuzzed: functions that take any bytes and panic when a law is broken. libFuzzer feeds them what
//! it finds, and a test feeds them all that it has found.

mod answers;
mod frames;
mod requests;
mod streams;

use switchyard_actors::domain::dialect::Dialect;

use crate::wire::convert::reply::Reply;

/// Finds a target by its name: `frames`, or one of `request`, `stream`, `answer` with a format behind it.
#[must_use]
pub fn find(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "frames" => frames::any,
        "request_anthropic" => |data| requests::any(Dialect::Anthropic, data),
        "request_openai_chat" => |data| requests::any(Dialect::OpenaiChat, data),
        "request_responses" => |data| requests::any(Dialect::Responses, data),
        "request_gemini" => |data| requests::any(Dialect::Gemini, data),
        "request_gemini_cli" => |data| requests::any(Dialect::GeminiCli, data),
        "stream_anthropic" => |data| streams::any(Dialect::Anthropic, data),
        "stream_openai_chat" => |data| streams::any(Dialect::OpenaiChat, data),
        "stream_responses" => |data| streams::any(Dialect::Responses, data),
        "stream_gemini" => |data| streams::any(Dialect::Gemini, data),
        "stream_gemini_cli" => |data| streams::any(Dialect::GeminiCli, data),
        "answer_anthropic" => |data| answers::any(Dialect::Anthropic, data),
        "answer_openai_chat" => |data| answers::any(Dialect::OpenaiChat, data),
        "answer_responses" => |data| answers::any(Dialect::Responses, data),
        "answer_gemini" => |data| answers::any(Dialect::Gemini, data),
        "answer_gemini_cli" => |data| answers::any(Dialect::GeminiCli, data),
        _ => return None,
    })
}

/// What is written may be so many times as long as what was read, and so many bytes more.
const MOST_GROWTH: (usize, usize) = (64, 64 << 10);

fn is_bounded(read: &[u8], written: &[u8], what: &str) {
    let most = read.len() * MOST_GROWTH.0 + MOST_GROWTH.1;
    assert!(written.len() <= most, "{what}: {} bytes became {}", read.len(), written.len());
}

fn is_json(bytes: &[u8], what: &str) {
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
    assert!(read.is_ok(), "{what}: no JSON: {}", String::from_utf8_lossy(bytes));
}

fn reply() -> Reply {
    Reply {
        id: "abc".to_owned(),
        model: "asked".to_owned(),
        created: 1_700_000_000,
        want_usage: true,
        show_thinking: true,
        ..Reply::default()
    }
}
