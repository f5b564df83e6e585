//! How a request is tried, held back and read on.

use std::time::Duration;

use super::error::SettingsError;
use super::reader::Reader;

/// How a request is tried, held back and read on.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// Tries at one provider that sets no number of its own.
    pub max_attempts: u32,
    /// Other providers that may be asked.
    pub max_provider_switches: u32,
    /// Bytes a stream may hold back before its first content.
    pub gate_bytes: usize,
    /// Events a stream may hold back.
    pub gate_frames: usize,
    /// How long a stream is held back.
    pub gate_hold: Duration,
    /// The same for Gemini clients.
    pub gate_hold_gemini: Duration,
    /// Requests may be converted for providers of other formats.
    pub convert: bool,
    /// Converted answers say in a header what was lost.
    pub show_losses: bool,
    /// Ask chat providers for usage in streams.
    pub chat_include_usage: bool,
    /// Read a stream on when its client has left.
    pub drain: bool,
    /// How long such a stream is read on.
    pub drain_for: Duration,
    /// How many bytes of it are read on.
    pub drain_bytes: u64,
    /// How many such streams one worker reads on at once.
    pub drain_places: usize,
    /// Serve Responses over WebSocket.
    pub responses_websocket: bool,
    /// Ask Codex providers over WebSocket for clients that ask so.
    pub responses_websocket_upstream: bool,
    /// A socket on which nothing is asked for so long is closed.
    pub responses_websocket_idle: Duration,
    /// Sockets that a key may have open at once.
    pub responses_websocket_per_key: usize,
}

impl RelaySettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            max_attempts: from.number("relay.max_attempts")?,
            max_provider_switches: from.number("relay.max_provider_switches")?,
            gate_bytes: from.number("relay.gate_bytes")?,
            gate_frames: from.number("relay.gate_frames")?,
            gate_hold: from.span("relay.gate_hold_seconds")?,
            gate_hold_gemini: from.span("relay.gate_hold_gemini_seconds")?,
            convert: from.flag("relay.convert")?,
            show_losses: from.flag("relay.show_losses")?,
            chat_include_usage: from.flag("relay.chat_include_usage")?,
            drain: from.flag("relay.drain")?,
            drain_for: from.span("relay.drain_seconds")?,
            drain_bytes: from.number("relay.drain_bytes")?,
            drain_places: from.number("relay.drain_places")?,
            responses_websocket: from.flag("relay.responses_websocket")?,
            responses_websocket_upstream: from.flag("relay.responses_websocket_upstream")?,
            responses_websocket_idle: from.span("relay.responses_websocket_idle_seconds")?,
            responses_websocket_per_key: from.number("relay.responses_websocket_per_key")?,
        })
    }
}
