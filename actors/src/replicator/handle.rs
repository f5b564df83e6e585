//! The replicator as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, Addr};
use tokio::sync::watch;
use tokio::time::timeout;

use super::actor::{Replicator, ReplicatorPorts};
use super::counted::Counted;
use super::messages::{Observe, ReplicatorView};
use super::outgoing::Stage;
use crate::ask::{AskError, ask};

/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);
/// How long a start waits for the place in the common log. Without it, what other nodes spend while
/// this one reads the ledger is not counted here until its next start.
const LOCATE_WITHIN: Duration = Duration::from_millis(500);
/// How long a stop waits until the others know: the ledger has what was spent.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// The door to the replicator.
#[derive(Clone)]
pub struct ReplicatorHandle {
    addr: Addr<Replicator>,
    located: watch::Receiver<bool>,
    seeded: Arc<watch::Sender<Option<Arc<Counted>>>>,
    stage: Arc<watch::Sender<Stage>>,
}

impl ReplicatorHandle {
    /// Starts the replicator on the present thread's arbiter. It counts what other nodes tell once
    /// [`Self::seeded`] was called.
    #[must_use]
    pub fn start(ports: ReplicatorPorts) -> Self {
        let (located, is_located) = watch::channel(false);
        let (seeded, is_seeded) = watch::channel(None);
        let stage = Arc::new(watch::Sender::new(Stage::Here));
        let addr = Replicator::new(ports, located, is_seeded, Arc::clone(&stage)).start();
        Self { addr, located: is_located, seeded: Arc::new(seeded), stage }
    }

    /// Waits until the place in the common log is known, for half a second at most.
    pub async fn located(&self) {
        let mut located = self.located.clone();
        let _late = timeout(LOCATE_WITHIN, located.wait_for(|known| *known)).await;
    }

    /// Says that the counters hold what the ledger knew, and what that was.
    pub fn seeded(&self, counted: Counted) {
        self.seeded.send_replace(Some(Arc::new(counted)));
    }

    /// Tells what has happened here and was not told yet, then that this node goes: what it holds
    /// counts no longer. Waits for that, a second at most.
    pub async fn leave(&self) {
        let mut stages = self.stage.subscribe();
        self.stage.send_if_modified(|stage| {
            let goes = *stage == Stage::Here;
            if goes {
                *stage = Stage::Leaving;
            }
            goes
        });
        let _late = timeout(LEAVE_WITHIN, stages.wait_for(|stage| *stage == Stage::Left)).await;
    }

    /// Asks for the figures.
    pub async fn observe(&self) -> Result<ReplicatorView, AskError> {
        ask(&self.addr, Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<Replicator> {
        &self.addr
    }
}
