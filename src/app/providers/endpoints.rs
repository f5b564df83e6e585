//! The addresses of a provider: their order, switches, last checks and breakers.

use serde::Serialize;
use serde_json::json;
use switchyard_actors::domain::breaker_view::{BreakerState, BreakerView};
use switchyard_actors::domain::ids::{EndpointId, ProviderId};

use super::list;
use crate::app::{Actor, AppContext, AppError, time};
use crate::store::StoredEndpoint;
use crate::wire::url::bare;

/// One address of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its base URL.
    pub url: String,
    /// It may be tried.
    pub is_enabled: bool,
    /// When it was checked last.
    pub last_probed_at: Option<String>,
    /// Whether it could be reached then.
    pub last_probe_ok: Option<bool>,
    /// How long that took, in milliseconds.
    pub last_probe_latency_ms: Option<u64>,
    /// Why it could not be reached.
    pub last_probe_error_message: Option<String>,
    /// `closed`, `open` or `half-open`.
    pub circuit_state: &'static str,
    /// Until when it is open.
    pub circuit_open_until: Option<String>,
    /// Failures in a row.
    pub failure_count: u32,
}

/// Lists the addresses of a provider in the order they are tried.
///
/// # Errors
/// There is no such provider.
pub async fn endpoints(
    app: &AppContext,
    provider: ProviderId,
) -> Result<Vec<ListedEndpoint>, AppError> {
    if app.store.provider(provider).await?.is_none() {
        return Err(list::unknown());
    }
    let views = app.live.breakers.as_ref().map(|handle| handle.breakers().endpoint_views());
    let views = views.unwrap_or_default();
    let stored = app.store.endpoints(provider).await?;
    let listed = stored.into_iter().map(|one| {
        let view = views.iter().find(|(id, _)| *id == one.id).map(|(_, view)| view);
        listed(app, &one, view)
    });
    Ok(listed.collect())
}

fn listed(app: &AppContext, one: &StoredEndpoint, view: Option<&BreakerView>) -> ListedEndpoint {
    let probed = app.live.probes.as_ref().and_then(|probes| probes.of(one.id));
    ListedEndpoint {
        id: one.id,
        url: bare(&one.url),
        is_enabled: one.enabled,
        last_probed_at: probed.as_ref().map(|probed| time::iso(probed.at)),
        last_probe_ok: probed.as_ref().map(|probed| probed.fault.is_none()),
        last_probe_latency_ms: probed
            .as_ref()
            .and_then(|probed| u64::try_from(probed.took.as_millis()).ok()),
        last_probe_error_message: probed
            .and_then(|probed| probed.fault.map(|fault| fault.to_string())),
        circuit_state: view.map_or(BreakerState::Closed, |view| view.state).name(),
        circuit_open_until: view.and_then(|view| view.open_until).map(time::iso),
        failure_count: view.map_or(0, |view| view.failures),
    }
}

/// Switches an address on or off. It keeps its place; requests under way go on.
///
/// # Errors
/// There is no such address.
pub async fn switch_endpoint(
    app: &AppContext,
    actor: &Actor,
    id: EndpointId,
    enabled: bool,
) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let Some(endpoint) = tx.endpoint(id).await? else { return Err(unknown()) };
    if endpoint.enabled != enabled {
        tx.lock_provider(endpoint.provider).await?;
        tx.switch_endpoint(id, enabled, now).await?;
        tx.bump_providers().await?;
        let detail = json!({ "endpoint": bare(&endpoint.url), "is_enabled": enabled });
        let target = ("provider", endpoint.provider.0, endpoint.name.as_str());
        tx.audit(&actor.did(now, "provider.switch_endpoint", target, detail)).await?;
        tx.commit().await?;
        app.live.provider_changed(endpoint.provider);
        app.publish().await;
    }
    Ok(())
}

fn unknown() -> AppError {
    AppError::refused("refused-no-endpoint", "供应商地址不存在 (there is no such address)")
}
