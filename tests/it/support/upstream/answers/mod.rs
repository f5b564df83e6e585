//! What a healthy vendor would say, in each dialect, with exact usage; and its ways of saying no.

mod anthropic;
mod chat;
mod errors;
mod gemini;
mod responses;

use bytes::Bytes;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::record::Seen;
use super::script::Script;

pub use errors::{error_body, error_event, truncated};

/// Tokens as our rows count them: nothing twice, but `reasoning` is a part of `output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub input: u64,
    pub output: u64,
    pub reasoning: u64,
    pub cache_read: u64,
    pub write_5m: u64,
    pub write_1h: u64,
}

/// What the upstream reports unless told otherwise.
pub const PLAIN: Tokens =
    Tokens { input: 1_200, output: 340, reasoning: 0, cache_read: 0, write_5m: 0, write_1h: 0 };

impl Tokens {
    /// A usage that uses everything the dialect can report.
    pub fn rich(dialect: Dialect) -> Self {
        let plain = Self { input: 1_000, output: 200, cache_read: 4_000, ..PLAIN };
        match dialect {
            Dialect::Anthropic => Self { write_5m: 700, write_1h: 300, ..plain },
            _ => Self { reasoning: 150, ..plain },
        }
    }

    /// A usage whose output tells requests apart.
    pub fn tagged(tag: u64) -> Self {
        Self { output: 10_000 + tag, ..PLAIN }
    }

    /// Returns all tokens of the input side.
    pub fn context(self) -> u64 {
        self.input + self.cache_read + self.write_5m + self.write_1h
    }

    /// Returns all tokens.
    pub fn total(self) -> u64 {
        self.context() + self.output
    }
}

/// The management API's name of the provider kind that speaks the dialect natively.
pub fn kind(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => "claude",
        Dialect::OpenaiChat => "openai-compatible",
        Dialect::Responses => "codex",
        Dialect::Gemini => "gemini",
        Dialect::GeminiCli => "gemini-cli",
    }
}

/// The path and query a client asks for.
pub fn target(dialect: Dialect, model: &str, stream: bool) -> String {
    match (dialect, stream) {
        (Dialect::Anthropic, _) => "/v1/messages?beta=true".to_owned(),
        (Dialect::OpenaiChat, _) => "/v1/chat/completions".to_owned(),
        (Dialect::Responses, _) => "/v1/responses".to_owned(),
        (Dialect::Gemini, true) => format!("/v1beta/models/{model}:streamGenerateContent?alt=sse"),
        (Dialect::Gemini, false) => format!("/v1beta/models/{model}:generateContent"),
        (Dialect::GeminiCli, true) => "/v1internal:streamGenerateContent?alt=sse".to_owned(),
        (Dialect::GeminiCli, false) => "/v1internal:generateContent".to_owned(),
    }
}

