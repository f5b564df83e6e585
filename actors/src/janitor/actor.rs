//! The shell: one timer.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, AsyncContext, Context, Handler, MessageResult};

use crate::clock::Clock;
use crate::domain::catalogue::Catalogue;
use crate::publish::Published;
use crate::shared::breakers::Breakers;
use crate::shared::counters::Counters;

use super::messages::{JanitorView, Observe};

/// Between two rounds.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// Expires counters and forgets breakers of providers that are gone.
pub struct Janitor {
    counters: Arc<Counters>,
    breakers: Arc<Breakers>,
    catalogue: Published<Catalogue>,
    clock: Arc<dyn Clock>,
    view: JanitorView,
}

impl Janitor {
    /// Makes the janitor.
    #[must_use]
    pub fn new(
        counters: Arc<Counters>,
        breakers: Arc<Breakers>,
        catalogue: Published<Catalogue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { counters, breakers, catalogue, clock, view: JanitorView::default() }
    }

    fn tidy(&mut self) {
        self.counters.expire(self.clock.now());
        let catalogue = self.catalogue.load();
        if catalogue.version != self.view.catalogue {
            self.breakers.forget(|key| catalogue.providers.iter().any(|one| one.has(key)));
            self.view.catalogue = catalogue.version;
        }
        self.view.rounds = self.view.rounds.saturating_add(1);
    }
}

impl Actor for Janitor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(EVERY, |actor, _| actor.tidy());
    }
}

impl Handler<Observe> for Janitor {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.view)
    }
}
