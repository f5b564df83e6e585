//! One breaker with what is beside it: pauses, causes, its version, its lease. Behind its lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::lease::ProbeLease;
use crate::domain::breaker::{Breaker, Cause, Change, Event, Gate, Transition, change, next};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::breaker_view::BreakerState;
use crate::domain::instant::Micros;
use crate::domain::provider::BreakerConfig;

/// Failures whose causes are remembered.
const CAUSES: usize = 5;
/// The longest wait of checks that open a breaker before its time, as a power of two.
const MOST_PATIENT: u32 = 16;

#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) breaker: Breaker,
    pub(super) cooling_until: Option<Micros>,
    pub(super) resting_until: Option<Micros>,
    causes: VecDeque<Cause>,
    /// The version of the present state, its beginning and its reason.
    pub(super) version: u64,
    pub(super) since: Micros,
    pub(super) reason: Option<Arc<str>>,
    /// The version that the nodes' common store is known to have, and at which poll.
    pub(super) common: Option<(u64, u64)>,
    /// The right of this node to probe.
    pub(super) lease: ProbeLease,
    /// How often in a row a check has let it be probed before its time.
    early: u32,
}

impl Entry {
    /// What an attempt would meet. `leased` says that a probe needs the lease.
    pub(super) fn gate(&self, cfg: &BreakerConfig, now: Micros, leased: bool) -> Gate {
        let cooling = self.cooling_until.filter(|until| now < *until);
        match (self.breaker.gate(cfg, now), cooling) {
            (Gate::Pass | Gate::Probe, Some(until)) => Gate::Cooling { until },
            (Gate::Probe, None) if leased && !self.lease.is_held(now) => Gate::ProbesOut,
            (gate, _) => gate,
        }
    }

    /// The gate, and whether others should go first.
    pub(super) fn look(&self, cfg: &BreakerConfig, now: Micros, leased: bool) -> Gate {
        let resting = self.resting_until.filter(|until| now < *until);
        match (self.gate(cfg, now, leased), resting) {
            (Gate::Pass | Gate::Probe, Some(until)) => Gate::Resting { until },
            (gate, _) => gate,
        }
    }

    /// Notes that an attempt would probe, if there is something to probe.
    pub(super) fn want(&mut self, cfg: &BreakerConfig, now: Micros) {
        if self.gate(cfg, now, false) == Gate::Probe {
            self.lease.want(now);
        }
    }

    pub(super) fn cool(&mut self, until: Micros) {
        self.cooling_until = self.cooling_until.max(Some(until));
    }

    pub(super) fn rest(&mut self, until: Micros) {
        self.resting_until = self.resting_until.max(Some(until));
    }

    pub(super) fn note(&mut self, cause: Cause) {
        self.causes.truncate(CAUSES - 1);
        self.causes.push_front(cause);
    }

    pub(super) fn latest_causes(&self) -> Vec<Cause> {
        self.causes.iter().cloned().collect()
    }

    pub(super) fn apply(
        &mut self,
        key: BreakerKey,
        event: Event,
        cfg: &BreakerConfig,
        now: Micros,
    ) -> Option<Transition> {
        let before = self.breaker;
        self.breaker = next(before, event, cfg, now);
        let change = change(&before, &self.breaker)?;
        let change = if event == Event::Reset { Change::Reset } else { change };
        self.version = self.version.saturating_add(1).max(u64::try_from(now.0).unwrap_or(0));
        self.since = now;
        self.reason = Some(self.reason_of(change));
        if change.to() == BreakerState::Closed {
            self.closed();
        }
        Some(self.tell(key, change, before.state().0, now))
    }

    /// It is closed: what belongs to a breaker that is not is over.
    pub(super) fn closed(&mut self) {
        (self.early, self.lease) = (0, ProbeLease::default());
    }

    /// A check has reached it. It waits longer each time that this was not the end of it: a host may
    /// answer checks and fail requests.
    pub(super) fn reached(
        &mut self,
        key: BreakerKey,
        cfg: &BreakerConfig,
        every: Duration,
        now: Micros,
    ) -> Option<Transition> {
        let patience = every.saturating_mul(1 << self.early.min(MOST_PATIENT));
        if self.breaker.state().0 != BreakerState::Open
            || (self.early > 0 && now.since(self.since) < patience)
        {
            return None;
        }
        self.early = self.early.saturating_add(1);
        self.apply(key, Event::Reached, cfg, now)
    }

    /// Tells a change that has just been made.
    pub(super) fn tell(
        &self,
        key: BreakerKey,
        change: Change,
        from: BreakerState,
        at: Micros,
    ) -> Transition {
        let view = self.breaker.view(key.provider);
        Transition {
            provider: key.provider,
            endpoint: key.endpoint,
            change,
            from,
            at,
            until: view.open_until,
            failures: view.failures,
            causes: self.latest_causes(),
            reason: self.reason.clone().unwrap_or_else(|| Arc::from(change.name())),
            version: self.version,
            elsewhere: false,
        }
    }

    fn reason_of(&self, change: Change) -> Arc<str> {
        let cause = self.causes.front().filter(|_| change == Change::Opened);
        cause.map_or_else(
            || Arc::from(change.name()),
            |cause| cause.detail.clone().unwrap_or_else(|| Arc::from(cause.outcome.name())),
        )
    }
}
