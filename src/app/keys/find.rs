//! Looks at one key, and shows it whole where that may be done again.

use serde_json::json;
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::secret::Secret;

use super::shown;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{KeyRecord, UserRecord};

/// Looks at a key with its user; `None` where there is none that the actor may see.
pub async fn find(
    context: &AppContext,
    actor: &Actor,
    id: KeyId,
) -> Result<Option<(UserRecord, KeyRecord)>, AppError> {
    let Some(key) = context.store.user_key(id).await? else { return Ok(None) };
    if !actor.may_touch(key.user) {
        return Ok(None);
    }
    Ok(context.store.user(key.user).await?.map(|user| (user, key)))
}

/// Shows a key whole, which is noted in the audit log; `None` where it is not kept.
pub async fn reveal(
    context: &AppContext,
    actor: &Actor,
    key: &KeyRecord,
) -> Result<Option<Secret>, AppError> {
    if !actor.may_touch(key.user) {
        return Err(AppError::denied());
    }
    let Some(full) = shown(context, key).full else { return Ok(None) };
    let target = ("key", key.id.0, key.fields.name.as_str());
    let detail = json!({ "user": key.user });
    let entry = actor.did(context.clock.now(), "key.reveal", target, detail);
    context.store.note(&entry).await?;
    Ok(Some(full))
}
