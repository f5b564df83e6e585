//! Syncs the prices now instead of at the next turn.

use serde_json::json;
use switchyard_actors::price_sync::SyncReport;

use crate::app::{Actor, AppContext, AppError};

/// Fetches LiteLLM's table and takes over what changed; manual prices stay in force.
///
/// # Errors
/// Says that the sync is switched off, or why it changed nothing.
pub async fn sync(app: &AppContext, actor: &Actor) -> Result<SyncReport, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let Some(prices) = &app.live.prices else {
        return Err(AppError::refused(
            "refused-sync-off",
            "价格同步未启用 (the price sync is switched off; upload a price table instead)",
        ));
    };
    let report = prices.sync_now().await.map_err(|error| {
        AppError::refused("refused-sync", format!("价格表同步失败: {error}"))
            .with("reason", error.to_string())
    })?;
    let detail = json!({ "added": report.added.len(), "updated": report.updated.len() });
    app.store
        .note(&actor.did(app.clock.now(), "prices.sync", ("prices", 0, "LiteLLM"), detail))
        .await?;
    app.publish().await;
    Ok(report)
}
