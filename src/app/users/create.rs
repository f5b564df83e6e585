//! Makes a user, with a first key.

use serde_json::json;

use super::command::NewUser;
use crate::app::keys::{NewKeyText, first_key};
use crate::app::{Actor, AppContext, AppError};
use crate::store::{KeyFields, KeyRecord, UserFields, UserRecord};

/// A user that was just made, with its first key.
#[derive(Clone)]
pub struct CreatedUser {
    /// The user.
    pub user: UserRecord,
    /// The key.
    pub key: KeyRecord,
    /// The key's text; where keys are not shown again, this is the one time.
    pub text: NewKeyText,
}

/// Makes a user and a key named `default` that may log in and has no limits of its own.
pub async fn create(
    context: &AppContext,
    actor: &Actor,
    NewUser(user): NewUser,
) -> Result<CreatedUser, AppError> {
    make(context, actor, user, first_key()).await
}

/// The same, with a key of the user's groups: providers are chosen by the groups of keys.
pub async fn create_in_groups(
    context: &AppContext,
    actor: &Actor,
    NewUser(user): NewUser,
) -> Result<CreatedUser, AppError> {
    let key = KeyFields { provider_group: user.provider_group.clone(), ..first_key() };
    make(context, actor, user, key).await
}

async fn make(
    context: &AppContext,
    actor: &Actor,
    user: UserFields,
    fields: KeyFields,
) -> Result<CreatedUser, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let text = NewKeyText::make(context)?;
    let now = context.clock.now();
    let mut tx = context.store.begin().await?;
    let user_id = tx.add_user(&user, now).await?;
    let key_id = tx.add_key(user_id, &fields, text.kept(), now).await?;
    let detail = json!({ "key": key_id, "enabled": user.is_enabled });
    tx.audit(&actor.did(now, "user.create", ("user", user_id.0, &user.name), detail)).await?;
    tx.bump_callers().await?;
    tx.commit().await?;
    context.publish().await;
    let key = text.record(key_id, user_id, fields, now);
    let user = UserRecord { id: user_id, fields: user, created_at: now, updated_at: now };
    Ok(CreatedUser { user, key, text })
}
