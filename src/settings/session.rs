//! How long sessions live.

use std::time::Duration;

use super::error::SettingsError;
use super::reader::Reader;

/// How long sessions live.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// How long a session stays with its provider after its last request.
    pub ttl: Duration,
}

impl SessionSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self { ttl: from.span("session.ttl_seconds")? })
    }
}
