//! What each HTTP worker has: its own instances of the concerns that every request asks, and its
//! own end of the journal.

use std::io;

use crate::common_counter::CommonCounter;
use crate::provider_pool::{self, ProviderPoolHandle};
use crate::rate_limiter::{self, RateLimiterHandle};
use crate::session_manager::{self, SessionManagerHandle};
use crate::usage_recorder::JournalWriter;

use super::Core;

/// The doors of one worker.
#[derive(Clone)]
pub struct WorkerActors {
    /// Names sessions and remembers their providers.
    pub sessions: SessionManagerHandle,
    /// Decides whether a caller may spend.
    pub limits: RateLimiterHandle,
    /// Chooses providers.
    pub pool: ProviderPoolHandle,
    /// Writes what must survive the process.
    pub journal: JournalWriter,
}

impl WorkerActors {
    /// Starts a worker's actors on the arbiter of the present thread. `worker` must be another
    /// number for each worker: it names the journal's segments.
    pub fn start(core: &Core, worker: usize) -> io::Result<Self> {
        let counters = core.counters();
        let sessions = SessionManagerHandle::start(counters.clone());
        let mut limits = RateLimiterHandle::start_with(
            counters.clone(),
            core.config().rules,
            core.waiting().cloned(),
        );
        let mut pool = ProviderPoolHandle::start(core.outlook());
        if let (Some(shared), Some(outbox)) = (&core.ports().shared, counters.outbox()) {
            let door = shared.counters.door().map_err(io::Error::other)?;
            let common = CommonCounter::new(door, outbox.clone());
            limits = limits.confirming(common.clone());
            pool = pool.confirming(common);
        }
        let journal = core.journal().writer(worker)?;
        let health = core.health();
        let name = |actor: &str| format!("{actor}/{worker}");
        let question = || session_manager::Observe;
        health.watch(&name("session_manager"), sessions.addr(), question);
        health.watch(&name("rate_limiter"), limits.addr(), || rate_limiter::Observe);
        let question = || provider_pool::Observe;
        health.watch(&name("provider_pool"), pool.addr(), question);
        Ok(Self { sessions, limits, pool, journal })
    }
}
