//! The breakers of all providers and their addresses (D9): outcomes are recorded synchronously, in
//! the settle of each attempt, so that all workers see the same state without a message.

mod endpoints;
mod entry;
mod lease;
mod nodes;
mod permit;
mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use entry::Entry;
pub use nodes::Poll;
pub use permit::ProbePermit;

use super::network::Network;
use crate::domain::breaker::{Cause, Event, Gate, Transition};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::map::Map;
use crate::domain::outcome::TryOutcome;
use crate::domain::provider::BreakerConfig;
pub use crate::domain::reachability::Unreached;

/// How long others go first after a connection failed, when that does not count.
const TRANSPORT_REST: Duration = Duration::from_secs(10);
/// How long others go first after a vendor was busy and named no time.
const OVERLOAD_REST: Duration = Duration::from_secs(5);
/// The bounds of what a vendor may ask for.
const LEAST_COOL: Duration = Duration::from_secs(1);
const MOST_COOL: Duration = Duration::from_hours(1);

type Locked = Arc<Mutex<Entry>>;

/// All breakers. Providers without trouble have no entry, so that looking at them costs one read.
#[derive(Debug)]
pub struct Breakers {
    entries: ArcSwap<Map<BreakerKey, Locked>>,
    network: Network<Held>,
    rules: BreakerRules,
    /// Probes need a lease.
    leased: AtomicBool,
    polls: AtomicU64,
}

/// What a look at a breaker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// An attempt, which would probe what may be probed.
    ToAsk,
    /// People: nothing comes of it.
    ToShow,
}

/// What counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRules {
    /// `ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS`: connections that fail count against the provider.
    pub count_transport: bool,
    /// `NETWORK_CANARY` is set: somebody connects to it when a host fails alone.
    pub has_canary: bool,
    /// `ENABLE_ENDPOINT_CIRCUIT_BREAKER`: the addresses of providers that have several are guarded.
    pub endpoints: bool,
}

impl Default for BreakerRules {
    fn default() -> Self {
        Self { count_transport: false, has_canary: false, endpoints: true }
    }
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The kind of end.
    pub outcome: TryOutcome,
    /// More for people, such as `http 503`; never a key or a body.
    pub detail: Option<&'a str>,
    /// How long an overloaded vendor asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The host that could not be reached, when it was that.
    pub unreached: Option<Unreached<'a>>,
    /// When.
    pub now: Micros,
}

/// A failure that may have to wait until it is known whose fault it was.
#[derive(Debug)]
struct Held {
    key: BreakerKey,
    cfg: BreakerConfig,
    probe: Option<u64>,
    cause: Cause,
}

impl Breakers {
    /// Makes breakers that are all closed. `count_transport` is
    /// `ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS`.
    #[must_use]
    pub fn new(count_transport: bool) -> Self {
        Self::ruled(BreakerRules { count_transport, ..BreakerRules::default() })
    }

    /// Makes breakers that are all closed.
    #[must_use]
    pub fn ruled(rules: BreakerRules) -> Self {
        Self {
            entries: ArcSwap::default(),
            network: Network::new(rules.has_canary),
            rules,
            leased: AtomicBool::new(false),
            polls: AtomicU64::new(0),
        }
    }

    /// Returns what an attempt would meet; nothing is taken. It is for attempts: what may be probed is
    /// noted as wanted, so that this node asks for the right to. Others [`peek`](Self::peek).
    #[must_use]
    pub fn check(&self, key: impl Into<BreakerKey>, cfg: &BreakerConfig, now: Micros) -> Gate {
        self.gate(key.into(), cfg, now, Look::ToAsk)
    }

    /// Returns what an attempt would meet, for people: nothing comes of it.
    #[must_use]
    pub fn peek(&self, key: impl Into<BreakerKey>, cfg: &BreakerConfig, now: Micros) -> Gate {
        self.gate(key.into(), cfg, now, Look::ToShow)
    }

    fn gate(&self, key: BreakerKey, cfg: &BreakerConfig, now: Micros, look: Look) -> Gate {
        let entries = self.entries.load();
        let Some(entry) = entries.get(&key) else { return Gate::Pass };
        let mut entry = entry.lock();
        if look == Look::ToAsk {
            entry.want(cfg, now);
        }
        entry.look(cfg, now, self.leased.load(Ordering::Acquire))
    }

