//! What circuit breakers count.

use super::error::SettingsError;
use super::reader::Reader;

/// What circuit breakers count.
#[derive(Clone, Debug)]
pub struct BreakerSettings {
    /// Count connection failures.
    pub network_errors: bool,
}

impl BreakerSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self { network_errors: from.flag("breaker.network_errors")? })
    }
}
