//! The shell: one for the process.

use std::collections::HashMap;
use std::sync::Arc;

use actix::prelude::{Actor, Context, Handler, MessageResult};
use tracing::{info, warn};

use super::messages::{CircuitBreakerRegistryView, Observe, ProviderBreaker, Reset, Views};
use super::report::line;
use crate::domain::breaker::{Change, Transition};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::shared::breakers::Breakers;
use crate::shared::feed::Feed;

/// Transitions that may wait: far more than providers can have in a burst.
pub(super) const CAPACITY: usize = 1_024;

/// Tells what breakers do. See the module's contract.
pub struct CircuitBreakerRegistry {
    breakers: Arc<Breakers>,
    feed: Arc<Feed>,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    changes: HashMap<ProviderId, (Change, Micros)>,
    tallies: CircuitBreakerRegistryView,
}

impl CircuitBreakerRegistry {
    /// Makes the registry.
    #[must_use]
    pub fn new(breakers: Arc<Breakers>, feed: Arc<Feed>) -> Self {
        Self { breakers, feed, state: State::default() }
    }
}

/// Joins the breakers with what is known of their changes.
pub(super) fn stories(
    breakers: &Breakers,
    changes: &HashMap<ProviderId, (Change, Micros)>,
) -> Vec<ProviderBreaker> {
    let views = breakers.views().into_iter();
    views
        .map(|view| ProviderBreaker {
            last_change: changes.get(&view.provider).copied(),
            causes: breakers.causes(view.provider),
            view,
        })
        .collect()
}

/// Logs a change: what keeps requests away is a warning, what lets them pass is not.
pub(super) fn log(transition: &Transition) {
    let (event, provider) = (transition.change.name(), transition.provider);
    if transition.change == Change::Opened {
        warn!(breaker.event = event, provider.id = %provider, "{}", line(transition));
    } else {
        info!(breaker.event = event, provider.id = %provider, "{}", line(transition));
    }
}

impl State {
    fn note(&mut self, transition: &Transition) {
        self.changes.insert(transition.provider, (transition.change, transition.at));
        let tally = match transition.change {
            Change::Opened => &mut self.tallies.opened,
            Change::Closed => &mut self.tallies.closed,
            Change::Reset => &mut self.tallies.reset,
            Change::HalfOpened => return,
        };
        *tally = tally.saturating_add(1);
    }
}

impl Actor for CircuitBreakerRegistry {
    type Context = Context<Self>;
}

impl Handler<Transition> for CircuitBreakerRegistry {
    type Result = ();

    fn handle(&mut self, transition: Transition, _: &mut Self::Context) {
        self.state.note(&transition);
        log(&transition);
        self.feed.breaker(transition);
    }
}

impl Handler<Views> for CircuitBreakerRegistry {
    type Result = Vec<ProviderBreaker>;

    fn handle(&mut self, _: Views, _: &mut Self::Context) -> Self::Result {
        let views = stories(&self.breakers, &self.state.changes);
        let still_known =
            |provider: &ProviderId| views.iter().any(|v| v.view.provider == *provider);
        self.state.changes.retain(|provider, _| still_known(provider));
        views
    }
}

impl Handler<Reset> for CircuitBreakerRegistry {
    type Result = bool;

    fn handle(&mut self, reset: Reset, context: &mut Self::Context) -> bool {
        let transition = self.breakers.reset(reset.provider, reset.now);
        transition.map(|transition| self.handle(transition, context)).is_some()
    }
}

impl Handler<Observe> for CircuitBreakerRegistry {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.state.tallies)
    }
}
