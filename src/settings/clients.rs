//! Which client programs may ask, and which of their side requests are answered here.

use switchyard_actors::domain::routing::version::LeastVersions;

use super::error::SettingsError;
use super::reader::Reader;

/// Which client programs may ask, and which of their side requests are answered here.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The least versions that may ask.
    pub least_versions: LeastVersions,
    /// The newest version in common use is the least one.
    pub version_check: bool,
    /// Users that make a version common.
    pub version_users: usize,
    /// Warm-ups are answered here.
    pub intercept_warmups: bool,
    /// Probes are answered here.
    pub intercept_probes: bool,
}

impl ClientSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        let least = from.text("clients.minimum_versions")?;
        let least_versions =
            LeastVersions::parse(&least).map_err(|part| SettingsError::BadPart {
                key: "clients.minimum_versions",
                part,
                allowed: "a list of names and versions such as claude-code=2.1.0, codex=0.160.0",
            })?;
        Ok(Self {
            least_versions,
            version_check: from.flag("clients.version_check")?,
            version_users: from.number("clients.version_users")?,
            intercept_warmups: from.flag("clients.intercept_warmups")?,
            intercept_probes: from.flag("clients.intercept_probes")?,
        })
    }
}
