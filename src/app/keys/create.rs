//! Makes a key.

use serde_json::{Value, json};
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;

use super::command::{NewKey, asked_group};
use super::refusals::no_user;
use super::text::NewKeyText;
use super::{groups, limits};
use crate::app::{Actor, AppContext, AppError};
use crate::store::KeyRecord;

/// A key that was just made.
#[derive(Clone)]
pub struct CreatedKey {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// Its text; where keys are not shown again, this is the one time.
    pub text: NewKeyText,
}

/// Makes a key of a user, from the body of a request or of the command line.
///
/// The order of the checks is part of the contract: who asks, the groups, the body, the name, the
/// user, the user's limits.
pub async fn create(
    context: &AppContext,
    actor: &Actor,
    user: UserId,
    raw: &Value,
) -> Result<CreatedKey, AppError> {
    let group = asked_group(raw);
    if !actor.may_touch(user) || (group.is_some() && !actor.is_admin()) {
        return Err(AppError::denied());
    }
    let new = NewKey::read(user, raw, &context.moment())?;
    let text = NewKeyText::make(context)?;
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    let owner = tx.lock_user(user).await?;
    let keys = tx.keys_of(user).await?;
    if keys.iter().any(|key| is_active(key, now) && key.fields.name == new.key.name) {
        let name = new.key.name.clone();
        let text = format!("名为「{name}」的密钥已存在且正在使用");
        return Err(AppError::refused("refused-key-name", text).with("name", name).at("name"));
    }
    let owner = owner.ok_or_else(no_user)?;
    limits::within(&new.key.limits, &owner.fields.limits)?;
    let id = tx.add_key(user, &new.key, text.kept(), now).await?;
    if group.is_some() {
        groups::recompute(&mut tx, user, now).await?;
    }
    let detail = json!({ "user": user, "group": new.key.provider_group });
    tx.audit(&actor.did(now, "key.create", ("key", id.0, &new.key.name), detail)).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    Ok(CreatedKey { id, name: new.key.name, text })
}

fn is_active(key: &KeyRecord, now: Micros) -> bool {
    key.fields.is_enabled && key.fields.expires_at.is_none_or(|end| end > now)
}
