//! How providers are reached.

use std::path::PathBuf;
use std::time::Duration;

use super::error::SettingsError;
use super::reader::Reader;

/// How providers are reached.
#[derive(Clone, Debug)]
pub struct UpstreamSettings {
    /// Allow private addresses for every provider.
    pub allow_private_urls: bool,
    /// Certificate authorities trusted besides the public ones.
    pub extra_ca_file: Option<PathBuf>,
    /// Where tokens may be got besides Google's own addresses.
    pub google_token_url: Option<String>,
    /// How long the test of a provider may take.
    pub test_timeout: Duration,
}

impl UpstreamSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            allow_private_urls: from.flag("upstream.allow_private_urls")?,
            extra_ca_file: from.path("upstream.extra_ca_file")?,
            google_token_url: from.optional("upstream.google_token_url")?,
            test_timeout: from.span("upstream.test_timeout_ms")?,
        })
    }
}
