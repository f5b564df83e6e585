//! The breakers of all providers (D9): outcomes are recorded synchronously, in the settle of each
//! attempt, so that all workers see the same state without a message.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::domain::breaker::{Breaker, Cause, Change, Event, Gate, Transition, change, next};
use crate::domain::breaker_view::BreakerView;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::map::Map;
use crate::domain::outcome::TryOutcome;
use crate::domain::provider::BreakerConfig;

/// Failures whose causes are remembered.
const CAUSES: usize = 5;
/// How long others go first after a connection failed, when that does not count.
const TRANSPORT_REST: Duration = Duration::from_secs(10);
/// How long others go first after a vendor was busy and named no time.
const OVERLOAD_REST: Duration = Duration::from_secs(5);
/// The bounds of what a vendor may ask for.
const LEAST_COOL: Duration = Duration::from_secs(1);
const MOST_COOL: Duration = Duration::from_hours(1);

#[derive(Debug, Default)]
struct Entry {
    breaker: Breaker,
    cooling_until: Option<Micros>,
    resting_until: Option<Micros>,
    causes: VecDeque<Cause>,
}

/// All breakers. Providers without trouble have no entry, so that looking at them costs one read.
#[derive(Debug, Default)]
pub struct Breakers {
    entries: ArcSwap<Map<ProviderId, Arc<Mutex<Entry>>>>,
    count_transport: bool,
}

/// The right to try a provider that is half open. Dropping it is neutral.
#[derive(Debug)]
#[must_use = "dropping a permit gives it back"]
pub struct ProbePermit {
    breakers: Arc<Breakers>,
    provider: ProviderId,
    cfg: BreakerConfig,
    phase: u64,
    transition: Option<Transition>,
    spent: bool,
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
    /// When.
    pub now: Micros,
}

impl Breakers {
    /// Makes breakers that are all closed. `count_transport` is
    /// `ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS`.
    #[must_use]
    pub fn new(count_transport: bool) -> Self {
        Self { entries: ArcSwap::default(), count_transport }
    }

    /// Returns what an attempt would meet, and changes nothing.
    #[must_use]
    pub fn check(&self, provider: ProviderId, cfg: &BreakerConfig, now: Micros) -> Gate {
        let entries = self.entries.load();
        entries.get(&provider).map_or(Gate::Pass, |entry| entry.lock().look(cfg, now))
    }

    /// Lets an attempt start: with a permit when the provider is half open, else without. One that
    /// only rests is let through: who asks for it has found nobody else.
    pub fn admit(
        self: &Arc<Self>,
        provider: ProviderId,
        cfg: &BreakerConfig,
        now: Micros,
    ) -> Result<Option<ProbePermit>, Gate> {
        let Some(entry) = self.known(provider) else { return Ok(None) };
        let mut entry = entry.lock();
        match entry.gate(cfg, now) {
            Gate::Pass => Ok(None),
            Gate::Probe => {
                let transition = entry.apply(provider, Event::Probing, cfg, now);
                let phase = entry.breaker.phase();
                let (breakers, cfg) = (Arc::clone(self), *cfg);
                Ok(Some(ProbePermit { breakers, provider, cfg, phase, transition, spent: false }))
            }
            closed => Err(closed),
        }
    }

    /// Records how an attempt ended. See [`Breakers::record_with`].
    pub fn record(
        &self,
        provider: ProviderId,
        cfg: &BreakerConfig,
        outcome: TryOutcome,
        permit: Option<ProbePermit>,
        now: Micros,
    ) -> Option<Transition> {
        let report = Report { outcome, detail: None, retry_after: None, now };
        self.record_with(provider, cfg, report, permit)
    }

    /// Records how an attempt ended, with a word for people. The provider's fault counts; a
    /// connection that failed counts by setting and else lets others go first; being overloaded cools
    /// the provider; everything else is neutral and gives the permit back.
    pub fn record_with(
        &self,
        provider: ProviderId,
        cfg: &BreakerConfig,
        report: Report<'_>,
        mut permit: Option<ProbePermit>,
    ) -> Option<Transition> {
        let now = report.now;
        match report.outcome {
            TryOutcome::Success => {
                let entry = self.known(provider)?;
                let probe = permit.as_mut().map(ProbePermit::spend);
                entry.lock().apply(provider, Event::Succeeded { probe }, cfg, now)
            }
            TryOutcome::TransportFault if !self.count_transport => {
                if cfg.threshold > 0 {
                    self.entry(provider).lock().rest(now.plus(TRANSPORT_REST));
                }
                None
            }
            TryOutcome::ProviderFault | TryOutcome::TransportFault => {
                let probe = permit.as_mut().map(ProbePermit::spend);
                let entry = self.entry(provider);
                let mut entry = entry.lock();
                entry.note(&report);
                entry.apply(provider, Event::Failed { probe }, cfg, now)
            }
            TryOutcome::Overloaded => {
                self.record_overload(provider, report.retry_after, now);
                None
            }
            TryOutcome::NotFound
            | TryOutcome::ClientFault
            | TryOutcome::ClientGone
            | TryOutcome::CutShort => None,
        }
    }

