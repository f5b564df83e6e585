//! What keeps a provider back for now, and why.

use std::time::Duration;

use switchyard_actors::domain::breaker::Gate;
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::provider::BreakerConfig;

use super::State;
use crate::app::AppContext;
use crate::store::{Row, StoreError};

/// One failure that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When.
    pub at: Micros,
    /// Of what kind: the stable name of a try's outcome.
    pub outcome: &'static str,
    /// More, such as `http 503`.
    pub detail: Option<String>,
}

/// How a breaker is, and what the vendor asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// [`State::Ready`], or what keeps the provider back.
    pub state: State,
    /// Failures in a row.
    pub failures: u32,
    /// Failures in a row that open it.
    pub threshold: u32,
    /// When it opened; of one that is not open, the last failure.
    pub since: Option<Micros>,
    /// Until when it keeps the provider back.
    pub until: Option<Micros>,
    /// The last failures, the latest first.
    pub troubles: Vec<Trouble>,
}

/// Returns how a provider's breaker is.
pub(in crate::app::providers) fn of(
    app: &AppContext,
    provider: ProviderId,
    row: &Row,
    now: Micros,
) -> Result<Breaker, StoreError> {
    let cfg = config(row)?;
    let mut breaker = Breaker {
        state: State::Ready,
        failures: 0,
        threshold: cfg.threshold,
        since: None,
        until: None,
        troubles: Vec::new(),
    };
    let Some(handle) = &app.live.breakers else { return Ok(breaker) };
    let breakers = handle.breakers();
    let gate = breakers.peek(provider, &cfg, now);
    (breaker.state, breaker.until) = match gate {
        Gate::Pass => (State::Ready, None),
        Gate::Open { until } => (State::Open, Some(until)),
        Gate::Probe | Gate::ProbesOut => (State::HalfOpen, None),
        Gate::Cooling { until } => (State::Cooling, Some(until)),
        Gate::Resting { until } => (State::Resting, Some(until)),
    };
    if let Some(view) = breakers.views().into_iter().find(|view| view.provider == provider) {
        breaker.failures = view.failures;
        breaker.since = since(&breaker, view.state, view.last_failure_at, cfg.open_for);
    }
    let causes = breakers.causes(provider).into_iter().map(|cause| Trouble {
        at: cause.at,
        outcome: cause.outcome.name(),
        detail: cause.detail.map(|detail| detail.to_string()),
    });
    breaker.troubles = causes.collect();
    Ok(breaker)
}

/// An open breaker opened a fixed time before it may be probed; else the last failure is told.
fn since(
    breaker: &Breaker,
    state: BreakerState,
    last_failure: Option<Micros>,
    open_for: Duration,
) -> Option<Micros> {
    match (state, breaker.until) {
        (BreakerState::Open, Some(until)) => Some(until.minus(open_for)),
        (BreakerState::Closed, _) if breaker.failures == 0 => None,
        _ => last_failure,
    }
}

fn config(row: &Row) -> Result<BreakerConfig, StoreError> {
    let number = |column| Ok::<_, StoreError>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    let open_ms = u64::try_from(row.int("breaker_open_ms")?).unwrap_or(0);
    Ok(BreakerConfig {
        threshold: number("breaker_failure_threshold")?,
        open_for: Duration::from_millis(open_ms),
        half_open_successes: number("breaker_half_open_successes")?,
        ..BreakerConfig::default()
    })
}
