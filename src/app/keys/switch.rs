//! Switches a key on or off. Unlike an edit this asks nothing of its limits: a key must be stopped at
//! once, also when its user has been given less than the key since.

use serde_json::json;
use switchyard_actors::domain::ids::KeyId;

use super::refusals::no_key;
use crate::app::{Actor, AppContext, AppError};
use crate::store::KeyFields;

/// Whether a key is to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It works.
    On,
    /// It opens nothing until it is switched on again.
    Off,
}

/// Switches a key on or off.
pub async fn switch(
    context: &AppContext,
    actor: &Actor,
    id: KeyId,
    to: Switch,
) -> Result<(), AppError> {
    let user = context.store.user_key(id).await?.ok_or_else(no_key)?.user;
    if !actor.may_touch(user) {
        return Err(AppError::denied());
    }
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    tx.lock_user(user).await?;
    let keys = tx.keys_of(user).await?;
    let old = keys.into_iter().find(|key| key.id == id).ok_or_else(no_key)?.fields;
    let new = KeyFields { is_enabled: to == Switch::On, ..old };
    tx.edit_key(id, &new, now).await?;
    let detail = json!({ "user": user, "enabled": new.is_enabled });
    tx.audit(&actor.did(now, "key.update", ("key", id.0, &new.name), detail)).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    Ok(())
}
