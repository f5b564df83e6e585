//! The right to try what is half open.

use std::sync::Arc;

use super::Breakers;
use crate::domain::breaker::{Event, Transition};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::provider::BreakerConfig;

/// The right to try a provider or an address that is half open. Dropping it is neutral.
#[derive(Debug)]
#[must_use = "dropping a permit gives it back"]
pub struct ProbePermit {
    pub(super) breakers: Arc<Breakers>,
    pub(super) key: BreakerKey,
    pub(super) cfg: BreakerConfig,
    pub(super) phase: u64,
    pub(super) transition: Option<Transition>,
    pub(super) spent: bool,
}

impl ProbePermit {
    /// Returns the provider.
    #[must_use]
    pub const fn provider(&self) -> ProviderId {
        self.key.provider
    }

    /// Takes the news that this permit turned the breaker half open, if it did; once.
    pub const fn take_transition(&mut self) -> Option<Transition> {
        self.transition.take()
    }

    /// Says that the result of the attempt is recorded with it.
    pub(super) fn spend(&mut self) -> u64 {
        self.spent = true;
        self.phase
    }
}

impl Drop for ProbePermit {
    fn drop(&mut self) {
        if self.spent {
            return;
        }
        if let Some(entry) = self.breakers.known(self.key) {
            let mut entry = entry.lock();
            // The instant plays no part in giving a permit back.
            entry.apply(self.key, Event::Returned { probe: self.phase }, &self.cfg, Micros(0));
        }
    }
}
