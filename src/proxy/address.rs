//! The addresses of the provider that is tried: which one is next, and what a try said of it.

use std::borrow::Cow;
use std::sync::Arc;

use switchyard_actors::domain::breaker_key::BreakerKey;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::decision::LinkEndpoint;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::{Endpoint, Provider};
use switchyard_actors::shared::breakers::{ProbePermit, Report, Unreached};

use super::attempt;
use super::flight::Flight;
use super::forward::TryLimits;
use super::headers;
use super::worker::Shared;
use crate::upstream::proxy::ProxyCause;
use crate::upstream::{Reply, SendFailure};
use crate::wire::rate_limits;
use crate::wire::url::{authority, bare};

/// The address of a try; dropping it gives its probe back, neutrally.
#[derive(Debug, Default)]
pub struct Address {
    /// Its place among the provider's addresses.
    pub place: usize,
    /// The permission to probe it.
    permit: Option<ProbePermit>,
    /// The places that were tried before.
    tried: Vec<usize>,
    /// The host that the last try could not connect to.
    unreached: Option<Arc<str>>,
}

impl Address {
    /// Returns where a provider is tried first: at the first address that may be tried, or at its
    /// first one when none may. Whoever chose the provider has found nobody else then.
    pub fn first(shared: &Shared, provider: &Provider) -> Self {
        let mut address = Self::default();
        address.settle_on(shared, provider);
        address
    }

    /// Goes on to the next address.
    pub fn advance(&mut self, shared: &Shared, provider: &Provider) {
        self.tried.push(self.place);
        self.settle_on(shared, provider);
    }

    /// Begins another try at the same address.
    pub fn again(&mut self) {
        self.unreached = None;
    }

    /// Counts the addresses that were not tried and may be.
    pub fn left(&self, shared: &Shared, provider: &Provider) -> usize {
        if provider.endpoints.len() < 2 {
            return 0;
        }
        let now = shared.clock.now();
        let may = |place: &usize| !shared.breakers.is_endpoint_open(provider, *place, now);
        self.untried(shared, provider)
            .into_iter()
            .filter(|at| *at != self.place)
            .filter(may)
            .count()
    }

    /// Returns the host that could not be connected to.
    pub fn unreached(&self) -> Option<&Arc<str>> {
        self.unreached.as_ref()
    }

    fn settle_on(&mut self, shared: &Shared, provider: &Provider) {
        self.unreached = None;
        self.permit = None;
        if provider.endpoints.len() < 2 {
            return;
        }
        let order = self.untried(shared, provider);
        let taken = shared.breakers.take_endpoint(provider, &order, shared.clock.now());
        let Some((place, mut permit)) = taken else {
            self.place = order.first().copied().unwrap_or(self.place);
            return;
        };
        let half_open = permit.as_mut().and_then(ProbePermit::take_transition);
        shared.registry.tell_all(half_open);
        (self.place, self.permit) = (place, permit);
    }

    /// Returns the places that were not tried, in the order of trying: those whose last check failed
    /// come last.
    fn untried(&self, shared: &Shared, provider: &Provider) -> Vec<usize> {
        let mut places: Vec<usize> =
            (0..provider.endpoints.len()).filter(|at| !self.tried.contains(at)).collect();
        let has_failed = |place: &usize| {
            provider.endpoints.get(*place).is_some_and(|one| shared.probes.has_failed(one.id))
        };
        if places.len() > 1 {
            places.sort_by_key(has_failed);
        }
        places
    }
}

/// What sending a request said of the address that it was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// It answered, whatever it was.
    Answered,
    /// There was no connection to it.
    Unreached,
    /// There was none to the proxy before it.
    ProxyUnreached,
    /// The connection broke, or the proxy did not get through to it.
    Broke,
    /// It was silent for as long as it may be.
    Silent,
    /// Nothing.
    Nothing,
}

impl Said {
    fn of(reply: &Result<Reply, SendFailure>, limits: TryLimits) -> Self {
        match reply {
            Ok(_) => Self::Answered,
            Err(SendFailure::Connect(_)) => Self::Unreached,
            Err(SendFailure::Broken(_)) => Self::Broke,
            Err(SendFailure::Proxy(fault)) => match &fault.cause {
                cause if cause.is_of_the_address() => Self::Broke,
                ProxyCause::Unreachable(_) => Self::ProxyUnreached,
                _ => Self::Nothing,
            },
            Err(SendFailure::FirstByte(silent_for))
                if attempt::is_charged(*silent_for, limits.expected) =>
            {
                Self::Silent
            }
            Err(_) => Self::Nothing,
        }
    }
}

