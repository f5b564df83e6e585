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
    /// What the console's forms and cookies are marked with; `None` derives it from the data key.
    pub csrf_secret: Option<Secret>,
    /// Let administrators see a user key again.
    pub key_reveal: bool,
}

impl AccessSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            admin_token: from.secret("access.admin_token")?,
            secure_cookies: from.flag("access.secure_cookies")?,
            csrf_secret: from.secret("access.csrf_secret")?,
            key_reveal: from.flag("access.key_reveal")?,
        })
    }
}
