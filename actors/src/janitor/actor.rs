//! The shell: one timer.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, Addr, AsyncContext, Context, Handler, Message, MessageResult};
use serde::Serialize;

use crate::clock::Clock;
use crate::domain::catalogue::Catalogue;
use crate::publish::Published;
use crate::shared::breakers::Breakers;
use crate::shared::counters::Counters;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(5);

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "JanitorView")]
pub struct Observe;

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JanitorView {
    /// Rounds since the start.
    pub rounds: u64,
    /// The catalogue whose providers the breakers know.
    pub catalogue: i64,
}

/// Expires counters and forgets breakers of providers that are gone.
pub struct Janitor {
    counters: Arc<Counters>,
    breakers: Arc<Breakers>,
    catalogue: Published<Catalogue>,
    clock: Arc<dyn Clock>,
    view: JanitorView,
}

impl Janitor {
    /// Starts the janitor on the arbiter of the present thread.
    #[must_use]
    pub fn spawn(
        counters: Arc<Counters>,
        breakers: Arc<Breakers>,
        catalogue: Published<Catalogue>,
        clock: Arc<dyn Clock>,
    ) -> Addr<Self> {
        Self { counters, breakers, catalogue, clock, view: JanitorView::default() }.start()
    }

    fn tidy(&mut self) {
        self.counters.expire(self.clock.now());
        let catalogue = self.catalogue.load();
        if catalogue.version != self.view.catalogue {
            self.breakers.forget(|id| catalogue.providers.iter().any(|one| one.id == id));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::ask;
    use crate::domain::ids::ProviderId;
    use crate::domain::outcome::TryOutcome;
    use crate::domain::provider::BreakerConfig;
    use crate::shared::counters::Lifetimes;
    use crate::testing::TestUniverse;

    #[actix::test]
    async fn breakers_of_providers_that_are_gone_are_forgotten() {
        let universe = TestUniverse::start();
        let counters = Arc::new(Counters::new(Lifetimes::default()));
        let breakers = Arc::new(Breakers::new(false));
        let fault = TryOutcome::ProviderFault;
        let config = BreakerConfig::default();
        breakers.record(ProviderId(9), &config, fault, None, universe.now());
        let catalogue = Catalogue { version: 2, ..Catalogue::default() };
        let catalogue = Published::fixed(Arc::new(catalogue));
        let janitor = Janitor::spawn(counters, Arc::clone(&breakers), catalogue, universe.clock());
        universe.settle().await;
        assert_eq!(breakers.views().len(), 1);
        universe.advance(EVERY + Duration::from_millis(1)).await;
        assert_eq!(breakers.views(), []);
        let view = ask(&janitor, Observe, None).await.unwrap();
        assert_eq!(view, JanitorView { rounds: 1, catalogue: 2 });
    }
}
