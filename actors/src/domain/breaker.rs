//! A circuit breaker as a pure machine: state and event in, state out.

pub use super::breaker_change::{Cause, Change, Standing, Transition};
use super::breaker_view::{BreakerState, BreakerView};
use super::ids::ProviderId;
use super::instant::Micros;
use super::provider::BreakerConfig;

/// The breaker of a provider, or of one of its addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    state: State,
    failures: u32,
    last_failure_at: Option<Micros>,
    /// Rises with each half-open phase, so that a permit of a former one changes nothing.
    phase: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Micros,
    },
    HalfOpen {
        successes: u32,
        out: u32,
    },
}

/// What happens to a breaker. A `probe` is the phase of the permit the attempt had, if it had one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt ended well.
    Succeeded {
        /// The permit's phase.
        probe: Option<u64>,
    },
    /// An attempt failed by the provider's fault.
    Failed {
        /// The permit's phase.
        probe: Option<u64>,
    },
    /// An attempt wants a probe permit.
    Probing,
    /// A permit came back without a result.
    Returned {
        /// The permit's phase.
        probe: u64,
    },
    /// A check beside the requests has reached an open one: it may be probed before its time. Only
    /// probes close it.
    Reached,
    /// An operator closes it.
    Reset,
}

/// Whether an attempt may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Pass,
    /// It may, with a probe permit.
    Probe,
    /// The breaker is open until then.
    Open {
        /// When it may be probed.
        until: Micros,
    },
    /// It is half open and all probes are out.
    ProbesOut,
    /// The vendor asked to wait.
    Cooling {
        /// When it may be asked again.
        until: Micros,
    },
    /// A connection failed just now, or the vendor was busy and named no time: others go first
    /// until then, and it is asked when there are none.
    Resting {
        /// When it is asked like any other.
        until: Micros,
    },
}

impl Breaker {
    /// Returns what an attempt would meet at `now`.
    #[must_use]
    pub fn gate(&self, cfg: &BreakerConfig, now: Micros) -> Gate {
        match self.state {
            _ if cfg.threshold == 0 => Gate::Pass,
            State::Closed => Gate::Pass,
            State::Open { until } if now < until => Gate::Open { until },
            State::Open { .. } => Gate::Probe,
            State::HalfOpen { out, .. } if out < cfg.probes.max(1) => Gate::Probe,
            State::HalfOpen { .. } => Gate::ProbesOut,
        }
    }

    /// Returns the present half-open phase, which a permit carries.
    #[must_use]
    pub const fn phase(&self) -> u64 {
        self.phase
    }

    /// Returns the view of this breaker.
    #[must_use]
    pub const fn view(&self, provider: ProviderId) -> BreakerView {
        let (state, open_until) = self.state();
        BreakerView {
            provider,
            state,
            failures: self.failures,
            last_failure_at: self.last_failure_at,
            open_until,
        }
    }

    /// Returns its state, and until when it is open.
    #[must_use]
    pub const fn state(&self) -> (BreakerState, Option<Micros>) {
        match self.state {
            State::Closed => (BreakerState::Closed, None),
            State::Open { until } => (BreakerState::Open, Some(until)),
            State::HalfOpen { .. } => (BreakerState::HalfOpen, None),
        }
    }

    /// Returns how many probes are out.
    #[must_use]
    pub const fn probes_out(&self) -> u32 {
        match self.state {
            State::HalfOpen { out, .. } => out,
            State::Closed | State::Open { .. } => 0,
        }
    }

    /// Returns this breaker in the state that another node has found. Permits of before are void; of
    /// one that is half open on both sides the own ones hold.
    #[must_use]
    pub const fn adopted(self, state: BreakerState, until: Option<Micros>) -> Self {
        let state = match (state, until, self.state) {
            (BreakerState::Closed, ..) => return self.closed(),
            (BreakerState::HalfOpen, _, State::HalfOpen { .. }) => return self,
            (BreakerState::Open, Some(until), _) => State::Open { until },
            (BreakerState::HalfOpen, ..) | (BreakerState::Open, None, _) => {
                State::HalfOpen { successes: 0, out: 0 }
            }
        };
        Self { state, phase: self.phase.saturating_add(1), ..self }
    }

    const fn closed(self) -> Self {
        Self { state: State::Closed, failures: 0, ..self }
    }

    const fn failed(self, now: Micros) -> Self {
        let failures = self.failures.saturating_add(1);
        Self { failures, last_failure_at: Some(now), ..self }
    }
}

/// The whole machine. A threshold of 0 keeps it closed whatever happens.
#[must_use]
pub fn next(breaker: Breaker, event: Event, cfg: &BreakerConfig, now: Micros) -> Breaker {
    let opened = |failed: Breaker| Breaker {
        state: State::Open { until: now.plus(cfg.open_for) },
        ..failed
    };
    let current = |probe: u64| probe == breaker.phase;
    let half = |successes, out| Breaker { state: State::HalfOpen { successes, out }, ..breaker };
    match (breaker.state, event) {
        (_, Event::Reset) | (State::Closed, Event::Succeeded { .. }) => breaker.closed(),
        (_, Event::Failed { .. }) if cfg.threshold == 0 => {
            Breaker { state: State::Closed, ..breaker.failed(now) }
        }
        (_, _) if cfg.threshold == 0 => Breaker { state: State::Closed, ..breaker },
        (State::Closed, Event::Failed { .. }) => {
            let failed = breaker.failed(now);
            if failed.failures >= cfg.threshold { opened(failed) } else { failed }
        }
        // Failures of attempts that began before it opened never make it stay open longer.
        (State::Open { .. }, Event::Failed { .. }) => breaker.failed(now),
        (State::Open { until }, Event::Probing) if now >= until => {
            let state = State::HalfOpen { successes: 0, out: 1 };
            Breaker { state, phase: breaker.phase.saturating_add(1), ..breaker }
        }
        (State::Open { .. }, Event::Reached) => {
            let state = State::HalfOpen { successes: 0, out: 0 };
            Breaker { state, phase: breaker.phase.saturating_add(1), ..breaker }
        }
        (State::HalfOpen { successes, out }, Event::Probing) if out < cfg.probes.max(1) => {
            half(successes, out + 1)
        }
        (State::HalfOpen { successes, out }, Event::Succeeded { probe: Some(probe) })
            if current(probe) =>
        {
            let successes = successes + 1;
            let enough = successes >= cfg.half_open_successes;
            if enough { breaker.closed() } else { half(successes, out.saturating_sub(1)) }
        }
        (State::HalfOpen { .. }, Event::Failed { probe }) => {
            let failed = breaker.failed(now);
            // Only the probe judges: one that began before the breaker opened and fails late does not.
            if probe.is_some_and(current) { opened(failed) } else { failed }
        }
        (State::HalfOpen { successes, out }, Event::Returned { probe }) if current(probe) => {
            half(successes, out.saturating_sub(1))
        }
        _ => breaker,
    }
}

/// Names the change between two states of one breaker.
#[must_use]
pub const fn change(before: &Breaker, after: &Breaker) -> Option<Change> {
    match (before.state, after.state) {
        (State::Open { .. }, State::Open { .. })
        | (State::Closed, State::Closed)
        | (State::HalfOpen { .. }, State::HalfOpen { .. }) => None,
        (_, State::Open { .. }) => Some(Change::Opened),
        (_, State::HalfOpen { .. }) => Some(Change::HalfOpened),
        (_, State::Closed) => Some(Change::Closed),
    }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
