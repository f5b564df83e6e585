//! Who may read the figures.

use super::error::SettingsError;
use super::reader::Reader;

/// Who may read the figures.
#[derive(Clone, Debug)]
pub struct MetricsSettings {
    /// Anyone may read `/metrics`.
    pub public: bool,
}

impl MetricsSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self { public: from.flag("metrics.public")? })
    }
}