/// A request body that needs no edit: key order and spacing are odd on purpose.
pub fn request(dialect: Dialect, model: &str, stream: bool, text: &str) -> String {
    let text = json!(text).to_string();
    match dialect {
        Dialect::Anthropic => format!(
            r#"{{ "max_tokens":64,"stream":{stream}, "model":"{model}","messages":[{{"role":"user","content":{text}}}],"temperature":1.0 }}"#
        ),
        Dialect::OpenaiChat => {
            let usage = if stream { r#","stream_options":{"include_usage":true}"# } else { "" };
            format!(
                r#"{{"stream":{stream},"model" : "{model}","messages":[{{"role":"user","content":{text}}}]{usage}}}"#
            )
        }
        Dialect::Responses => format!(
            r#"{{"input":[{{"role":"user","content":{text}}}],"store":false,"stream":{stream},"model":"{model}"}}"#
        ),
        Dialect::Gemini => {
            format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":{text}}}]}}]}}"#)
        }
        Dialect::GeminiCli => format!(
            r#"{{"project":"p","model":"{model}","request":{{"contents":[{{"role":"user","parts":[{{"text":{text}}}]}}]}}}}"#
        ),
    }
}

/// A whole answer.
pub fn answer(dialect: Dialect, model: &str, text: &str, tokens: &Tokens) -> String {
    match dialect {
        Dialect::Anthropic => anthropic::answer(model, text, tokens),
        Dialect::OpenaiChat => chat::answer(model, text, tokens),
        Dialect::Responses => responses::answer(model, text, tokens),
        Dialect::Gemini => gemini::answer(model, text, tokens),
        Dialect::GeminiCli => gemini::wrapped(&gemini::answer(model, text, tokens)),
    }
}

/// The frames of a stream with so many pieces of text; the last frames carry usage and the end.
pub fn frames(dialect: Dialect, model: &str, pieces: usize, tokens: &Tokens) -> Vec<String> {
    match dialect {
        Dialect::Anthropic => anthropic::text_frames(model, pieces, tokens),
        Dialect::OpenaiChat => chat::text_frames(model, pieces, tokens),
        Dialect::Responses => responses::text_frames(model, pieces, tokens),
        Dialect::Gemini => gemini::text_frames(model, pieces, tokens, false),
        Dialect::GeminiCli => gemini::text_frames(model, pieces, tokens, true),
    }
}

/// The frames of a stream that only calls a tool.
pub fn tool_frames(dialect: Dialect, model: &str, tokens: &Tokens) -> Vec<String> {
    match dialect {
        Dialect::Anthropic => anthropic::tool_frames(model, tokens),
        Dialect::OpenaiChat => chat::tool_frames(model, tokens),
        Dialect::Responses => responses::tool_frames(model, tokens),
        Dialect::Gemini => gemini::tool_frames(model, tokens, false),
        Dialect::GeminiCli => gemini::tool_frames(model, tokens, true),
    }
}

/// One more piece of text, as it stands in the middle of a stream.
pub fn middle_frame(dialect: Dialect, model: &str) -> String {
    let frames = frames(dialect, model, 3, &PLAIN);
    let middle = frames.iter().position(|frame| frame.contains("piece 1"));
    frames[middle.expect("a stream of three pieces has a second one")].clone()
}

/// The dialect of an upstream path.
pub fn dialect_of(path: &str) -> Option<Dialect> {
    if path.ends_with(":countTokens") {
        None
    } else if path.contains("/v1internal") {
        Some(Dialect::GeminiCli)
    } else if path.contains("enerateContent") {
        Some(Dialect::Gemini)
    } else if path.ends_with("/messages") {
        Some(Dialect::Anthropic)
    } else if path.ends_with("/chat/completions") {
        Some(Dialect::OpenaiChat)
    } else if path.ends_with("/responses") || path.ends_with("/responses/compact") {
        Some(Dialect::Responses)
    } else {
        None
    }
}

/// The default: a good answer to whatever was asked.
pub fn good(seen: &Seen) -> Script {
    good_with(seen, &PLAIN)
}

/// A good answer with the given usage.
pub fn good_with(seen: &Seen, tokens: &Tokens) -> Script {
    let model = seen.model().unwrap_or_else(|| "m".to_owned());
    match dialect_of(&seen.path) {
        Some(dialect) if seen.wants_stream() => {
            Script::frames(frames(dialect, &model, 3, tokens).into_iter().map(Bytes::from))
        }
        Some(dialect) => Script::json(200, answer(dialect, &model, "Hello.", tokens)),
        None => side_request(seen, tokens),
    }
}

fn side_request(seen: &Seen, tokens: &Tokens) -> Script {
    let path = seen.path.as_str();
    let vector = [0.25, -0.5];
    let body = if path.ends_with("/count_tokens") {
        json!({ "input_tokens": tokens.input })
    } else if path.ends_with("/input_tokens") {
        json!({ "object": "response.input_tokens", "input_tokens": tokens.input })
    } else if path.ends_with(":countTokens") {
        json!({ "totalTokens": tokens.input })
    } else if path.ends_with("/embeddings") {
        let data: Vec<_> = (0..asked_for(seen, "input"))
            .map(|index| json!({ "object": "embedding", "index": index, "embedding": vector }))
            .collect();
        json!({ "object": "list", "data": data,
            "usage": { "prompt_tokens": tokens.input, "total_tokens": tokens.input } })
    } else if path.ends_with(":embedContent") {
        json!({ "embedding": { "values": vector } })
    } else if path.ends_with(":batchEmbedContents") {
        let all: Vec<_> =
            (0..asked_for(seen, "requests")).map(|_| json!({ "values": vector })).collect();
        json!({ "embeddings": all })
    } else {
        json!({ "object": "thing" })
    };
    Script::json(200, body.to_string())
}

/// How many things a list of the body asks for; 1 where there is no list.
fn asked_for(seen: &Seen, list: &str) -> usize {
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap_or_default();
    body[list].as_array().map_or(1, Vec::len)
}
