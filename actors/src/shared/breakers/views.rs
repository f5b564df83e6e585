//! What others may see of all breakers.

use std::collections::BTreeMap;

use super::{Breakers, Locked};
use crate::domain::breaker::{Breaker, Cause};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::breaker_view::BreakerView;
use crate::domain::ids::EndpointId;

impl Breakers {
    /// Returns the views of all providers that ever had trouble, by id. Their failures are those that
    /// count and those that wait to be known for what they are.
    #[must_use]
    pub fn views(&self) -> Vec<BreakerView> {
        let all = self.all_views().into_iter();
        all.filter(|(key, _)| key.endpoint.is_none()).map(|(_, view)| view).collect()
    }

    /// Returns how many permits of half-open breakers are out.
    #[must_use]
    pub fn probes_out(&self) -> u32 {
        self.entries.load().values().map(|entry| entry.lock().breaker.probes_out()).sum()
    }

    /// Returns the views of all addresses that ever had trouble, by provider and id.
    #[must_use]
    pub fn endpoint_views(&self) -> Vec<(EndpointId, BreakerView)> {
        let all = self.all_views().into_iter();
        all.filter_map(|(key, view)| Some((key.endpoint?, view))).collect()
    }

    fn all_views(&self) -> BTreeMap<BreakerKey, BreakerView> {
        let entries = self.entries.load();
        let seen =
            |(key, entry): (&BreakerKey, &Locked)| (*key, entry.lock().breaker.view(key.provider));
        let mut views: BTreeMap<BreakerKey, BreakerView> = entries.iter().map(seen).collect();
        for (key, at) in self.network.held(|held| (held.key, held.cause.at)) {
            let view = views.entry(key).or_insert_with(|| Breaker::default().view(key.provider));
            view.failures = view.failures.saturating_add(1);
            view.last_failure_at = view.last_failure_at.max(Some(at));
        }
        views
    }

    /// Returns the last failures of a provider or an address, the latest first.
    #[must_use]
    pub fn causes(&self, key: impl Into<BreakerKey>) -> Vec<Cause> {
        self.known(key.into()).map_or_else(Vec::new, |entry| entry.lock().latest_causes())
    }
}
