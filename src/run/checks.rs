//! What is checked beside the requests: the addresses of providers, and whether our own network is
//! down. Nothing here costs tokens, and nothing here closes a breaker: only requests do.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use rustls::ClientConfig;
use switchyard_actors::domain::breaker_key::BreakerKey;
use switchyard_actors::domain::provider::{Endpoint, Provider};
use switchyard_actors::shared::probes::Probed;
use tokio::time::{Instant, sleep};

use crate::proxy::address::{comparable, host_of};
use crate::proxy::worker::Shared;
use crate::settings::{BreakerSettings, ProbeMethod, ProbeSettings};
use crate::upstream::Egress;
use crate::upstream::check::{CheckFault, Checker, answers};

/// How often it is looked whether failures wait to be known for what they are, and while our network
/// seems down whether it still is; how long a comparison may take, and how many hosts it is made with.
const DOUBT_EVERY: Duration = Duration::from_millis(50);
const DOWN_EVERY: Duration = Duration::from_millis(500);
const DOUBT_LIMIT: Duration = Duration::from_secs(2);
const COMPARED: usize = 3;

/// Starts what the settings ask for, on the present arbiter.
pub fn start(settings: &BreakerSettings, relay: &Arc<Shared>, tls: &Arc<ClientConfig>) {
    if settings.network_errors || settings.endpoints {
        let checker = Checker { tls: Arc::clone(tls), head: false, limit: DOUBT_LIMIT };
        let canary = settings.canary.clone();
        actix_rt::spawn(Doubts { canary, checker, relay: Arc::clone(relay) }.watch());
    }
    if let Some(probe) = settings.probe.clone() {
        let head = probe.method == ProbeMethod::Head;
        let checker = Checker { tls: Arc::clone(tls), head, limit: probe.timeout };
        let rounds = Rounds { probe, checker, relay: Arc::clone(relay) };
        actix_rt::spawn(Rc::new(rounds).run());
    }
}

/// Finds out whose fault it is when a host fails and nobody knows yet whether others would.
struct Doubts {
    canary: Option<String>,
    checker: Checker,
    relay: Arc<Shared>,
}

impl Doubts {
    async fn watch(self) {
        let breakers = &self.relay.breakers;
        loop {
            let now = self.relay.clock.now();
            self.relay.registry.tell_all(breakers.overdue(now));
            let is_down = breakers.is_network_down(now);
            // Two hosts that are dead look like a network that is down until another one is asked.
            if is_down || breakers.is_in_doubt() {
                match &self.canary {
                    Some(canary) => self.tell(canary, answers(canary, DOUBT_LIMIT).await),
                    None => self.compare().await,
                }
            }
            sleep(if is_down { DOWN_EVERY } else { DOUBT_EVERY }).await;
        }
    }

    /// Connects to hosts of other providers; one that answers is told first, for it decides. Of one
    /// that was not connected to for another reason nothing is known.
    async fn compare(&self) {
        let checks = self.others().into_iter().map(|(host, egress, url)| async move {
            (host, self.checker.check(egress, &url).await)
        });
        let mut found = futures_util::future::join_all(checks).await;
        found.sort_by_key(|(_, found)| found.is_err());
        for (host, found) in found {
            match found {
                Ok(()) => self.tell(&host, true),
                Err(CheckFault::NoConnection(_)) => self.tell(&host, false),
                Err(CheckFault::Other(_)) => {}
            }
        }
    }

    fn tell(&self, host: &str, answers: bool) {
        let changes = self.relay.breakers.compared(host, answers, self.relay.clock.now());
        self.relay.registry.tell_all(changes);
    }

    /// Returns some hosts that do not fail, each with the way to an address behind it.
    fn others(&self) -> Vec<(String, Egress, Arc<str>)> {
        let catalogue = self.relay.catalogue.load();
        let mut others: Vec<(String, Egress, Arc<str>)> = Vec::new();
        for provider in comparable(&catalogue) {
            for endpoint in provider.endpoints.iter() {
                let host = host_of(provider, &endpoint.url);
                let is_known = others.iter().any(|(other, ..)| *other == *host);
                if !is_known && others.len() < COMPARED && !self.relay.breakers.is_failing(&host) {
                    let egress = egress(&self.relay, provider);
                    others.push((host.into_owned(), egress, Arc::clone(&endpoint.url)));
                }
            }
        }
        others
    }
}

fn egress(relay: &Shared, provider: &Provider) -> Egress {
    let allow_private = relay.config.allow_private || provider.allow_private;
    Egress { allow_private, proxy: provider.proxy.proxy().cloned() }
}

/// Rounds over all addresses.
struct Rounds {
    probe: ProbeSettings,
    checker: Checker,
    relay: Arc<Shared>,
}

impl Rounds {
    async fn run(self: Rc<Self>) {
        loop {
            sleep(self.probe.every).await;
            let catalogue = self.relay.catalogue.load();
            let all: Vec<(Arc<Provider>, Endpoint)> = comparable(&catalogue)
                .flat_map(|one| {
                    one.endpoints.iter().map(|endpoint| (Arc::clone(one), endpoint.clone()))
                })
                .collect();
            let checks = all.into_iter().map(|(provider, endpoint)| {
                let rounds = Rc::clone(&self);
                async move { rounds.one(&provider, &endpoint).await }
            });
            stream::iter(checks).buffer_unordered(self.probe.at_once).collect::<Vec<()>>().await;
        }
    }

    /// Checks one address.
    async fn one(&self, provider: &Provider, endpoint: &Endpoint) {
        sleep(self.delay()).await;
        let relay = &self.relay;
        let started = Instant::now();
        let found = self.checker.check(egress(relay, provider), &endpoint.url).await;
        let at = relay.clock.now();
        let fault = found.err().map(|fault| Arc::from(fault.to_string()));
        let is_there = fault.is_none();
        relay.probes.note(endpoint.id, Probed { at, took: started.elapsed(), fault });
        if is_there {
            let host = host_of(provider, &endpoint.url);
            relay.registry.tell_all(relay.breakers.reached(&host, at));
            self.open_early(provider, endpoint);
        }
    }

    /// Lets the breakers that a good check speaks against be tried before their time.
    fn open_early(&self, provider: &Provider, endpoint: &Endpoint) {
        let (breakers, now) = (&self.relay.breakers, self.relay.clock.now());
        let of_endpoint = breakers.endpoint_config(provider).and_then(|config| {
            let key = BreakerKey::endpoint(provider.id, endpoint.id);
            breakers.checked(key, &config, self.probe.every, now)
        });
        let own = breakers.checked(provider.id, &provider.breaker, self.probe.every, now);
        self.relay.registry.tell_all(of_endpoint.into_iter().chain(own));
    }

    fn delay(&self) -> Duration {
        let most = u64::try_from(self.probe.jitter.as_micros()).unwrap_or(0);
        Duration::from_micros(self.relay.luck.seed() % most.saturating_add(1))
    }
}
