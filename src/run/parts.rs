//! What the process serves with: the store, the core, the relay's state, the management API. Each
//! function is one step of the start or the stop and is called exactly once (`worker` once a
//! worker).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use rustls::ClientConfig;
use switchyard_actors::system::Core;
use tokio::time::timeout;

use super::nodes::Membership;
use super::{
    Basics, checks, core, demo, figures, jobs, management, relay, rules, seed, sharing, store,
};
use crate::demo::Sample;
use crate::process::Severity;
use crate::proxy::worker::{Shared, WorkerRef};
use crate::server::AFTER_GRACE;
use crate::upstream::tls;
use crate::web::api::Api;
use crate::web::console::{self, Console, Seal};
use crate::web::login::Throttle;
use crate::web::{self, Refresh, Shell};

/// How long rows may take to reach the database at the stop; what does not is in the journal.
const FLUSH_FOR: Duration = Duration::from_secs(10);

/// How long the threads of the core may take to end after that.
const JOIN_FOR: Duration = Duration::from_secs(1);

/// How long a stop takes at most, all in all. Whoever supervises the process waits longer.
#[must_use]
pub fn longest_stop(grace: Duration) -> Duration {
    grace + AFTER_GRACE + FLUSH_FOR + JOIN_FOR
}

/// What runs behind the routes for the life of the process.
pub struct Parts {
    basics: Basics,
    core: Arc<Core>,
    relay: Arc<Shared>,
    api: Data<Api>,
    seal: Seal,
    tls: Arc<ClientConfig>,
    nodes: Membership,
    workers: AtomicUsize,
    sample: Option<Sample>,
}

/// What one worker has to itself; made on that worker's thread, so it need not be `Send`.
pub struct WorkerParts {
    relay: Option<WorkerRef>,
    api: Data<Api>,
    console: Data<Console>,
}

impl Parts {
    /// Opens the store, joins the nodes on it, replays the journal, loads the catalogue, starts the global actors and the
    /// jobs, in this order. The process is not ready before it returns.
    ///
    /// # Errors
    /// The sentence says what is not there and what to do.
    pub async fn start(basics: &Basics) -> anyhow::Result<Self> {
        let settings = &basics.settings;
        let tls = tls::client_config(settings.upstream.extra_ca_file.as_deref())?;
        let (store, cipher) =
            store::open(settings, &basics.directory, basics.clock.as_ref()).await?;
        let nodes = Membership::new(basics, &store, &cipher);
        nodes.join().await?;
        rules::synchronise(basics, &store).await?;
        let shared = sharing::connect(basics, nodes.id())?;
        let core = core::start(basics, &store, &cipher, &tls, shared, nodes.id()).await?;
        let sample = demo::furnish(basics, &core, &store, &cipher).await?;
        if let Some(replicator) = core.replicator() {
            replicator.located().await;
        }
        let counted = seed::restore_state(&core, &store).await?;
        let read_at = counted.at();
        if let Some(replicator) = core.replicator() {
            replicator.seeded(counted);
        }
        let relay = relay::shared(basics, &core);
        let seal = management::seal(settings, &cipher);
        let api = management::api(basics, &core, &relay, &tls, store.clone(), cipher);
        jobs::start(basics, &core, &store, &nodes, read_at, &relay.door);
        checks::start(&settings.breaker, &relay, &tls);
        if !settings.limits.enabled {
            let text = "ENABLE_RATE_LIMIT is off: limits are counted and nobody is refused";
            basics.readiness.report("limits", Severity::Degraded, text);
            tracing::warn!("{text}");
        }
        tracing::info!("the store is {}", store.place());
        let (basics, workers) = (basics.clone(), AtomicUsize::new(0));
        Ok(Self { basics, core, relay, api, seal, tls, nodes, workers, sample })
    }

    /// Makes the console's state, which all workers share.
    #[must_use]
    pub fn console(&self, shell: &Arc<Shell>) -> Data<Console> {
        Data::new(Console {
            api: self.api.clone(),
            shell: Arc::clone(shell),
            relay: Arc::clone(&self.relay),
            seal: self.seal.clone(),
            public_url: self.basics.settings.server.public_url.clone(),
        })
    }

