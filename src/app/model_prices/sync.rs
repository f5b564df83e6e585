//! Syncs the prices now instead of at the next turn.

use serde_json::json;
use switchyard_actors::price_sync::{SyncError, SyncReport, TableError};

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
    let report = prices.sync_now().await.map_err(|error| refusal(&error))?;
    let detail = json!({ "added": report.added.len(), "updated": report.updated.len() });
    app.store
        .note(&actor.did(app.clock.now(), "prices.sync", ("prices", 0, "LiteLLM"), detail))
        .await?;
    app.publish().await;
    Ok(report)
}

/// What another program or the network said stands as it is; what we found wrong is a message.
fn refusal(error: &SyncError) -> AppError {
    let text = format!("价格表同步失败: {error}");
    match error {
        SyncError::Table(TableError::NotATable) => AppError::refused("refused-sync-table", text),
        SyncError::Table(TableError::Shrunk { before, after }) => {
            AppError::refused("refused-sync-shrunk", text)
                .with("before", before.to_string())
                .with("after", after.to_string())
        }
        SyncError::Ask(_) => AppError::refused("refused-sync-silent", text),
        SyncError::Port(_) | SyncError::Table(TableError::NotJson(_)) => {
            AppError::refused("refused-sync", text).with("reason", error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_shrank_is_told_with_both_sizes() {
        let error = SyncError::Table(TableError::Shrunk { before: 900, after: 3 });
        let AppError::Refused(refusal) = refusal(&error) else { panic!("{error}") };
        let args = [("before", "900".to_owned()), ("after", "3".to_owned())];
        assert_eq!((refusal.about.id, refusal.about.args), ("refused-sync-shrunk", args.into()));
    }
}
