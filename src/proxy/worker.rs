//! What the relay works with: shared by the process, and owned by one HTTP worker.

use std::rc::Rc;
use std::sync::Arc;

use switchyard_actors::circuit_breaker::CircuitBreakerHandle;
use switchyard_actors::clock::{Clock, Luck, RequestIds};
use switchyard_actors::credential_keeper::CredentialKeeperHandle;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::price_sync::PriceSyncHandle;
use switchyard_actors::provider_pool::ProviderPoolHandle;
use switchyard_actors::publish::Published;
use switchyard_actors::rate_limiter::RateLimiterHandle;
use switchyard_actors::session_manager::SessionManagerHandle;
use switchyard_actors::shared::breakers::Breakers;
use switchyard_actors::shared::broken::Broken;
use switchyard_actors::shared::lacking::Lacking;
use switchyard_actors::shared::probes::Probes;
use switchyard_actors::shared::proxies::Proxies;
use switchyard_actors::shared::remaining::Remaining;
use switchyard_actors::usage_recorder::{JournalWriter, UsageRecorderHandle};
use tokio::sync::Semaphore;

use super::admission::Door;
use super::config::RelayConfig;
use super::counting::bound::CountBound;
use super::door_log::DoorLog;
use super::drain::Drainer;
use super::models::ModelLists;
use super::socket::link::Refusals;
use super::stall::Streams;
use super::turns::Turns;
use super::versions::SeenVersions;
use crate::metrics::Metrics;
use crate::process::Curfew;
use crate::upstream::Upstreams;

/// What all workers share.
pub struct Shared {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Luck.
    pub luck: Arc<dyn Luck>,
    /// Mints request ids.
    pub ids: Arc<RequestIds>,
    /// The catalogue in force.
    pub catalogue: Published<Catalogue>,
    /// Breakers.
    pub breakers: Arc<Breakers>,
    /// How the providers' proxies did last.
    pub proxies: Arc<Proxies>,
    /// What the last checks of addresses have found.
    pub probes: Arc<Probes>,
    /// What is left of the vendors' limits.
    pub remaining: Arc<Remaining>,
    /// Which providers lack a model.
    pub lacking: Arc<Lacking>,
    /// Whose answers have broken off lately, and where.
    pub broken: Broken,
    /// Gets the tokens of providers with credentials.
    pub credentials: CredentialKeeperHandle,
    /// Hears of breaker changes.
    pub registry: CircuitBreakerHandle,
    /// Hears of finished rows.
    pub recorder: UsageRecorderHandle,
    /// Hears of models without a price.
    pub prices: PriceSyncHandle,
    /// The door.
    pub door: Arc<Door>,
    /// What was refused at the door lately.
    pub refused: DoorLog,
    /// How the relay behaves.
    pub config: RelayConfig,
    /// How often each key may have tokens counted.
    pub counting: CountBound,
    /// Which versions of clients were seen.
    pub versions: SeenVersions,
    /// Figures.
    pub metrics: Arc<Metrics>,
    /// Bodies that are scanned away from the workers at once.
    pub offload: Arc<Semaphore>,
    /// Texts that are looked through for operators' patterns away from the workers at once.
    pub patterns: Arc<Turns>,
}

/// What one HTTP worker owns.
pub struct Worker {
    /// What all share.
    pub shared: Arc<Shared>,
    /// Sessions.
    pub sessions: SessionManagerHandle,
    /// Limits.
    pub limiter: RateLimiterHandle,
    /// Providers.
    pub pool: ProviderPoolHandle,
    /// The worker's journal.
    pub journal: JournalWriter,
    /// The worker's clients.
    pub upstreams: Upstreams,
    /// Reads on for clients that left.
    pub drainer: Drainer,
    /// Model lists of upstreams.
    pub models: ModelLists,
    /// Addresses of providers that take no sockets.
    pub sockets: Refusals,
    /// Streams under way, for the stall watchdog.
    pub streams: Streams,
    /// When everything must end.
    pub curfew: Curfew,
}

/// A worker as its requests hold it.
pub type WorkerRef = Rc<Worker>;
