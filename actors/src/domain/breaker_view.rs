//! What others may see of breakers.

use serde::{Deserialize, Serialize};

use super::ids::ProviderId;
use super::instant::Micros;

/// The three states of a breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakerState {
    /// Requests pass.
    #[default]
    Closed,
    /// Requests are kept away until a deadline.
    Open,
    /// A few probes pass.
    HalfOpen,
}

impl BreakerState {
    /// Returns the contract's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

/// One provider's breaker, for the API, `/metrics` and the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerView {
    /// The provider.
    pub provider: ProviderId,
    /// Its state.
    pub state: BreakerState,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure.
    pub last_failure_at: Option<Micros>,
    /// When an open breaker may be probed.
    pub open_until: Option<Micros>,
}
