//! Makes a user, with a first key.

use serde_json::json;

use super::command::NewUser;
use crate::app::keys::{NewKeyText, first_key};
use crate::app::{Actor, AppContext, AppError};
use crate::store::{KeyRecord, UserRecord};

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
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let (fields, text) = (first_key(), NewKeyText::make(context)?);
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