    /// Lets an attempt start: with a permit when the breaker is half open, else without. One that
    /// only rests is let through: who asks for it has found nobody else.
    pub fn admit(
        self: &Arc<Self>,
        key: impl Into<BreakerKey>,
        cfg: &BreakerConfig,
        now: Micros,
    ) -> Result<Option<ProbePermit>, Gate> {
        let key = key.into();
        let Some(entry) = self.known(key) else { return Ok(None) };
        let mut entry = entry.lock();
        entry.want(cfg, now);
        match entry.gate(cfg, now, self.leased.load(Ordering::Acquire)) {
            Gate::Pass => Ok(None),
            Gate::Probe => {
                entry.lease.probe(now);
                let transition = entry.apply(key, Event::Probing, cfg, now);
                let phase = entry.breaker.phase();
                let (breakers, cfg) = (Arc::clone(self), *cfg);
                Ok(Some(ProbePermit { breakers, key, cfg, phase, transition, spent: false }))
            }
            closed => Err(closed),
        }
    }

    /// Records how an attempt ended; returns the change that came of it. See
    /// [`Breakers::record_with`].
    pub fn record(
        &self,
        key: impl Into<BreakerKey>,
        cfg: &BreakerConfig,
        outcome: TryOutcome,
        permit: Option<ProbePermit>,
        now: Micros,
    ) -> Option<Transition> {
        let report = Report { outcome, detail: None, retry_after: None, unreached: None, now };
        self.record_with(key, cfg, report, permit).pop()
    }

    /// Records how an attempt ended, with a word for people. The provider's fault counts; a
    /// connection that failed counts by setting and unless our own network is down, and else lets
    /// others go first; being overloaded cools the provider; everything else is neutral and gives the
    /// permit back. Returns all changes, also of other breakers whose failures had to wait.
    pub fn record_with(
        &self,
        key: impl Into<BreakerKey>,
        cfg: &BreakerConfig,
        report: Report<'_>,
        mut permit: Option<ProbePermit>,
    ) -> Vec<Transition> {
        let (key, now) = (key.into(), report.now);
        match report.outcome {
            TryOutcome::Success => {
                let Some(entry) = self.known(key) else { return Vec::new() };
                let probe = permit.as_mut().map(ProbePermit::spend);
                entry.lock().apply(key, Event::Succeeded { probe }, cfg, now).into_iter().collect()
            }
            TryOutcome::TransportFault if !self.counts_transport(key) => {
                if cfg.threshold > 0 {
                    self.entry(key).lock().rest(now.plus(TRANSPORT_REST));
                }
                Vec::new()
            }
            TryOutcome::ProviderFault | TryOutcome::TransportFault => {
                self.fault(key, cfg, report, permit)
            }
            TryOutcome::Overloaded => {
                self.record_overload(key.provider, report.retry_after, now);
                Vec::new()
            }
            TryOutcome::NotFound
            | TryOutcome::ClientFault
            | TryOutcome::ClientGone
            | TryOutcome::CutShort
            | TryOutcome::NotSent => Vec::new(),
        }
    }

    /// An address exists to be connected to; what failing there says of its provider is a setting.
    const fn counts_transport(&self, key: BreakerKey) -> bool {
        self.rules.count_transport || key.endpoint.is_some()
    }

    fn fault(
        &self,
        key: BreakerKey,
        cfg: &BreakerConfig,
        report: Report<'_>,
        mut permit: Option<ProbePermit>,
    ) -> Vec<Transition> {
        let Report { outcome, detail, unreached, now, .. } = report;
        let cause = Cause { at: now, outcome, detail: detail.map(Arc::from) };
        let unreached = unreached.filter(|_| outcome == TryOutcome::TransportFault);
        let Some(unreached) = unreached else {
            let probe = permit.as_mut().map(ProbePermit::spend);
            return self.count(vec![Held { key, cfg: *cfg, probe, cause }], now);
        };
        // Whether it counts may be known only later: until then the permit is another attempt's.
        let probe = permit.map(|permit| permit.phase);
        let held = Held { key, cfg: *cfg, probe, cause };
        self.count(self.network.failed(unreached, now, held), now)
    }

    /// Counts failures.
    fn count(&self, due: Vec<Held>, now: Micros) -> Vec<Transition> {
        let counted = due.into_iter().filter_map(|Held { key, cfg, probe, cause }| {
            let entry = self.entry(key);
            let mut entry = entry.lock();
            entry.note(cause);
            entry.apply(key, Event::Failed { probe }, &cfg, now)
        });
        counted.collect()
    }

