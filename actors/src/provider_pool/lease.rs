//! How many requests each provider has in flight, over all workers; a lease is one of them.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::ids::ProviderId;
use crate::domain::map::Map;

/// The counts. One per process, shared by all workers.
#[derive(Debug, Default)]
pub struct Leases(Mutex<Map<ProviderId, u32>>);

/// A place at a provider. Dropping it gives the place back.
#[derive(Debug)]
pub struct Lease {
    leases: Arc<Leases>,
    provider: ProviderId,
}

impl Leases {
    /// Takes a place; `None` when the provider has as many requests in flight as it may.
    #[must_use]
    pub fn take(self: &Arc<Self>, provider: ProviderId, limit: Option<u32>) -> Option<Lease> {
        let mut counts = self.0.lock();
        let count = counts.entry(provider).or_default();
        if limit.is_some_and(|limit| *count >= limit) {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Lease { leases: Arc::clone(self), provider })
    }

    /// Tells whether a provider has as many requests in flight as it may.
    #[must_use]
    pub fn is_full(&self, provider: ProviderId, limit: Option<u32>) -> bool {
        limit.is_some_and(|limit| self.in_flight(provider) >= limit)
    }

    /// Returns how many requests a provider has in flight.
    #[must_use]
    pub fn in_flight(&self, provider: ProviderId) -> u32 {
        self.0.lock().get(&provider).copied().unwrap_or(0)
    }

    /// Returns the providers with requests in flight.
    #[must_use]
    pub fn view(&self) -> Vec<(ProviderId, u32)> {
        let mut view: Vec<_> = self.0.lock().iter().map(|(id, count)| (*id, *count)).collect();
        view.sort_unstable();
        view
    }
}

impl Lease {
    /// Returns whose place it is.
    #[must_use]
    pub const fn provider(&self) -> ProviderId {
        self.provider
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut counts = self.leases.0.lock();
        let Some(count) = counts.get_mut(&self.provider) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(&self.provider);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_lease_gives_its_place_to_the_next() {
        let leases = Arc::<Leases>::default();
        let first = leases.take(ProviderId(1), Some(1));
        assert!(first.is_some() && leases.is_full(ProviderId(1), Some(1)));
        assert!(leases.take(ProviderId(1), Some(1)).is_none());
        assert!(leases.take(ProviderId(2), Some(1)).is_some(), "another provider has its own");
        drop(first);
        assert_eq!(leases.view(), []);
        assert!(leases.take(ProviderId(1), Some(1)).is_some());
    }
}
