//! Changes a key.

use serde_json::{Value, json};
use switchyard_actors::domain::ids::KeyId;

use super::command::{KeyEdit, asked_group};
use super::refusals::{no_key, no_user};
use super::{groups, limits};
use crate::app::{Actor, AppContext, AppError};

/// Changes a key, from the body of a request or of the command line.
///
/// The order of the checks is part of the contract: the key, who asks, the groups, the body, the
/// user, the user's limits.
pub async fn edit(
    context: &AppContext,
    actor: &Actor,
    id: KeyId,
    raw: &Value,
) -> Result<(), AppError> {
    let key = context.store.user_key(id).await?;
    let user = key.ok_or_else(no_key)?.user;
    if !actor.may_touch(user) {
        return Err(AppError::denied());
    }
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    // The user's row is the lock of all its keys.
    let owner = tx.lock_user(user).await?;
    let old = tx.keys_of(user).await?.into_iter().find(|key| key.id == id);
    let old = old.ok_or_else(no_key)?.fields;
    let is_group_given = raw.get("providerGroup").is_some();
    let changes_group = is_group_given && asked_group(raw) != old.provider_group.as_deref();
    if changes_group && !actor.is_admin() {
        return Err(AppError::denied());
    }
    let edit = KeyEdit::read(id, raw, &context.moment())?;
    let owner = owner.ok_or_else(no_user)?;
    let new = edit.over(old.clone(), actor.is_admin());
    limits::within(&new.limits, &owner.fields.limits)?;
    tx.edit_key(id, &new, now).await?;
    if new.provider_group != old.provider_group {
        groups::recompute(&mut tx, user, now).await?;
    }
    let detail = json!({ "user": user, "enabled": new.is_enabled, "group": new.provider_group });
    tx.audit(&actor.did(now, "key.update", ("key", id.0, &new.name), detail)).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    Ok(())
}
