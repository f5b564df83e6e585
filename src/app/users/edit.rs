//! Changes a user.

use serde_json::{Value, json};

use super::command::UserEdit;
use crate::app::{Actor, AppContext, AppError};
use crate::store::UserFields;

/// Changes a user; one that is not there is none the worse for it.
pub async fn edit(context: &AppContext, actor: &Actor, edit: UserEdit) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    let Some(old) = tx.lock_user(edit.id).await? else { return Ok(()) };
    let new = edit.over(old.fields.clone());
    tx.edit_user(old.id, &new, now).await?;
    let target = ("user", old.id.0, new.name.as_str());
    tx.audit(&actor.did(now, "user.update", target, changes(&old.fields, &new))).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    Ok(())
}

/// Names what changed, with the values that are short.
fn changes(old: &UserFields, new: &UserFields) -> Value {
    let mut changed = Vec::new();
    let mut note = |name: &str, differs: bool| {
        if differs {
            changed.push(name.to_owned());
        }
    };
    note("name", old.name != new.name);
    note("note", old.note != new.note);
    note("group", old.provider_group != new.provider_group);
    note("tags", old.tags != new.tags);
    note("rpm", old.rpm != new.rpm);
    note("limits", old.limits != new.limits);
    note("expiry", old.expires_at != new.expires_at);
    let clients = |user: &UserFields| [user.allowed_clients.clone(), user.blocked_clients.clone()];
    let models = |user: &UserFields| [user.allowed_models.clone(), user.blocked_models.clone()];
    note("clients", clients(old) != clients(new));
    note("models", models(old) != models(new));
    note("enabled", old.is_enabled != new.is_enabled);
    json!({ "changed": changed, "enabled": new.is_enabled })
}
