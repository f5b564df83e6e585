//! How limits are enforced.

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
    /// Enforce the limits of users and keys.
    pub enabled: bool,
    /// Count the most a request could cost before it runs.
    pub strict: bool,
    /// What happens to a request for a model without a price.
    pub unpriced: Unpriced,
}

impl LimitSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            enabled: from.flag("limits.enabled")?,
            strict: from.flag("limits.strict")?,
            unpriced: Unpriced::read(from, "limits.unpriced")?,
        })
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
