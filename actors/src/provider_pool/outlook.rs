//! How providers are just now: what the choice looks at, and what a forecast looks at as well.

use std::sync::Arc;

use crate::domain::breaker::Gate;
use crate::domain::instant::Micros;
use crate::domain::provider::Provider;
use crate::shared::breakers::Breakers;

use super::eligibility::{Condition, Health};
use super::lease::Leases;

/// The shared state that conditions are read from.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The breakers.
    pub breakers: Arc<Breakers>,
    /// The requests in flight.
    pub leases: Arc<Leases>,
}

impl Outlook {
    /// Tells a provider's condition; nothing is taken.
    #[must_use]
    pub fn condition(&self, provider: &Provider, now: Micros) -> Condition {
        let health = match self.breakers.check(provider.id, &provider.breaker, now) {
            Gate::Pass | Gate::Probe => Health::Well,
            Gate::Open { until } => Health::Open(until),
            Gate::ProbesOut => Health::ProbesOut,
            Gate::Cooling { until } => Health::Cooling(until),
            Gate::Resting { until } => Health::Resting(until),
        };
        let full = self.leases.is_full(provider.id, provider.limits.concurrent_sessions);
        Condition { health, full }
    }
}
