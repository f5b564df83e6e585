//! The addresses of one provider: which of them a try goes to, and whether any is left.

use std::sync::Arc;

use super::{Breakers, Look, ProbePermit, TRANSPORT_REST};
use crate::domain::breaker::Gate;
use crate::domain::breaker_key::BreakerKey;
use crate::domain::instant::Micros;
use crate::domain::provider::{BreakerConfig, Provider};

impl Breakers {
    /// Returns how the breakers of a provider's addresses are set; `None` where they have none: a
    /// provider with one address is guarded by its own breaker.
    #[must_use]
    pub fn endpoint_config(&self, provider: &Provider) -> Option<BreakerConfig> {
        let config = provider.endpoint_breaker();
        let guards = self.rules.endpoints && provider.endpoints.len() > 1 && config.threshold > 0;
        guards.then_some(config)
    }

    /// Takes the first address that may be tried, of those whose places are given in their order;
    /// with a permit when its breaker is half open.
    pub fn take_endpoint(
        self: &Arc<Self>,
        provider: &Provider,
        order: &[usize],
        now: Micros,
    ) -> Option<(usize, Option<ProbePermit>)> {
        let Some(config) = self.endpoint_config(provider) else {
            return order.first().map(|place| (*place, None));
        };
        order.iter().find_map(|place| {
            let key = BreakerKey::endpoint(provider.id, provider.endpoints.get(*place)?.id);
            self.admit(key, &config, now).ok().map(|permit| (*place, permit))
        })
    }

    /// Tells whether an address may be tried just now.
    #[must_use]
    pub fn is_endpoint_open(&self, provider: &Provider, place: usize, now: Micros) -> bool {
        let (Some(config), Some(endpoint)) =
            (self.endpoint_config(provider), provider.endpoints.get(place))
        else {
            return false;
        };
        let key = BreakerKey::endpoint(provider.id, endpoint.id);
        matches!(self.peek(key, &config, now), Gate::Open { .. } | Gate::ProbesOut)
    }

    /// Returns until when others go first, because no address of the provider may be tried; `None`
    /// while one may.
    #[must_use]
    pub fn endpoints_rest_until(
        &self,
        provider: &Provider,
        now: Micros,
        look: Look,
    ) -> Option<Micros> {
        let config = self.endpoint_config(provider)?;
        let until = |endpoint| {
            let key = BreakerKey::endpoint(provider.id, endpoint);
            match self.gate(key, &config, now, look) {
                Gate::Open { until } => Some(until),
                Gate::ProbesOut => Some(now.plus(TRANSPORT_REST)),
                _ => None,
            }
        };
        let ends: Option<Vec<Micros>> =
            provider.endpoints.iter().map(|endpoint| until(endpoint.id)).collect();
        ends?.into_iter().min()
    }
}