    /// Leaves a provider alone for as long as the vendor asked: at least 1 s, at most an hour. When
    /// it named no time, others go first for 5 s.
    pub fn record_overload(
        &self,
        provider: ProviderId,
        retry_after: Option<Duration>,
        now: Micros,
    ) {
        let entry = self.entry(provider);
        match retry_after {
            Some(wait) => entry.lock().cool(now.plus(wait.clamp(LEAST_COOL, MOST_COOL))),
            None => entry.lock().rest(now.plus(OVERLOAD_REST)),
        }
    }

    /// Closes a provider's breaker and ends its cooling.
    pub fn reset(&self, provider: ProviderId, now: Micros) -> Option<Transition> {
        let entry = self.known(provider)?;
        let mut entry = entry.lock();
        entry.cooling_until = None;
        entry.resting_until = None;
        let changed = entry.apply(provider, Event::Reset, &BreakerConfig::default(), now);
        changed.map(|transition| Transition { change: Change::Reset, ..transition })
    }

    /// Returns the views of all providers that ever had trouble, by id.
    #[must_use]
    pub fn views(&self) -> Vec<BreakerView> {
        let entries = self.entries.load();
        let seen = |(id, entry): (&ProviderId, &Arc<Mutex<Entry>>)| entry.lock().breaker.view(*id);
        let mut views: Vec<BreakerView> = entries.iter().map(seen).collect();
        views.sort_unstable_by_key(|view| view.provider);
        views
    }

    /// Returns the last failures of a provider, the latest first.
    #[must_use]
    pub fn causes(&self, provider: ProviderId) -> Vec<Cause> {
        self.known(provider).map_or_else(Vec::new, |entry| entry.lock().latest_causes())
    }

    /// Forgets the providers that are no longer in the catalogue.
    pub fn forget(&self, is_known: impl Fn(ProviderId) -> bool) {
        self.entries.rcu(|entries| {
            let kept = entries.iter().filter(|(provider, _)| is_known(**provider));
            kept.map(|(provider, entry)| (*provider, Arc::clone(entry))).collect::<Map<_, _>>()
        });
    }

    fn known(&self, provider: ProviderId) -> Option<Arc<Mutex<Entry>>> {
        self.entries.load().get(&provider).cloned()
    }

    fn entry(&self, provider: ProviderId) -> Arc<Mutex<Entry>> {
        if let Some(entry) = self.known(provider) {
            return entry;
        }
        let fresh = Arc::<Mutex<Entry>>::default();
        self.entries.rcu(|entries| {
            let mut entries = Map::clone(entries);
            entries.entry(provider).or_insert_with(|| Arc::clone(&fresh));
            entries
        });
        self.known(provider).unwrap_or(fresh)
    }
}

impl Entry {
    fn gate(&self, cfg: &BreakerConfig, now: Micros) -> Gate {
        let cooling = self.cooling_until.filter(|until| now < *until);
        match (self.breaker.gate(cfg, now), cooling) {
            (Gate::Pass | Gate::Probe, Some(until)) => Gate::Cooling { until },
            (gate, _) => gate,
        }
    }

    /// The gate, and whether others should go first.
    fn look(&self, cfg: &BreakerConfig, now: Micros) -> Gate {
        let resting = self.resting_until.filter(|until| now < *until);
        match (self.gate(cfg, now), resting) {
            (Gate::Pass | Gate::Probe, Some(until)) => Gate::Resting { until },
            (gate, _) => gate,
        }
    }

    fn cool(&mut self, until: Micros) {
        self.cooling_until = self.cooling_until.max(Some(until));
    }

    fn rest(&mut self, until: Micros) {
        self.resting_until = self.resting_until.max(Some(until));
    }

    fn note(&mut self, report: &Report<'_>) {
        self.causes.truncate(CAUSES - 1);
        let detail = report.detail.map(Arc::from);
        self.causes.push_front(Cause { at: report.now, outcome: report.outcome, detail });
    }

    fn latest_causes(&self) -> Vec<Cause> {
        self.causes.iter().cloned().collect()
    }

    fn apply(
        &mut self,
        provider: ProviderId,
        event: Event,
        cfg: &BreakerConfig,
        now: Micros,
    ) -> Option<Transition> {
        let before = self.breaker;
        self.breaker = next(before, event, cfg, now);
        let change = change(&before, &self.breaker)?;
        let view = self.breaker.view(provider);
        Some(Transition {
            provider,
            change,
            from: before.view(provider).state,
            at: now,
            until: view.open_until,
            failures: view.failures,
            causes: self.latest_causes(),
        })
    }
}

impl ProbePermit {
    /// Returns the provider.
    #[must_use]
    pub const fn provider(&self) -> ProviderId {
        self.provider
    }

    /// Takes the news that this permit turned the breaker half open, if it did; once.
    pub const fn take_transition(&mut self) -> Option<Transition> {
        self.transition.take()
    }

    fn spend(&mut self) -> u64 {
        self.spent = true;
        self.phase
    }
}

impl Drop for ProbePermit {
    fn drop(&mut self) {
        if self.spent {
            return;
        }
        if let Some(entry) = self.breakers.known(self.provider) {
            let mut entry = entry.lock();
            // The instant plays no part in giving a permit back.
            entry.apply(self.provider, Event::Returned { probe: self.phase }, &self.cfg, Micros(0));
        }
    }
}

#[cfg(test)]
#[path = "breakers_tests.rs"]
mod tests;
