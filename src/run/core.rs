//! Starts the core: the actors of the process on their ports, with counters and bindings as an
//! earlier process left them.

use std::sync::Arc;

use actix_rt::Arbiter;
use rustls::ClientConfig;
use switchyard_actors::credential_keeper::CredentialPorts;
use switchyard_actors::domain::catalogue::LiveSettings;
use switchyard_actors::ports::{BoxFuture, FeedAnswer, PortError, PriceFeed, SharedPorts};
use switchyard_actors::price_sync::{PriceConfig, parse_entry};
use switchyard_actors::rate_limiter::{Rules, WaitConfig};
use switchyard_actors::shared::breakers::BreakerRules;
use switchyard_actors::shared::counters::Lifetimes;
use switchyard_actors::system::{Core, CoreConfig, CorePorts};
use switchyard_actors::usage_recorder::{Fsync, JournalConfig};

use super::Basics;
use crate::app::providers::LONGEST_OWN_TIMEOUT;
use crate::settings::{JournalFsync, Settings};
use crate::store::{CatalogueLoader, Cipher, Store, StoredCredentials, StoredPrices};
use crate::upstream::Upstreams;
use crate::upstream::issuer::GoogleIssuer;
use crate::upstream::issuer::place::Places;
use crate::upstream::price_feed::HttpPriceFeed;
use crate::upstream::vendors::HttpVendors;

/// The prices a new relay begins with.
const BUNDLED_PRICES: &str = include_str!("../../config/prices.json");

/// Replays the journal, loads the catalogue and starts the global actors.
///
/// # Errors
/// The sentence says what is not there and what to do.
pub async fn start(
    basics: &Basics,
    store: &Store,
    cipher: &Cipher,
    tls: &Arc<ClientConfig>,
    shared: Option<SharedPorts>,
    node: &str,
) -> anyhow::Result<Arc<Core>> {
    let settings = &basics.settings;
    let clock = Arc::clone(&basics.clock);
    let defaults =
        LiveSettings { time_zone: settings.time.zone.as_str().into(), ..LiveSettings::default() };
    let ports = CorePorts {
        ledger: Arc::new(store.clone()),
        catalogue: Arc::new(
            CatalogueLoader::new(store.clone(), cipher.clone(), parse_entry, defaults)
                .with_clock(Arc::clone(&clock)),
        ),
        feed: feed(settings, tls),
        prices: Arc::new(StoredPrices::new(store.clone(), Arc::clone(&clock))),
        credentials: credentials(basics, store, cipher, tls, node),
        shared,
        clock,
        luck: Arc::clone(&basics.luck),
    };
    let core = Core::start(ports, config(basics)).await?;
    let replayed = core.replayed();
    if replayed.directories > 0 || replayed.kept > 0 {
        tracing::info!(
            rows.closed = replayed.closed,
            rows.interrupted = replayed.interrupted,
            rows.refused = replayed.refused,
            directories.kept = replayed.kept,
            "the journal of an earlier process was read: {} finished requests, {} interrupted ones",
            replayed.closed,
            replayed.interrupted,
        );
    }
    Ok(core)
}

fn config(basics: &Basics) -> CoreConfig {
    let settings = &basics.settings;
    let fsync = match settings.storage.journal_fsync {
        JournalFsync::Every200Ms => Fsync::Periodic,
        JournalFsync::Always => Fsync::Always,
        JournalFsync::Off => Fsync::Off,
    };
    CoreConfig {
        data: basics.directory.clone(),
        journal: JournalConfig { fsync, ..JournalConfig::default() },
        lifetimes: lifetimes(settings),
        rules: Rules { enforce: settings.limits.enabled, strict: settings.limits.strict },
        counted: settings.limits.price,
        wait: WaitConfig { time: settings.limits.queue, places: settings.limits.queue_places },
        breakers: BreakerRules {
            count_transport: settings.breaker.network_errors,
            has_canary: settings.breaker.canary.is_some(),
            endpoints: settings.breaker.endpoints,
        },
        prices: PriceConfig { seed: BUNDLED_PRICES.into(), every: settings.prices.interval },
    }
}

/// A try may begin until our own time is over, and last as long as its provider may take then.
fn lifetimes(settings: &Settings) -> Lifetimes {
    let longest = settings.timeouts.total.saturating_add(LONGEST_OWN_TIMEOUT);
    let sessions = Lifetimes { session_ttl: settings.session.ttl, ..Lifetimes::default() };
    sessions.with_answers_of(longest)
}

/// The fetcher lives on the arbiter of the process: it waits, it does not compute.
fn feed(settings: &Settings, tls: &Arc<ClientConfig>) -> Arc<dyn PriceFeed> {
    let Some(url) = settings.prices.feed_url.clone() else { return Arc::new(NoFeed) };
    let (tls, connect) = (Arc::clone(tls), settings.timeouts.connect);
    let make = move || Upstreams::new(tls, connect);
    let here = Arbiter::current();
    Arc::new(HttpPriceFeed::start(&here, url, settings.upstream.allow_private_urls, make))
}

/// Who gets tokens waits and does not compute, so it lives where the feed does.
fn credentials(
    basics: &Basics,
    store: &Store,
    cipher: &Cipher,
    tls: &Arc<ClientConfig>,
    node: &str,
) -> CredentialPorts {
    let settings = &basics.settings;
    let clock = Arc::clone(&basics.clock);
    let (here, connect) = (Arbiter::current(), settings.timeouts.connect);
    let vendors = HttpVendors::start(&here, Arc::clone(tls), connect);
    let places = Places::with(settings.upstream.google_token_url.as_deref());
    let allow_private = settings.upstream.allow_private_urls;
    let source = GoogleIssuer::new(Arc::new(vendors), Arc::clone(&clock), places, allow_private);
    let store = StoredCredentials::new(store.clone(), cipher.clone(), clock, node);
    CredentialPorts { source: Arc::new(source), store: Arc::new(store) }
}

/// Stands where the feed is switched off: the prices that are there stay.
struct NoFeed;

impl PriceFeed for NoFeed {
    fn fetch<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<FeedAnswer, PortError>> {
        Box::pin(async { Ok(FeedAnswer::Unchanged) })
    }
}
