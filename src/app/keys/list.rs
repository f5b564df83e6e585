//! Lists the keys of a user.

use serde_json::json;
use switchyard_actors::domain::ids::UserId;

use super::refusals::not_theirs;
use crate::app::{Actor, AppContext, AppError};
use crate::store::KeyRecord;

/// Lists the keys of a user, in the order of their making; a user that is not there has none.
/// Where keys may be shown again this shows them, which is noted in the audit log.
pub async fn list(
    context: &AppContext,
    actor: &Actor,
    user: UserId,
) -> Result<Vec<KeyRecord>, AppError> {
    if !actor.may_touch(user) {
        return Err(not_theirs());
    }
    let Some(owner) = context.store.user(user).await? else { return Ok(Vec::new()) };
    let keys = context.store.keys_of(&[user]).await?;
    if context.key_reveal && !keys.is_empty() {
        let ids: Vec<i64> = keys.iter().map(|key| key.id.0).collect();
        let target = ("user", user.0, owner.fields.name.as_str());
        let detail = json!({ "keys": ids });
        let entry = actor.did(context.clock.now(), "key.reveal", target, detail);
        context.store.note(&entry).await?;
    }
    Ok(keys)
}
