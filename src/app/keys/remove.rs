//! Removes a key, and says beforehand what would go with it.

use serde_json::json;
use switchyard_actors::domain::ids::KeyId;

use super::refusals::{no_key, not_theirs};
use super::{find, groups};
use crate::app::{Actor, AppContext, AppError};
use crate::store::{KeyRecord, LedgerFilter, UserRecord};

/// What somebody should know before a key is removed.
#[derive(Clone)]
pub struct BeforeRemoval {
    /// Whose it is.
    pub user: UserRecord,
    /// The key.
    pub key: KeyRecord,
    /// Its user has no other: it cannot go.
    pub is_last: bool,
    /// Requests with it, which stay in the ledger.
    pub requests: u64,
}

/// Says what somebody should know before a key is removed; `None` where there is none that the
/// actor may see.
pub async fn before_removal(
    context: &AppContext,
    actor: &Actor,
    id: KeyId,
) -> Result<Option<BeforeRemoval>, AppError> {
    let Some((user, key)) = find(context, actor, id).await? else { return Ok(None) };
    let is_last = context.store.keys_of(&[user.id]).await?.len() <= 1;
    let filter = LedgerFilter { key: Some(id), ..LedgerFilter::default() };
    let requests = context.store.ledger_summary(&filter).await?.requests;
    Ok(Some(BeforeRemoval { user, key, is_last, requests }))
}

/// Removes a key, unless it is the last one of its user; switched-off ones count as well.
pub async fn remove(context: &AppContext, actor: &Actor, id: KeyId) -> Result<(), AppError> {
    let key = context.store.user_key(id).await?;
    let key = key.ok_or_else(no_key)?;
    if !actor.may_touch(key.user) {
        return Err(not_theirs());
    }
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    // The user's row is the lock of all its keys: two removals cannot both see two.
    tx.lock_user(key.user).await?;
    let keys = tx.keys_of(key.user).await?;
    if !keys.iter().any(|key| key.id == id) {
        return Err(no_key());
    }
    if keys.len() <= 1 {
        return Err(AppError::refused(
            "refused-last-key",
            "该用户至少需要保留一个密钥，无法删除最后一个密钥",
        ));
    }
    tx.remove_key(id, now).await?;
    groups::recompute(&mut tx, key.user, now).await?;
    let target = ("key", id.0, key.fields.name.as_str());
    tx.audit(&actor.did(now, "key.delete", target, json!({ "user": key.user }))).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    Ok(())
}
