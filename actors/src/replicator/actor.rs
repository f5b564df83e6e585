//! The shell: three loops that run for as long as the actor does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, WrapFuture,
};
use tokio::sync::watch;

use super::counted::Counted;
use super::messages::{Observe, ReplicatorView};
use super::outgoing::{self, Stage};
use super::{breakers, incoming};
use crate::clock::Clock;
use crate::domain::breaker::Transition;
use crate::domain::catalogue::Catalogue;
use crate::ports::{LedgerSink, SharedBreakers, SharedCounters};
use crate::publish::Published;
use crate::shared::breakers::Breakers;
use crate::shared::counters::Counters;
use crate::shared::outbox::Outbox;

/// What the replicator works with.
#[derive(Clone)]
pub struct ReplicatorPorts {
    /// The common counter.
    pub shared: Arc<dyn SharedCounters>,
    /// The common breakers.
    pub shared_breakers: Arc<dyn SharedBreakers>,
    /// The counters of this node.
    pub counters: Arc<Counters>,
    /// The breakers of this node.
    pub breakers: Arc<Breakers>,
    /// Tells people of breakers that changed because another node's did.
    pub announce: Arc<dyn Fn(Vec<Transition>) + Send + Sync>,
    /// What has happened here.
    pub outbox: Arc<Outbox>,
    /// Limits, for the windows of what was spent.
    pub catalogue: Published<Catalogue>,
    /// The ledger, which knows what the start has counted already.
    pub ledger: Arc<dyn LedgerSink>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Tells and listens. See the module's contract.
pub struct Replicator {
    ports: ReplicatorPorts,
    located: Option<watch::Sender<bool>>,
    seeded: watch::Receiver<Option<Arc<Counted>>>,
    stage: Arc<watch::Sender<Stage>>,
    heard: Arc<AtomicU64>,
}

impl Replicator {
    /// Makes the replicator. It says when it knows its place in the log, and is told what
    /// the start has counted, so that it may count what comes behind it, and when its node goes.
    #[must_use]
    pub fn new(
        ports: ReplicatorPorts,
        located: watch::Sender<bool>,
        seeded: watch::Receiver<Option<Arc<Counted>>>,
        stage: Arc<watch::Sender<Stage>>,
    ) -> Self {
        Self { ports, located: Some(located), seeded, stage, heard: Arc::default() }
    }
}

impl Actor for Replicator {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let outgoing = outgoing::run(self.ports.clone(), Arc::clone(&self.stage));
        context.spawn(outgoing.into_actor(self).map(|(), _, _| ()));
        let breakers = breakers::run(self.ports.clone());
        context.spawn(breakers.into_actor(self).map(|(), _, _| ()));
        if let Some(located) = self.located.take() {
            let heard = Arc::clone(&self.heard);
            let incoming = incoming::run(self.ports.clone(), located, self.seeded.clone(), heard);
            context.spawn(incoming.into_actor(self).map(|(), _, _| ()));
        }
    }
}

impl Handler<Observe> for Replicator {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        let (waiting, lost) = self.ports.outbox.backlog();
        MessageResult(ReplicatorView {
            there: self.ports.shared.is_there(),
            nodes: self.ports.outbox.nodes(),
            waiting,
            lost,
            heard: self.heard.load(Ordering::Relaxed),
        })
    }
}
