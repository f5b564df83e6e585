//! The Redis that several nodes share.

use std::time::Duration;

use switchyard_actors::domain::secret::Secret;

use super::error::SettingsError;
use super::reader::Reader;

/// The Redis that several nodes share.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// Its address; `None` runs without Redis.
    pub url: Option<Secret>,
    /// Refuse a certificate that cannot be verified.
    pub tls_reject_unauthorized: bool,
    /// How long a request waits for it.
    pub timeout: Duration,
}

impl RedisSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            url: from.secret("redis.url")?,
            tls_reject_unauthorized: from.flag("redis.tls_reject_unauthorized")?,
            timeout: from.span("redis.timeout_ms")?,
        })
    }
}
