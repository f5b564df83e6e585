//! How the breakers of all providers are.

use std::collections::BTreeMap;

use serde::Serialize;
use switchyard_actors::domain::allowance::Allowances;
use switchyard_actors::domain::breaker_view::BreakerView;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;

use super::credential::{self, CredentialTrouble};
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
    /// What the vendor said last is left of its limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Remaining>,
    /// Why its Google credential lets no request in just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_trouble: Option<CredentialTrouble>,
}

/// What a vendor said is left of its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remaining {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Requests that are left.
    pub requests: Option<u64>,
    /// Of how many.
    pub requests_limit: Option<u64>,
    /// Tokens that are left.
    pub tokens: Option<u64>,
    /// Of how many.
    pub tokens_limit: Option<u64>,
}

impl Remaining {
    fn of((at, said): (Micros, Allowances)) -> Self {
        let (requests, tokens) = (said.requests, said.tokens);
        Self {
            at: at.millis(),
            requests: requests.map(|one| one.remaining),
            requests_limit: requests.and_then(|one| one.limit),
            tokens: tokens.map(|one| one.remaining),
            tokens_limit: tokens.and_then(|one| one.limit),
        }
    }
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
            remaining: None,
            credential_trouble: None,
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
        let said = app.live.remaining.as_ref().and_then(|remaining| remaining.of(provider));
        let health = Health {
            remaining: said.map(Remaining::of),
            credential_trouble: credential::trouble(app, provider),
            ..Health::of(view, now)
        };
        all.insert(provider, health);
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
