//! The shell: poll, publish what is new, answer those who wait for their own write.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, ResponseFuture,
    SpawnHandle, WrapFuture,
};
use tokio::sync::oneshot;

use crate::ask::AskError;
use crate::clock::Clock;
use crate::domain::catalogue::Catalogue;
use crate::ports::{CatalogueSource, PortError};
use crate::publish::Publisher;

use super::messages::{CatalogueKeeperView, Observe, Reload, ReloadError};

/// Between the end of a load and the next one (D8).
const EVERY: Duration = Duration::from_millis(500);
/// Admins who may wait at once.
pub(super) const CAPACITY: usize = 256;

type Answer = oneshot::Sender<Result<i64, ReloadError>>;

/// Publishes the catalogue. It runs on a background arbiter; requests only read what it published.
pub struct CatalogueKeeper {
    source: Arc<dyn CatalogueSource>,
    clock: Arc<dyn Clock>,
    publisher: Publisher<Catalogue>,
    state: State,
}

/// All that changes beside the catalogue.
#[derive(Default)]
struct State {
    busy: bool,
    timer: Option<SpawnHandle>,
    /// They asked before the running load began.
    served: Vec<Answer>,
    /// They asked since; the running load may not have seen their write.
    waiting: Vec<Answer>,
    view: CatalogueKeeperView,
}

impl CatalogueKeeper {
    /// Makes the keeper of what the publisher publishes.
    #[must_use]
    pub fn new(
        source: Arc<dyn CatalogueSource>,
        publisher: Publisher<Catalogue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { source, clock, publisher, state: State::default() }
    }

    fn begin(&mut self, context: &mut Context<Self>) {
        if self.state.busy {
            return;
        }
        self.state.busy = true;
        if let Some(timer) = self.state.timer.take() {
            context.cancel_future(timer);
        }
        let waiting = std::mem::take(&mut self.state.waiting);
        self.state.served.extend(waiting);
        let (source, have) = (Arc::clone(&self.source), self.publisher.load());
        let load = async move { source.load(Some(have)).await };
        context.spawn(load.into_actor(self).map(|loaded, actor, context| {
            actor.ended(loaded);
            actor.go_on(context);
        }));
    }

    fn ended(&mut self, loaded: Result<Arc<Catalogue>, PortError>) {
        self.state.busy = false;
        let answer = match loaded {
            Ok(catalogue) => Ok(self.publish(catalogue)),
            Err(error) => Err(self.failed(error)),
        };
        for waiting in self.state.served.drain(..) {
            // Who no longer waits has gone past its deadline.
            let _ = waiting.send(answer.clone());
        }
    }

    fn publish(&mut self, catalogue: Arc<Catalogue>) -> i64 {
        let version = catalogue.version;
        if self.state.view.failures > 0 {
            tracing::info!(version, "the catalogue can be loaded again");
        }
        if !Arc::ptr_eq(&catalogue, &self.publisher.load()) {
            self.publisher.publish(catalogue);
            self.state.view.published = self.state.view.published.saturating_add(1);
        }
        let view = &mut self.state.view;
        (view.failures, view.last_error) = (0, None);
        view.last_success = Some(self.clock.now());
        version
    }

    fn failed(&mut self, error: PortError) -> ReloadError {
        let view = &mut self.state.view;
        if view.failures == 0 {
            tracing::error!(%error, "the catalogue could not be loaded; the old one stays in force");
        }
        view.failures = view.failures.saturating_add(1);
        view.last_error = Some(error.to_string());
        error.into()
    }

    fn go_on(&mut self, context: &mut Context<Self>) {
        if !self.state.waiting.is_empty() {
            return self.begin(context);
        }
        let timer = context.run_later(EVERY, |actor, context| {
            actor.state.timer = None;
            actor.begin(context);
        });
        self.state.timer = Some(timer);
    }
}

impl Actor for CatalogueKeeper {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.go_on(context);
    }
}

impl Handler<Reload> for CatalogueKeeper {
    type Result = ResponseFuture<Result<i64, ReloadError>>;

    fn handle(&mut self, _: Reload, context: &mut Self::Context) -> Self::Result {
        let (answer, answered) = oneshot::channel();
        self.state.waiting.push(answer);
        self.begin(context);
        Box::pin(async move { answered.await.unwrap_or(Err(ReloadError::Ask(AskError::Gone))) })
    }
}

impl Handler<Observe> for CatalogueKeeper {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        let catalogue = self.publisher.load();
        MessageResult(CatalogueKeeperView {
            version: catalogue.version,
            callers: catalogue.callers.len(),
            providers: catalogue.providers.len(),
            prices: catalogue.prices.models.len(),
            ..self.state.view.clone()
        })
    }
}
