//! Removes a provider.

use serde_json::json;
use switchyard_actors::domain::counters::{EndScope, SessionEnd};
use switchyard_actors::domain::ids::ProviderId;

use crate::app::{Actor, AppContext, AppError};

/// Removes a provider: its rows in the ledger keep its name. One that is not there is removed
/// already.
pub async fn remove(app: &AppContext, actor: &Actor, provider: ProviderId) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let Some((row, _)) = tx.lock_provider(provider).await? else { return Ok(()) };
    tx.remove_provider(provider, now).await?;
    tx.bump_providers().await?;
    let target = ("provider", provider.0, row.text("name")?);
    tx.audit(&actor.did(now, "provider.remove", target, json!({}))).await?;
    let end = SessionEnd { scope: EndScope::Provider(provider), at: now };
    tx.end_sessions(&end).await?;
    tx.commit().await?;
    app.live.end_sessions(&end);
    app.live.provider_changed(provider);
    app.live.reset_breaker(provider, now).await;
    app.publish().await;
    Ok(())
}
