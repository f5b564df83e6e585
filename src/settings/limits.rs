//! How limits are enforced.

use std::time::Duration;

use switchyard_actors::domain::limits::CountedPrice;

use super::error::SettingsError;
use super::reader::Reader;

/// What happens to a request for a model without a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpriced {
    /// It is served and its cost is unknown.
    Serve,
    /// It is refused.
    Refuse,
}

/// How limits are enforced.
#[derive(Clone, Debug)]
pub struct LimitSettings {
    /// Enforce the limits of keys, users, groups, tags and providers.
    pub enabled: bool,
    /// Count the most a request could cost before it runs.
    pub strict: bool,
    /// What happens to a request for a model without a price.
    pub unpriced: Unpriced,
    /// Which price limits count.
    pub price: CountedPrice,
    /// How long a request waits where a concurrency limit is reached.
    pub queue: Duration,
    /// How many requests may wait at once.
    pub queue_places: usize,
    /// How often a minute a key may have tokens counted; 0 is as often as it likes.
    pub counts_a_minute: u32,
}

impl LimitSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            enabled: from.flag("limits.enabled")?,
            strict: from.flag("limits.strict")?,
            unpriced: Unpriced::read(from, "limits.unpriced")?,
            price: price(from, "limits.price")?,
            queue: from.span("limits.queue_seconds")?,
            queue_places: from.number("limits.queue_places")?,
            counts_a_minute: from.number("limits.counts_a_minute")?,
        })
    }
}

fn price(from: &Reader, key: &str) -> Result<CountedPrice, SettingsError> {
    match from.text(key)?.as_str() {
        "charged" => Ok(CountedPrice::Charged),
        "list" => Ok(CountedPrice::List),
        _ => Err(SettingsError::Undocumented(key.to_owned())),
    }
}

impl Unpriced {
    fn read(from: &Reader, key: &str) -> Result<Self, SettingsError> {
        match from.text(key)?.as_str() {
            "serve" => Ok(Self::Serve),
            "refuse" => Ok(Self::Refuse),
            _ => Err(SettingsError::Undocumented(key.to_owned())),
        }
    }
}
