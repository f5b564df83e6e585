//! Starts what nodes tell each other through, when they share anything.

use std::sync::Arc;

use actix::Arbiter;

use super::core::{CoreError, on};
use crate::circuit_breaker::CircuitBreakerHandle;
use crate::domain::breaker::Transition;
use crate::domain::sharing::Happened;
use crate::health::Health;
use crate::ports::{BreakerNews, SharedPorts};
use crate::replicator::{self, ReplicatorHandle, ReplicatorPorts};
use crate::shared::outbox::Outbox;

/// Puts this node's changes of breakers among what others are told.
struct IntoOutbox(Arc<Outbox>);

impl BreakerNews for IntoOutbox {
    fn tell(&self, change: &Transition) {
        self.0.tell(Happened::Broke(change.standing()));
    }
}

/// What is needed beside what is shared.
pub(super) struct Beside<'a> {
    pub ports: &'a super::CorePorts,
    pub keeper: &'a crate::catalogue_keeper::CatalogueKeeperHandle,
    pub registry: &'a CircuitBreakerHandle,
    pub counters: &'a Arc<crate::shared::counters::Counters>,
    pub breakers: &'a Arc<crate::shared::breakers::Breakers>,
}

/// Starts the replicator; `None` when this node is alone.
pub(super) async fn start(
    arbiter: &Arbiter,
    beside: Beside<'_>,
    health: &Health,
) -> Result<Option<ReplicatorHandle>, CoreError> {
    let Beside { ports, keeper, registry, counters, breakers } = beside;
    let (Some(shared), Some(outbox)) = (&ports.shared, counters.outbox()) else { return Ok(None) };
    let SharedPorts { counters: shared, breakers: shared_breakers } = shared.clone();
    registry.publish_to(Arc::new(IntoOutbox(Arc::clone(outbox))));
    let announce = registry.clone();
    let ports = ReplicatorPorts {
        shared,
        shared_breakers,
        counters: Arc::clone(counters),
        breakers: Arc::clone(breakers),
        announce: Arc::new(move |changes| announce.tell_all(changes)),
        outbox: Arc::clone(outbox),
        catalogue: keeper.published(),
        ledger: Arc::clone(&ports.ledger),
        clock: Arc::clone(&ports.clock),
    };
    let handle = on(arbiter, move || ReplicatorHandle::start(ports)).await?;
    health.watch("replicator", handle.addr(), || replicator::Observe);
    Ok(Some(handle))
}
