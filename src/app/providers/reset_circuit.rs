//! Closes a provider's breaker by hand.

use serde_json::json;
use switchyard_actors::domain::ids::ProviderId;

use crate::app::{Actor, AppContext, AppError};

/// Closes a provider's breaker; one that is not there has nothing to close.
pub async fn reset_circuit(
    app: &AppContext,
    actor: &Actor,
    provider: ProviderId,
) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let Some(row) = app.store.provider(provider).await? else { return Ok(()) };
    let now = app.clock.now();
    app.live.reset_breaker(provider, now).await;
    let target = ("provider", provider.0, row.text("name")?);
    app.store.note(&actor.did(now, "provider.reset_circuit", target, json!({}))).await?;
    Ok(())
}
