//! Removes a user.

use serde_json::Value;
use switchyard_actors::domain::ids::UserId;

use crate::app::{Actor, AppContext, AppError};

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
