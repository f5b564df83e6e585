//! Who may manage the relay.

use switchyard_actors::domain::secret::Secret;

use super::error::SettingsError;
use super::reader::Reader;

/// Who may manage the relay.
#[derive(Clone, Debug)]
pub struct AccessSettings {
    /// The administrator's credential; `None` generates one.
    pub admin_token: Option<Secret>,
    /// Mark console cookies Secure.
    pub secure_cookies: bool,
    /// Let administrators see a user key again.
    pub key_reveal: bool,
}

impl AccessSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            admin_token: from.secret("access.admin_token")?,
            secure_cookies: from.flag("access.secure_cookies")?,
            key_reveal: from.flag("access.key_reveal")?,
        })
    }
}