    /// Returns what a demonstration goes on with.
    #[must_use]
    pub const fn sample(&self) -> Option<&Sample> {
        self.sample.as_ref()
    }

    /// Begins to count the figures of all slots that no more rows are expected in.
    pub fn roll_up(&self) {
        let store = self.api.app.store.clone();
        let counting = jobs::roll_up(self.basics.clone(), store, Arc::from(self.nodes.id()));
        actix_rt::spawn(counting);
    }

    /// Counts guesses at the admin token and at keys, for all who look at tokens.
    #[must_use]
    pub fn guesses(&self) -> Arc<Throttle> {
        Arc::clone(&self.api.guesses)
    }

    /// Brings gauges up to date when somebody looks at them.
    #[must_use]
    pub fn refresh(&self) -> Refresh {
        figures::refresh(&self.basics, &self.core, &self.relay)
    }

    /// Makes one worker's state: its actors and upstream clients. A worker without a journal
    /// relays nothing.
    #[must_use]
    pub fn worker(&self, console: &Data<Console>) -> WorkerParts {
        let index = self.workers.fetch_add(1, Ordering::Relaxed);
        let made = relay::worker(&self.basics, &self.core, &self.relay, &self.tls, index);
        if let Err(error) = &made {
            let text = "a worker cannot open its journal: look at the disk of the data directory";
            tracing::error!(%error, "{text}");
            self.basics.readiness.report("worker", Severity::Down, text);
        }
        WorkerParts { relay: made.ok(), api: self.api.clone(), console: console.clone() }
    }

    /// The stop begins: actors end with their workers from here on, and that is no fault.
    pub fn stand_down(&self) {
        self.core.health().stand_down();
        // Streams of the console would hold the stop up to the end of the grace.
        self.core.live().close();
        let most = longest_stop(self.basics.settings.server.shutdown_grace);
        tracing::info!(stop.most_s = most.as_secs(), "the stop takes at most {most:?}");
    }

    /// Writes what is still in memory, once the last answer has ended.
    pub async fn flush(&self) {
        // A node that cannot say goodbye is forgotten when it stays silent.
        let goodbye = timeout(FLUSH_FOR, self.nodes.leave());
        let written = async {
            let stop = timeout(FLUSH_FOR + JOIN_FOR, self.core.stop(FLUSH_FOR)).await;
            if !matches!(stop, Ok(Ok(()))) {
                tracing::warn!(
                    "rows still wait for the database; they are in the journal, and the next \
                     start writes them"
                );
            }
        };
        let (_said, ()) = tokio::join!(goodbye, written);
    }
}

/// Adds every route, and what the relay ahead of them needs.
pub fn routes(config: &mut ServiceConfig, worker: &WorkerParts) {
    config.app_data(worker.api.clone());
    config.app_data(worker.console.clone());
    web::base(config);
    console::mount(config);
    web::login::mount(config);
    web::api::mount(config);
    if let Some(relay) = &worker.relay {
        config.app_data(relay.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, Sources};

    fn seconds_after(text: &str, mark: &str) -> Duration {
        let rest = text.split_once(mark).unwrap().1;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Duration::from_secs(digits.parse().unwrap())
    }

    #[test]
    fn every_supervisor_waits_longer_than_a_stop_may_take() {
        let settings = Settings::load(&Sources::default()).unwrap();
        let stop = longest_stop(settings.server.shutdown_grace);
        for (text, mark) in [
            (include_str!("../../contrib/switchyard.service"), "\nTimeoutStopSec="),
            (include_str!("../../docker-compose.yml"), "stop_grace_period: "),
            (include_str!("../../Dockerfile"), "use --time "),
            (include_str!("../../docs/DEPLOY.md"), "give it "),
        ] {
            assert!(seconds_after(text, mark) > stop, "{mark}: {stop:?}");
        }
    }
}