/// Notes what a try said of its address, of the hosts in general, and of the vendor's limits.
pub fn note(flight: &mut Flight, reply: &Result<Reply, SendFailure>, limits: TryLimits) {
    let said = Said::of(reply, limits);
    let shared = Arc::clone(&flight.worker.shared);
    let now = shared.clock.now();
    let catalogue = Arc::clone(&flight.catalogue);
    let is_side = flight.arrival.route.operation == Operation::CountTokens;
    let Some(attempt) = &mut flight.attempt else { return };
    let provider = Arc::clone(&attempt.provider);
    let url = provider.endpoints.get(attempt.address.place).map_or("", |one| &*one.url);
    let went_around = attempt.proxy_fault.is_some();
    let host = if went_around { Cow::Borrowed(authority(url)) } else { host_of(&provider, url) };
    match said {
        Said::Answered => shared.registry.tell_all(shared.breakers.reached(&host, now)),
        Said::Unreached | Said::ProxyUnreached => {
            attempt.address.unreached = Some(Arc::from(&*host));
        }
        Said::Broke | Said::Silent | Said::Nothing => {}
    }
    if let Ok(reply) = reply {
        let header = |name: &str| headers::text(reply.response.headers(), name);
        shared.remaining.note(provider.id, now, rate_limits::allowances(header));
    }
    let permit = attempt.address.permit.take();
    if !is_side {
        let of = Of { shared: &shared, catalogue: &catalogue, provider: &provider };
        of.record(attempt.address.place, said, &host, permit, now);
    }
}

/// What an address's breaker is told with.
struct Of<'a> {
    shared: &'a Shared,
    catalogue: &'a Catalogue,
    provider: &'a Provider,
}

impl Of<'_> {
    /// Records a try with the breaker of its address, where it has one.
    fn record(
        &self,
        place: usize,
        said: Said,
        host: &str,
        permit: Option<ProbePermit>,
        now: Micros,
    ) {
        let Some(endpoint) = self.provider.endpoints.get(place) else { return };
        let Some(config) = self.shared.breakers.endpoint_config(self.provider) else { return };
        let (outcome, detail) = match said {
            Said::Answered => (TryOutcome::Success, None),
            Said::Unreached => (TryOutcome::TransportFault, Some("tcp connect")),
            Said::Broke => (TryOutcome::TransportFault, Some("tcp reset")),
            Said::Silent => (TryOutcome::ProviderFault, Some("silence")),
            Said::ProxyUnreached | Said::Nothing => return,
        };
        let is_unreached = said == Said::Unreached;
        let unreached = is_unreached.then(|| unreached(self.catalogue, host));
        let report = Report { outcome, detail, retry_after: None, unreached, now };
        let key = BreakerKey::endpoint(self.provider.id, endpoint.id);
        let changes = self.shared.breakers.record_with(key, &config, report, permit);
        self.shared.registry.tell_all(changes);
    }
}

/// Names the address of a try, where its provider has several.
pub fn named(provider: &Provider, place: usize) -> Option<LinkEndpoint> {
    let of =
        |endpoint: &Endpoint| LinkEndpoint { id: endpoint.id, url: bare(&endpoint.url).into() };
    provider.endpoints.get(place).filter(|_| provider.endpoints.len() > 1).map(of)
}

/// Says of a host that could not be reached whether there is another one to compare it with.
pub fn unreached<'h>(catalogue: &Catalogue, host: &'h str) -> Unreached<'h> {
    let is_other = |provider: &Provider| {
        provider.endpoints.iter().any(|one| host_of(provider, &one.url) != host)
    };
    Unreached { host, alone: !comparable(catalogue).any(|one| is_other(one)) }
}

/// Returns the providers whose hosts may be connected to for the sake of others: those that are
/// switched on. One whose proxy is unusable has no way that may be taken, and never the direct one.
pub fn comparable(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Provider>> {
    catalogue.providers.iter().filter(|one| one.enabled && !one.proxy.is_unusable())
}

/// Returns the host that is connected to on the way to an address: the proxy's where there is one.
pub fn host_of<'u>(provider: &Provider, url: &'u str) -> Cow<'u, str> {
    let proxy = provider.proxy.proxy();
    proxy.map_or(Cow::Borrowed(authority(url)), |proxy| Cow::Owned(proxy.to_string()))
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::proxy::ProxyUse;
    use switchyard_actors::testing::provider;

    use super::*;

    const HOST: &str = "dead.example:443";

    fn is_alone(others: Vec<Provider>) -> bool {
        let providers: Vec<_> = others.into_iter().map(Arc::new).collect();
        unreached(&Catalogue { providers: providers.into(), ..Catalogue::default() }, HOST).alone
    }

    #[test]
    fn a_host_is_alone_when_no_other_may_be_connected_to() {
        assert!(is_alone(vec![]));
        assert!(!is_alone(vec![provider(1)]));
        let mut off = provider(1);
        off.enabled = false;
        let mut hidden = provider(2);
        hidden.proxy = ProxyUse::of(Some("proxy.example:3128"), false);
        assert!(is_alone(vec![off, hidden.clone()]), "it is never asked without its proxy");
        hidden.proxy = ProxyUse::of(Some("http://proxy.example:3128"), false);
        assert!(!is_alone(vec![hidden]), "the proxy is a host to compare with");
    }
}
