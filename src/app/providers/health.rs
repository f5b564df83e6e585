//! How the breakers of all providers are.

use std::collections::BTreeMap;

use serde::Serialize;
use switchyard_actors::domain::breaker_view::BreakerView;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;

use crate::app::{AppContext, AppError};

const MINUTE_MS: i64 = 60_000;

/// How one provider's breaker is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `closed`, `open` or `half-open`.
    pub circuit_state: &'static str,
    /// Failures in a row.
    pub failure_count: u32,
    /// The last failure, in milliseconds since 1970.
    pub last_failure_time: Option<i64>,
    /// Until when it is open, in milliseconds since 1970.
    pub circuit_open_until: Option<i64>,
    /// The same as minutes from now, rounded up.
    pub recovery_minutes: Option<i64>,
}

impl Health {
    fn of(view: Option<&BreakerView>, now: Micros) -> Self {
        let until = view.and_then(|view| view.open_until).map(Micros::millis);
        Self {
            circuit_state: view.map_or("closed", |view| view.state.name()),
            failure_count: view.map_or(0, |view| view.failures),
            last_failure_time: view.and_then(|view| view.last_failure_at).map(Micros::millis),
            circuit_open_until: until,
            recovery_minutes: until
                .map(|until| -(now.millis().saturating_sub(until)).div_euclid(MINUTE_MS)),
        }
    }
}

/// Returns how the breaker of each provider is.
pub async fn health(app: &AppContext) -> Result<BTreeMap<ProviderId, Health>, AppError> {
    let now = app.clock.now();
    let views = app.live.breaker_views();
    let mut all = BTreeMap::new();
    for provider in app.store.provider_ids().await? {
        let view = views.iter().find(|view| view.provider == provider);
        all.insert(provider, Health::of(view, now));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::breaker_view::BreakerState;

    use super::*;

    #[test]
    fn minutes_to_recovery_are_rounded_up() {
        let view = |until| BreakerView {
            provider: ProviderId(1),
            state: BreakerState::Open,
            failures: 5,
            last_failure_at: Some(Micros::from_millis(7)),
            open_until: Some(Micros::from_millis(until)),
        };
        let minutes =
            |until| Health::of(Some(&view(until)), Micros::from_millis(1_000_000)).recovery_minutes;
        assert_eq!(minutes(1_060_000), Some(1));
        assert_eq!(minutes(1_060_001), Some(2));
        assert_eq!(minutes(1_000_000), Some(0));
        assert_eq!(minutes(900_000), Some(-1));
    }
}
