//! How providers are just now: what the choice looks at, and what a forecast looks at as well.

use std::sync::Arc;

use crate::domain::breaker::Gate;
use crate::domain::provider::Provider;
use crate::shared::breakers::{Breakers, Look};
use crate::shared::lacking::Lacking;
use crate::shared::leases::{Leases, Need};

use super::eligibility::{Condition, Health, Over};

/// The shared state that conditions are read from.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The breakers.
    pub breakers: Arc<Breakers>,
    /// What of them is in use.
    pub leases: Arc<Leases>,
    /// Which of them lack a model.
    pub lacking: Arc<Lacking>,
}

impl Outlook {
    /// Tells a provider's condition for a request; nothing is taken. `model` is what an answer is to
    /// be generated with; `look` says whether there is a request.
    #[must_use]
    pub fn condition(
        &self,
        provider: &Provider,
        need: &Need<'_>,
        model: Option<&str>,
        look: Look,
    ) -> Condition {
        let now = need.want.now;
        let gate = match look {
            Look::ToAsk => self.breakers.check(provider.id, &provider.breaker, now),
            Look::ToShow => self.breakers.peek(provider.id, &provider.breaker, now),
        };
        let health = match gate {
            Gate::Pass | Gate::Probe => {
                let rest = self.breakers.endpoints_rest_until(provider, now, look);
                rest.map_or(Health::Well, Health::Resting)
            }
            Gate::Open { until } => Health::Open(until),
            Gate::ProbesOut => Health::ProbesOut,
            Gate::Cooling { until } => Health::Cooling(until),
            Gate::Resting { until } => Health::Resting(until),
        };
        let over = self.leases.check(provider, need).as_ref().map(Over::of);
        let lacks = model.and_then(|model| self.lacking.until(provider, model, now));
        Condition { health, over, lacks }
    }
}