    /// Notes that a host has answered, whatever it said. Returns the changes of breakers whose
    /// failures waited for that.
    pub fn reached(&self, host: &str, now: Micros) -> Vec<Transition> {
        let due = self.network.reached(host, now);
        if due.is_empty() { Vec::new() } else { self.count(due, now) }
    }

    /// Tells whether failures wait to be known for what they are: connecting to another host, or the
    /// canary, would decide it.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.network.is_in_doubt()
    }

    /// Tells whether a host could not be connected to the last time: it is no use to compare with.
    #[must_use]
    pub fn is_failing(&self, host: &str) -> bool {
        self.network.is_failing(host)
    }

    /// Notes whether another host, or the canary, can be connected to; returns the changes that come
    /// of it.
    pub fn compared(&self, host: &str, answers: bool, now: Micros) -> Vec<Transition> {
        let due = self.network.compared(host, answers, now);
        self.count(due, now)
    }

    /// Counts the failures that have waited in vain to be known for what they are; to be called every
    /// so often. Returns the changes that come of it.
    pub fn overdue(&self, now: Micros) -> Vec<Transition> {
        let due = self.network.overdue(now);
        if due.is_empty() { Vec::new() } else { self.count(due, now) }
    }

    /// Tells whether our own network seems down, so that connections that fail are nobody's fault.
    #[must_use]
    pub fn is_network_down(&self, now: Micros) -> bool {
        self.network.is_down(now)
    }

    /// Leaves a provider alone for as long as the vendor asked: at least 1 s, at most an hour. When
    /// it named no time, others go first for 5 s.
    pub fn record_overload(
        &self,
        provider: ProviderId,
        retry_after: Option<Duration>,
        now: Micros,
    ) {
        let entry = self.entry(provider.into());
        match retry_after {
            Some(wait) => entry.lock().cool(now.plus(wait.clamp(LEAST_COOL, MOST_COOL))),
            None => entry.lock().rest(now.plus(OVERLOAD_REST)),
        }
    }

    /// Notes that a check beside the requests, which are made every so often, has reached what an
    /// open breaker guards: it may be probed before its time. Nothing else comes of it.
    pub fn checked(
        &self,
        key: impl Into<BreakerKey>,
        cfg: &BreakerConfig,
        every: Duration,
        now: Micros,
    ) -> Option<Transition> {
        let key = key.into();
        self.known(key)?.lock().reached(key, cfg, every, now)
    }

    /// Closes a provider's breaker and those of its addresses, and ends its pauses; failures that
    /// wait to be known for what they are will not count. Returns the changes, the provider's own
    /// first.
    pub fn reset(&self, provider: ProviderId, now: Micros) -> Vec<Transition> {
        self.network.pardon(|held| held.key.provider == provider);
        let entries = self.entries.load();
        let mut keys: Vec<BreakerKey> =
            entries.keys().filter(|key| key.provider == provider).copied().collect();
        keys.sort_unstable();
        let reset = keys.iter().filter_map(|key| {
            let mut entry = entries.get(key)?.lock();
            entry.cooling_until = None;
            entry.resting_until = None;
            entry.apply(*key, Event::Reset, &BreakerConfig::default(), now)
        });
        reset.collect()
    }

    /// Forgets the breakers of what is no longer in the catalogue.
    pub fn forget(&self, is_known: impl Fn(BreakerKey) -> bool) {
        self.entries.rcu(|entries| {
            let kept = entries.iter().filter(|(key, _)| is_known(**key));
            kept.map(|(key, entry)| (*key, Arc::clone(entry))).collect::<Map<_, _>>()
        });
    }

    /// Tells whether a breaker ever had trouble.
    #[must_use]
    pub fn knows(&self, key: BreakerKey) -> bool {
        self.entries.load().contains_key(&key)
    }

    fn known(&self, key: BreakerKey) -> Option<Locked> {
        self.entries.load().get(&key).cloned()
    }

    fn entry(&self, key: BreakerKey) -> Locked {
        if let Some(entry) = self.known(key) {
            return entry;
        }
        let fresh = Locked::default();
        self.entries.rcu(|entries| {
            let mut entries = Map::clone(entries);
            entries.entry(key).or_insert_with(|| Arc::clone(&fresh));
            entries
        });
        self.known(key).unwrap_or(fresh)
    }
}

#[cfg(test)]
#[path = "breakers_tests.rs"]
mod tests;
