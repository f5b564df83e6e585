//! How others speak to the `CircuitBreakerRegistry`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;

use super::actor::{CAPACITY, CircuitBreakerRegistry, log, stories};
use super::messages::{
    CircuitBreakerRegistryView, Observe, ProviderBreaker, PublishTo, Reset, Views,
};
use crate::ask::{AskError, Teller, ask, start_bounded};
use crate::domain::breaker::Transition;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::ports::BreakerNews;
use crate::shared::breakers::Breakers;
use crate::shared::feed::Feed;

const DEADLINE: Duration = Duration::from_secs(1);

/// The door to the registry. Clones share one bounded line.
#[derive(Clone)]
pub struct CircuitBreakerHandle {
    line: Teller<CircuitBreakerRegistry>,
    breakers: Arc<Breakers>,
}

impl CircuitBreakerHandle {
    /// Starts the registry on the present thread's arbiter. It tells the feed of changes.
    #[must_use]
    pub fn start(breakers: Arc<Breakers>, feed: Arc<Feed>) -> Self {
        let registry = CircuitBreakerRegistry::new(Arc::clone(&breakers), feed);
        let addr = start_bounded(registry, CAPACITY);
        Self { line: Teller::new(addr), breakers }
    }

    /// Tells a change. What does not get in is counted; nothing depends on it.
    pub fn tell(&self, transition: Transition) {
        self.line.tell(transition);
    }

    /// Tells several changes.
    pub fn tell_all(&self, transitions: impl IntoIterator<Item = Transition>) {
        for transition in transitions {
            self.tell(transition);
        }
    }

    /// Lets changes that arise on this node be told to others. Answers whether the registry will.
    pub fn publish_to(&self, news: Arc<dyn BreakerNews>) -> bool {
        self.line.tell(PublishTo(news))
    }

    /// Returns how many changes did not get in.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.line.lost()
    }

    /// Asks how all breakers are that ever had trouble.
    pub async fn views(&self) -> Vec<ProviderBreaker> {
        let told = ask(self.line.addr(), Views, Some(DEADLINE)).await;
        told.unwrap_or_else(|_| stories(&self.breakers, &HashMap::new()))
    }

    /// Closes a provider's breaker and those of its addresses; answers whether it was not closed before.
    pub async fn reset(&self, provider: ProviderId, now: Micros) -> bool {
        let asked = ask(self.line.addr(), Reset { provider, now }, Some(DEADLINE)).await;
        asked.unwrap_or_else(|_| {
            let transitions = self.breakers.reset(provider, now);
            transitions.iter().for_each(log);
            !transitions.is_empty()
        })
    }

    /// Asks for the tallies.
    pub async fn observe(&self) -> Result<CircuitBreakerRegistryView, AskError> {
        ask(self.line.addr(), Observe, Some(DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub fn addr(&self) -> &Addr<CircuitBreakerRegistry> {
        self.line.addr()
    }

    /// Returns the shared breakers.
    #[must_use]
    pub const fn breakers(&self) -> &Arc<Breakers> {
        &self.breakers
    }
}
