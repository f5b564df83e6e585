//! What an upstream said with a status that is not good.

use std::sync::Arc;

use awc::http::header::HeaderMap;
use bytes::Bytes;

use super::failure::AttemptFailure;

/// How vendors say that a conversation is too long.
const CONTEXT_LENGTH: [&str; 5] = [
    "context_length_exceeded",
    "prompt is too long",
    "exceed context limit",
    "maximum context length",
    "maximum number of tokens",
];

/// An upstream's answer with a status that is not good.
#[derive(Clone, Debug)]
pub struct UpstreamAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, cut at 64 KiB.
    pub body: Bytes,
}

impl UpstreamAnswer {
    /// Tells whether the body is a JSON object, as every dialect's errors are.
    #[must_use]
    pub fn is_json(&self) -> bool {
        serde_json::from_slice::<&serde_json::value::RawValue>(&self.body)
            .is_ok_and(|value| value.get().trim_start().starts_with('{'))
    }
}

impl AttemptFailure {
    /// Tells whether the conversation is longer than the model reads: clients shorten it then.
    pub(super) fn is_context_length(&self) -> bool {
        let says = |text: &Arc<str>| {
            let text = text.to_ascii_lowercase();
            CONTEXT_LENGTH.iter().any(|words| text.contains(words))
        };
        [&self.code, &self.message].into_iter().flatten().any(says)
    }
}
