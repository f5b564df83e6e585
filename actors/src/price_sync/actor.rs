//! The shell: one sync at a time, by the schedule, by request, or because a model has no price.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, ResponseFuture,
    SpawnHandle, WrapFuture,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::sync::oneshot;

use crate::ask::AskError;
use crate::clock::{Clock, Luck};
use crate::ports::{PriceFeed, PriceStore};

use super::messages::{Observe, PriceSyncView, SyncError, SyncNow, SyncReport, UnknownModel};
use super::schedule;
use super::sync::{self, Synced};
use super::warned::Warned;

/// Notices that may wait; one that does not get in is told again by the next request.
pub(super) const CAPACITY: usize = 256;

/// Where prices come from and go to.
#[derive(Clone)]
pub struct PricePorts {
    /// The table on the network.
    pub feed: Arc<dyn PriceFeed>,
    /// The prices kept.
    pub store: Arc<dyn PriceStore>,
}

/// What operators decide about prices.
#[derive(Clone, Debug)]
pub struct PriceConfig {
    /// The bundled table, for a store without prices.
    pub seed: Arc<str>,
    /// Between two fetches that went well.
    pub every: Duration,
}

/// Keeps synced prices fresh. It runs on a background arbiter, and no request ever waits for it.
pub struct PriceSync {
    ports: PricePorts,
    seed: Option<Arc<str>>,
    every: Duration,
    clock: Arc<dyn Clock>,
    luck: Arc<dyn Luck>,
    state: State,
}

type Answer = oneshot::Sender<Result<SyncReport, SyncError>>;

/// All that changes.
#[derive(Default)]
struct State {
    busy: bool,
    timer: Option<SpawnHandle>,
    waiting: Vec<Answer>,
    view: PriceSyncView,
    warned: Warned,
}

impl PriceSync {
    /// Makes the sync, which stores the seed first, then looks for the table.
    #[must_use]
    pub fn new(
        ports: PricePorts,
        config: PriceConfig,
        clock: Arc<dyn Clock>,
        luck: Arc<dyn Luck>,
    ) -> Self {
        let PriceConfig { seed, every } = config;
        Self { ports, seed: Some(seed), every, clock, luck, state: State::default() }
    }

    fn begin(&mut self, context: &mut Context<Self>) {
        if self.state.busy {
            return;
        }
        self.state.busy = true;
        self.state.view.last_attempt = Some(self.clock.now());
        if let Some(timer) = self.state.timer.take() {
            context.cancel_future(timer);
        }
        let (ports, seed, etag) =
            (self.ports.clone(), self.seed.clone(), self.state.view.etag.clone());
        let work = async move {
            let seeded = match &seed {
                Some(text) => sync::seed(ports.store.as_ref(), text).await.map(Some),
                None => Ok(None),
            };
            (seeded, sync::sync(ports.feed.as_ref(), ports.store.as_ref(), etag).await)
        };
        context.spawn(work.into_actor(self).map(|(seeded, synced), actor, context| {
            actor.seeded(seeded);
            actor.ended(synced, context);
        }));
    }

    /// Notes the bundled prices; a store that was away gets them with the next try.
    fn seeded(&mut self, seeded: Result<Option<usize>, SyncError>) {
        match seeded {
            Ok(None) => {}
            Ok(Some(entries)) => {
                self.seed = None;
                self.state.view.entries = entries;
            }
            Err(error) => tracing::warn!(%error, "the bundled prices could not be stored"),
        }
    }

    fn ended(&mut self, synced: Result<Synced, SyncError>, context: &mut Context<Self>) {
        self.state.busy = false;
        let view = &mut self.state.view;
        let answer = match synced {
            Ok(synced) => {
                view.last_success = Some(self.clock.now());
                (view.last_error, view.failures) = (None, 0);
                (view.etag, view.entries) = (synced.etag, synced.entries);
                Ok(synced.report)
            }
            Err(error) => {
                tracing::warn!(%error, "prices could not be synced and stay as they are");
                view.last_error = Some(error.to_string());
                view.failures = view.failures.saturating_add(1);
                Err(error)
            }
        };
        for waiting in self.state.waiting.drain(..) {
            // Who no longer waits has gone past its deadline.
            let _ = waiting.send(answer.clone());
        }
        self.schedule(context);
    }

    fn schedule(&mut self, context: &mut Context<Self>) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.luck.seed());
        let span = schedule::next(self.every, self.state.view.failures, &mut rng);
        let timer = context.run_later(span, |actor, context| {
            actor.state.timer = None;
            actor.begin(context);
        });
        self.state.timer = Some(timer);
    }
}

impl Actor for PriceSync {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.begin(context);
    }
}

impl Handler<SyncNow> for PriceSync {
    type Result = ResponseFuture<Result<SyncReport, SyncError>>;

    fn handle(&mut self, _: SyncNow, context: &mut Self::Context) -> Self::Result {
        let (answer, answered) = oneshot::channel();
        self.state.waiting.push(answer);
        self.begin(context);
        Box::pin(async move { answered.await.unwrap_or(Err(SyncError::Ask(AskError::Gone))) })
    }
}

impl Handler<UnknownModel> for PriceSync {
    type Result = ();

    fn handle(&mut self, message: UnknownModel, context: &mut Self::Context) {
        let now = self.clock.now();
        let may = schedule::unknown_may_sync(self.state.view.last_attempt, now);
        if self.state.warned.is_due(&message.0, now) {
            tracing::warn!(
                model = %message.0,
                "a model has no price: its requests are served and have no cost; upload a price, \
                 then bill them with `switchyard price fill`"
            );
        }
        self.state.view.unknown_model = Some(message.0);
        if may {
            self.begin(context);
        }
    }
}

impl Handler<Observe> for PriceSync {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.state.view.clone())
    }
}
