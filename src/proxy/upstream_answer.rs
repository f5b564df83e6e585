//! What an upstream said with a status that is not good.

use awc::http::header::HeaderMap;
use bytes::Bytes;

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
