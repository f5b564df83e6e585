//! Closes providers' breakers by hand.

use serde_json::json;
use switchyard_actors::domain::ids::ProviderId;

use crate::app::{Actor, AppContext, AppError};

/// Closes a provider's breaker and those of its addresses; one that is not there has nothing to close.
pub async fn reset_circuit(
    app: &AppContext,
    actor: &Actor,
    provider: ProviderId,
) -> Result<(), AppError> {
    reset_circuits(app, actor, &[provider]).await.map(drop)
}

/// Closes the breakers of several providers; returns how many of those there are had something to
/// close.
pub async fn reset_circuits(
    app: &AppContext,
    actor: &Actor,
    providers: &[ProviderId],
) -> Result<usize, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let now = app.clock.now();
    let mut reset = 0;
    for provider in providers {
        let Some(row) = app.store.provider(*provider).await? else { continue };
        reset += usize::from(app.live.reset_breaker(*provider, now).await);
        let target = ("provider", provider.0, row.text("name")?);
        app.store.note(&actor.did(now, "provider.reset_circuit", target, json!({}))).await?;
    }
    Ok(reset)
}
