//! What the process has once: shared state, journal, and the global actors on two background
//! arbiters, so that a slow price table never holds up the ledger.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix::Arbiter;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::credentials;
use super::replication::{self, Beside};
use crate::ask::AskError;
use crate::catalogue_keeper::{self, CatalogueKeeperHandle};
use crate::circuit_breaker::{self, CircuitBreakerHandle};
use crate::clock::{Clock, Luck};
use crate::credential_keeper::{CredentialKeeperHandle, CredentialPorts};
use crate::domain::catalogue::Catalogue;
use crate::domain::limits::CountedPrice;
use crate::health::Health;
use crate::janitor::{self, JanitorHandle};
use crate::live_feed::{self, LiveFeedHandle};
use crate::ports::{CatalogueSource, LedgerSink, PortError, PriceFeed, PriceStore, SharedPorts};
use crate::price_sync::{self, PriceConfig, PricePorts, PriceSyncHandle};
use crate::priority;
use crate::provider_pool::Outlook;
use crate::publish::Published;
use crate::rate_limiter::{Rules, WaitConfig, Waiting};
use crate::replicator::ReplicatorHandle;
use crate::shared::breakers::{BreakerRules, Breakers};
use crate::shared::counters::{Counters, Lifetimes};
use crate::shared::feed::Feed;
use crate::shared::lacking::Lacking;
use crate::shared::leases::Leases;
use crate::usage_recorder::journal::JournalError;
use crate::usage_recorder::replay::ReplayError;
use crate::usage_recorder::{
    self, Journal, JournalConfig, ReplayReport, UsageRecorderHandle, replay,
};

/// The outside world.
#[derive(Clone)]
pub struct CorePorts {
    /// Where rows go.
    pub ledger: Arc<dyn LedgerSink>,
    /// Where the catalogue comes from.
    pub catalogue: Arc<dyn CatalogueSource>,
    /// Where the price table comes from.
    pub feed: Arc<dyn PriceFeed>,
    /// Where prices are kept.
    pub prices: Arc<dyn PriceStore>,
    /// Where tokens are got, and credentials kept.
    pub credentials: CredentialPorts,
    /// What this node shares with others, when it does.
    pub shared: Option<SharedPorts>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The luck.
    pub luck: Arc<dyn Luck>,
}

/// What operators decide before the start.
#[derive(Clone, Debug)]
pub struct CoreConfig {
    /// The data directory.
    pub data: PathBuf,
    /// The journal.
    pub journal: JournalConfig,
    /// How long sessions and seats last.
    pub lifetimes: Lifetimes,
    /// How limits are kept.
    pub rules: Rules,
    /// Which price limits count.
    pub counted: CountedPrice,
    /// How one waits where a concurrency limit is reached.
    pub wait: WaitConfig,
    /// What breakers count.
    pub breakers: BreakerRules,
    /// Prices: the bundled table (`config/prices.json`), how often to look for a newer one.
    pub prices: PriceConfig,
}

/// Why the core did not start.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// Journals of earlier processes could not be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The journal could not be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There is no first catalogue.
    #[error("the catalogue could not be loaded: {0}")]
    Catalogue(#[source] PortError),
    /// A background thread ended before its actors had started.
    #[error("a background thread has ended")]
    Arbiter,
}

/// The core of one process. Shared by all workers behind an `Arc`.
pub struct Core {
    ports: CorePorts,
    config: CoreConfig,
    counters: Arc<Counters>,
    breakers: Arc<Breakers>,
    outlook: Outlook,
    waiting: Option<Arc<Waiting>>,
    live: Arc<Feed>,
    health: Arc<Health>,
    journal: Arc<Journal>,
    replayed: ReplayReport,
    recorder: UsageRecorderHandle,
    keeper: CatalogueKeeperHandle,
    prices: PriceSyncHandle,
    credentials: CredentialKeeperHandle,
    circuit_breakers: CircuitBreakerHandle,
    replicator: Option<ReplicatorHandle>,
    arbiters: Mutex<Vec<Arbiter>>,
}

