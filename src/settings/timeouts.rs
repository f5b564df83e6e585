//! How long providers and clients may take.

use std::time::Duration;

use super::error::SettingsError;
use super::reader::Reader;

/// How long providers and clients may take.
#[derive(Clone, Debug)]
pub struct TimeoutSettings {
    /// Connecting, with name lookup and TLS.
    pub connect: Duration,
    /// From the request's last byte to a stream's first content.
    pub first_content: Duration,
    /// Silence in the middle of a stream.
    pub stream_idle: Duration,
    /// The whole of an answer that is not a stream.
    pub total: Duration,
    /// A client that takes no byte.
    pub client_stall: Duration,
    /// From arrival to the last moment a new try may start.
    pub commit_deadline: Duration,
    /// The same for Gemini clients.
    pub commit_deadline_gemini: Duration,
    /// When a count of tokens is given up and estimated.
    pub count_deadline: Duration,
}

impl TimeoutSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            connect: from.span("timeouts.connect_ms")?,
            first_content: from.span("timeouts.first_content_seconds")?,
            stream_idle: from.span("timeouts.stream_idle_seconds")?,
            total: from.span("timeouts.total_seconds")?,
            client_stall: from.span("timeouts.client_stall_seconds")?,
            commit_deadline: from.span("timeouts.commit_deadline_seconds")?,
            commit_deadline_gemini: from.span("timeouts.commit_deadline_gemini_seconds")?,
            count_deadline: from.span("timeouts.count_deadline_seconds")?,
        })
    }
}
