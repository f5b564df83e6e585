//! The shell: one for the process.

use std::collections::HashMap;
use std::sync::Arc;

use actix::prelude::{Actor, Context, Handler, MessageResult};
use tracing::{info, warn};

use super::messages::{
    CircuitBreakerRegistryView, Observe, ProviderBreaker, PublishTo, Reset, Views,
};
use super::report::line;
use crate::domain::breaker::{Change, Transition};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::instant::Micros;
use crate::ports::BreakerNews;
use crate::shared::breakers::Breakers;
use crate::shared::feed::Feed;

/// Transitions that may wait: far more than providers can have in a burst.
pub(super) const CAPACITY: usize = 1_024;

/// Tells what breakers do. See the module's contract.
pub struct CircuitBreakerRegistry {
    breakers: Arc<Breakers>,
    feed: Arc<Feed>,
    news: Option<Arc<dyn BreakerNews>>,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    changes: HashMap<BreakerKey, (Change, Micros)>,
    tallies: CircuitBreakerRegistryView,
}

impl CircuitBreakerRegistry {
    /// Makes the registry.
    #[must_use]
    pub fn new(breakers: Arc<Breakers>, feed: Arc<Feed>) -> Self {
        Self { breakers, feed, news: None, state: State::default() }
    }
}

/// Joins the breakers with what is known of their changes.
pub(super) fn stories(
    breakers: &Breakers,
    changes: &HashMap<BreakerKey, (Change, Micros)>,
) -> Vec<ProviderBreaker> {
    let views = breakers.views().into_iter();
    views
        .map(|view| ProviderBreaker {
            last_change: changes.get(&view.provider.into()).copied(),
            causes: breakers.causes(view.provider),
            view,
        })
        .collect()
}

/// Logs a change: what keeps requests away is a warning, what lets them pass is not.
pub(super) fn log(transition: &Transition) {
    let (event, provider) = (transition.change.name(), transition.provider);
    let endpoint = transition.endpoint.map(|endpoint| endpoint.0);
    let text = line(transition);
    if transition.change == Change::Opened {
        warn!(breaker.event = event, provider.id = %provider, endpoint.id = endpoint, "{text}");
    } else {
        info!(breaker.event = event, provider.id = %provider, endpoint.id = endpoint, "{text}");
    }
}

impl State {
    fn note(&mut self, transition: &Transition) {
        self.changes.insert(transition.key(), (transition.change, transition.at));
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
        if let Some(news) = self.news.as_ref().filter(|_| !transition.elsewhere) {
            news.tell(&transition);
        }
        // Whoever watches providers is not told of their addresses.
        if transition.endpoint.is_none() {
            self.feed.breaker(transition);
        }
    }
}

impl Handler<PublishTo> for CircuitBreakerRegistry {
    type Result = ();

    fn handle(&mut self, PublishTo(news): PublishTo, _: &mut Self::Context) {
        self.news = Some(news);
    }
}

impl Handler<Views> for CircuitBreakerRegistry {
    type Result = Vec<ProviderBreaker>;

    fn handle(&mut self, _: Views, _: &mut Self::Context) -> Self::Result {
        let views = stories(&self.breakers, &self.state.changes);
        self.state.changes.retain(|key, _| self.breakers.knows(*key));
        views
    }
}

impl Handler<Reset> for CircuitBreakerRegistry {
    type Result = bool;

    fn handle(&mut self, reset: Reset, context: &mut Self::Context) -> bool {
        let transitions = self.breakers.reset(reset.provider, reset.now);
        let was_closed = transitions.is_empty();
        for transition in transitions {
            self.handle(transition, context);
        }
        !was_closed
    }
}

impl Handler<Observe> for CircuitBreakerRegistry {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.state.tallies)
    }
}