impl Core {
    /// Replays what earlier processes left, loads the catalogue, starts the global actors. Needs a
    /// running actix `System`. Readiness may follow once it has returned.
    pub async fn start(ports: CorePorts, config: CoreConfig) -> Result<Arc<Self>, CoreError> {
        let clock = Arc::clone(&ports.clock);
        let replayed = replay(&config.data, ports.ledger.as_ref(), clock.now()).await?;
        let seed = ports.luck.seed();
        let journal = Journal::open(&config.data, config.journal, Arc::clone(&clock), seed)?;
        let first = ports.catalogue.load(None).await.map_err(CoreError::Catalogue)?;
        let counters = counters(&ports, &config);
        let Rules { enforce, strict } = config.rules;
        let leases = Arc::new(Leases::new(Arc::clone(&counters), enforce, strict));
        let breakers = Arc::new(Breakers::ruled(config.breakers));
        let outlook = Outlook { breakers: Arc::clone(&breakers), leases, lacking: Arc::default() };
        let live = Arc::new(Feed::new(ports.luck.seed()));
        let waiting =
            Waiting::new(Arc::clone(&counters), Arc::clone(&clock), config.rules, config.wait);
        let health = Arc::new(Health::new(clock));
        let (ledger, background) = (Arbiter::new(), Arbiter::new());
        let recorder = start_recorder(&ledger, &ports, &journal, &live, &health).await?;
        let shared = SharedState {
            counters: Arc::clone(&counters),
            breakers: Arc::clone(&breakers),
            live: Arc::clone(&live),
        };
        let (keeper, prices, circuit_breakers) =
            start_background(&background, &ports, &config, first, shared, &health).await?;
        let credentials = credentials::start(&background, &ports, &keeper, &health).await?;
        let beside = Beside {
            ports: &ports,
            keeper: &keeper,
            registry: &circuit_breakers,
            counters: &counters,
            breakers: &breakers,
        };
        let replicator = replication::start(&background, beside, &health).await?;
        Ok(Arc::new(Self {
            ports,
            config,
            counters,
            breakers,
            outlook,
            waiting,
            live,
            health,
            journal,
            replayed,
            recorder,
            keeper,
            prices,
            credentials,
            circuit_breakers,
            replicator,
            arbiters: Mutex::new(vec![ledger, background]),
        }))
    }

    /// Writes what still waits, then stops the actors in reverse. Called when no worker serves any
    /// more: a row closed after this is lost to the journal. On `Err` rows still wait; they are in
    /// the journal, and the next start replays them.
    pub async fn stop(&self, deadline: Duration) -> Result<(), AskError> {
        self.health.stand_down();
        self.live.close();
        if let Some(replicator) = &self.replicator {
            replicator.leave().await;
        }
        let (flushed, finished) =
            tokio::join!(self.recorder.flush(deadline), self.credentials.finish(deadline));
        if let Err(error) = finished {
            tracing::warn!(%error, "a token was still being got at the end");
        }
        let journal = Arc::clone(&self.journal);
        let mut arbiters = std::mem::take(&mut *self.arbiters.lock());
        arbiters.reverse();
        let ended = tokio::task::spawn_blocking(move || {
            for arbiter in arbiters {
                arbiter.stop();
                // A thread that had panicked is gone as well.
                let _ = arbiter.join();
            }
            journal.close();
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "the background threads did not end in order");
        }
        flushed
    }

    /// Returns the outside world.
    #[must_use]
    pub const fn ports(&self) -> &CorePorts {
        &self.ports
    }

    /// Returns the settings.
    #[must_use]
    pub const fn config(&self) -> &CoreConfig {
        &self.config
    }

    /// Returns the counters of all users.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Returns the breakers of all providers.
    #[must_use]
    pub const fn breakers(&self) -> &Arc<Breakers> {
        &self.breakers
    }

    /// Returns the requests in flight by provider.
    #[must_use]
    pub const fn leases(&self) -> &Arc<Leases> {
        &self.outlook.leases
    }

    /// Returns which providers lack a model.
    #[must_use]
    pub const fn lacking(&self) -> &Arc<Lacking> {
        &self.outlook.lacking
    }

    /// Returns the line in which requests wait for a place; `None` where none waits.
    #[must_use]
    pub const fn waiting(&self) -> Option<&Arc<Waiting>> {
        self.waiting.as_ref()
    }

    /// Returns the live feed.
    #[must_use]
    pub const fn live(&self) -> &Arc<Feed> {
        &self.live
    }

    /// Returns the watch over actors.
    #[must_use]
    pub const fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Returns the journal: its health is a part of readiness.
    #[must_use]
    pub const fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Returns what the replay at the start found.
    #[must_use]
    pub const fn replayed(&self) -> &ReplayReport {
        &self.replayed
    }

    /// Returns the recorder.
    #[must_use]
    pub const fn recorder(&self) -> &UsageRecorderHandle {
        &self.recorder
    }

