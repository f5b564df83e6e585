//! When days begin.

use super::error::SettingsError;
use super::reader::Reader;

/// When days begin.
#[derive(Clone, Debug)]
pub struct TimeSettings {
    /// The IANA time zone of days, weeks and months.
    pub zone: String,
}

impl TimeSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self { zone: from.text("time.zone")? })
    }
}
