//! Lists the breakers that are not wholly well, each with its last failures.

use serde::Serialize;
use switchyard_actors::domain::breaker::Cause;
use switchyard_actors::domain::breaker_key::BreakerKey;
use switchyard_actors::domain::breaker_view::BreakerView;
use switchyard_actors::domain::ids::{EndpointId, ProviderId};

use super::standing::breaker;
use crate::app::{AppContext, AppError, time};

/// A breaker with its story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedBreaker {
    /// The provider.
    pub provider_id: ProviderId,
    /// Its name.
    pub provider_name: String,
    /// The address, when it is the breaker of one.
    pub endpoint_id: Option<EndpointId>,
    /// Its base URL.
    pub endpoint_url: Option<String>,
    /// `closed`, `open`, `half-open`, `cooling` or `resting`.
    pub state: &'static str,
    /// Failures in a row.
    pub failure_count: u32,
    /// Until when it keeps requests away.
    pub until: Option<String>,
    /// The last failures, the latest first.
    pub causes: Vec<ListedCause>,
}

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedCause {
    /// When.
    pub at: String,
    /// The stable name of a try's outcome.
    pub outcome: String,
    /// More, such as `http 503`.
    pub detail: Option<String>,
}

/// Lists the breakers of providers and their addresses that keep requests away or have counted
/// failures: by provider, its own first.
pub async fn breakers(app: &AppContext) -> Result<Vec<ListedBreaker>, AppError> {
    let now = app.clock.now();
    let mut all = Vec::new();
    let Some(handle) = &app.live.breakers else { return Ok(all) };
    let addresses = handle.breakers().endpoint_views();
    for row in app.store.providers().await? {
        let provider = ProviderId(row.int("id")?);
        let name = row.text("name")?;
        let own = breaker::of(app, provider, &row, now)?;
        let listed = ListedBreaker {
            provider_id: provider,
            provider_name: name.to_owned(),
            endpoint_id: None,
            endpoint_url: None,
            state: own.state.circuit(),
            failure_count: own.failures,
            until: own.until.map(time::iso),
            causes: causes(&handle.breakers().causes(provider)),
        };
        all.extend(Some(listed).filter(is_troubled));
        if !addresses.iter().any(|(_, view)| view.provider == provider) {
            continue;
        }
        for endpoint in app.store.endpoints(provider).await? {
            let view = addresses.iter().find(|(id, _)| *id == endpoint.id);
            let Some((id, view)) = view else { continue };
            let causes = causes(&handle.breakers().causes(BreakerKey::endpoint(provider, *id)));
            let listed = of_address(view, (name, *id, endpoint.url), causes);
            all.extend(Some(listed).filter(is_troubled));
        }
    }
    all.sort_by_key(|one| (one.provider_id, one.endpoint_id));
    Ok(all)
}

fn is_troubled(one: &ListedBreaker) -> bool {
    one.state != "closed" || one.failure_count > 0
}

fn of_address(
    view: &BreakerView,
    (name, id, url): (&str, EndpointId, String),
    causes: Vec<ListedCause>,
) -> ListedBreaker {
    ListedBreaker {
        provider_id: view.provider,
        provider_name: name.to_owned(),
        endpoint_id: Some(id),
        endpoint_url: Some(crate::wire::url::bare(&url)),
        state: view.state.name(),
        failure_count: view.failures,
        until: view.open_until.map(time::iso),
        causes,
    }
}

fn causes(causes: &[Cause]) -> Vec<ListedCause> {
    let listed = |cause: &Cause| ListedCause {
        at: time::iso(cause.at),
        outcome: cause.outcome.name().to_owned(),
        detail: cause.detail.as_deref().map(str::to_owned),
    };
    causes.iter().map(listed).collect()
}
