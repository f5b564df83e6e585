//! What circuit breakers count, and what is checked beside the requests.

use std::time::Duration;

use super::error::SettingsError;
use super::reader::Reader;

/// What circuit breakers count.
#[derive(Clone, Debug)]
pub struct BreakerSettings {
    /// Count connection failures.
    pub network_errors: bool,
    /// Guard the addresses of providers that have several.
    pub endpoints: bool,
    /// Who tells whether our own network is down when one host fails alone.
    pub canary: Option<String>,
    /// How addresses are checked; `None` is not at all.
    pub probe: Option<ProbeSettings>,
}

/// How addresses are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeSettings {
    /// What a check does.
    pub method: ProbeMethod,
    /// Between two checks of one address.
    pub every: Duration,
    /// How long one may take.
    pub timeout: Duration,
    /// How much later than planned one may begin.
    pub jitter: Duration,
    /// How many run at once.
    pub at_once: usize,
}

/// What a check does; neither costs tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeMethod {
    /// Opens a connection.
    Tcp,
    /// Sends a HEAD request without credentials.
    Head,
}

impl BreakerSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        let is_probed = from.flag("breaker.probe")?;
        let probe = ProbeSettings::read(from)?;
        Ok(Self {
            network_errors: from.flag("breaker.network_errors")?,
            endpoints: from.flag("breaker.endpoints")?,
            canary: from.optional("breaker.canary")?,
            probe: is_probed.then_some(probe),
        })
    }
}

impl ProbeSettings {
    fn read(from: &Reader) -> Result<Self, SettingsError> {
        let is_head = from.text("breaker.probe_method")? == "HEAD";
        Ok(Self {
            method: if is_head { ProbeMethod::Head } else { ProbeMethod::Tcp },
            every: from.span("breaker.probe_interval_ms")?,
            timeout: from.span("breaker.probe_timeout_ms")?,
            jitter: from.span("breaker.probe_jitter_ms")?,
            at_once: from.number("breaker.probe_concurrency")?,
        })
    }
}
