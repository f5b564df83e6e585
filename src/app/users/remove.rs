//! Removes a user, and says beforehand what would go with it.

use serde_json::Value;
use switchyard_actors::domain::ids::UserId;

use super::{UserWithKeys, find};
use crate::app::{Actor, AppContext, AppError};
use crate::store::LedgerFilter;

/// What somebody should know before a user is removed.
#[derive(Clone)]
pub struct BeforeRemoval {
    /// The user, and the keys that stop working.
    pub user: UserWithKeys,
    /// Their requests, which stay in the ledger.
    pub requests: u64,
}

/// Says what somebody should know before a user is removed; `None` where there is none that the
/// actor may see.
pub async fn before_removal(
    context: &AppContext,
    actor: &Actor,
    id: UserId,
) -> Result<Option<BeforeRemoval>, AppError> {
    let Some(user) = find(context, actor, id).await? else { return Ok(None) };
    let filter = LedgerFilter { user: Some(id), ..LedgerFilter::default() };
    let requests = context.store.ledger_summary(&filter).await?.requests;
    Ok(Some(BeforeRemoval { user, requests }))
}

/// Removes a user; one that is not there stays so. Its keys stay stored for the ledger's sake, but
/// open nothing any more.
pub async fn remove(context: &AppContext, actor: &Actor, id: UserId) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    let Some(user) = tx.lock_user(id).await? else { return Ok(()) };
    tx.remove_user(id, now).await?;
    let target = ("user", id.0, user.fields.name.as_str());
    tx.audit(&actor.did(now, "user.delete", target, Value::Null)).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    Ok(())
}