    /// Returns the keeper: an admin's write asks it to reload.
    #[must_use]
    pub const fn keeper(&self) -> &CatalogueKeeperHandle {
        &self.keeper
    }

    /// Returns the reader that requests take their catalogue from.
    #[must_use]
    pub fn catalogue(&self) -> Published<Catalogue> {
        self.keeper.published()
    }

    /// Returns the price sync.
    #[must_use]
    pub const fn prices(&self) -> &PriceSyncHandle {
        &self.prices
    }

    /// Returns what gets tokens.
    #[must_use]
    pub const fn credentials(&self) -> &CredentialKeeperHandle {
        &self.credentials
    }

    /// Returns how providers are just now, for whoever looks without asking.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        self.outlook.clone()
    }

    /// Returns the replicator, when nodes share anything.
    #[must_use]
    pub const fn replicator(&self) -> Option<&ReplicatorHandle> {
        self.replicator.as_ref()
    }

    /// Returns the breakers' registry.
    #[must_use]
    pub const fn circuit_breakers(&self) -> &CircuitBreakerHandle {
        &self.circuit_breakers
    }
}

fn counters(ports: &CorePorts, config: &CoreConfig) -> Arc<Counters> {
    let counters = Counters::new(config.lifetimes).counting(config.counted);
    Arc::new(match ports.shared {
        Some(_) => counters.telling_to(Arc::default()),
        None => counters,
    })
}

async fn start_recorder(
    arbiter: &Arbiter,
    ports: &CorePorts,
    journal: &Arc<Journal>,
    live: &Arc<Feed>,
    health: &Health,
) -> Result<UsageRecorderHandle, CoreError> {
    let (sink, clock) = (Arc::clone(&ports.ledger), Arc::clone(&ports.clock));
    let (journal, live) = (Arc::clone(journal), Arc::clone(live));
    let start = move || {
        priority::step_back();
        UsageRecorderHandle::start(sink, journal, clock, live)
    };
    let recorder = on(arbiter, start).await?;
    health.watch("usage_recorder", recorder.addr(), || usage_recorder::Observe);
    Ok(recorder)
}

/// What the background actors share with everybody.
struct SharedState {
    counters: Arc<Counters>,
    breakers: Arc<Breakers>,
    live: Arc<Feed>,
}

async fn start_background(
    arbiter: &Arbiter,
    ports: &CorePorts,
    config: &CoreConfig,
    first: Arc<Catalogue>,
    shared: SharedState,
    health: &Health,
) -> Result<(CatalogueKeeperHandle, PriceSyncHandle, CircuitBreakerHandle), CoreError> {
    let CorePorts { catalogue, feed, prices, clock, luck, .. } = ports.clone();
    let price_config = config.prices.clone();
    let (keeper, prices, registry, janitor, live_feed) = on(arbiter, move || {
        let SharedState { counters, breakers, live } = shared;
        let keeper = CatalogueKeeperHandle::start(catalogue, first, Arc::clone(&clock));
        let ports = PricePorts { feed, store: prices };
        let prices = PriceSyncHandle::start(ports, price_config, Arc::clone(&clock), luck);
        let registry = CircuitBreakerHandle::start(Arc::clone(&breakers), Arc::clone(&live));
        let live_feed = LiveFeedHandle::start(live, Arc::clone(&counters), Arc::clone(&clock));
        let janitor = JanitorHandle::start(counters, breakers, keeper.published(), clock);
        (keeper, prices, registry, janitor, live_feed)
    })
    .await?;
    health.watch("catalogue_keeper", keeper.addr(), || catalogue_keeper::Observe);
    health.watch("price_sync", prices.addr(), || price_sync::Observe);
    health.watch("circuit_breaker", registry.addr(), || circuit_breaker::Observe);
    health.watch("janitor", janitor.addr(), || janitor::Observe);
    health.watch("live_feed", live_feed.addr(), || live_feed::Observe);
    Ok((keeper, prices, registry))
}

/// Makes something on an arbiter's thread: actors start on the thread that makes them.
pub(super) async fn on<T: Send + 'static>(
    arbiter: &Arbiter,
    make: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CoreError> {
    let (give, take) = oneshot::channel();
    arbiter.spawn_fn(move || {
        // Nobody takes it when the start was given up; then it ends here.
        let _ = give.send(make());
    });
    take.await.map_err(|_| CoreError::Arbiter)
}
