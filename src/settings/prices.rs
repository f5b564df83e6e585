//! Where model prices come from.

use std::time::Duration;

use super::error::SettingsError;
use super::reader::Reader;

/// Where model prices come from.
#[derive(Clone, Debug)]
pub struct PriceSettings {
    /// The feed; `None` switches the synchronisation off.
    pub feed_url: Option<String>,
    /// How often it is looked at.
    pub interval: Duration,
}

impl PriceSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            feed_url: from.optional("prices.feed_url")?,
            interval: from.span("prices.interval_minutes")?,
        })
    }
}
