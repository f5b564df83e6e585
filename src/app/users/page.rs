//! Looks at some users, or one, with their keys and what those did today. Keys are never shown whole
//! here.

use std::collections::HashMap;

use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::{KeyId, UserId};

use super::list::{Activity, UserWithKeys};
use crate::app::{Actor, AppContext, AppError};
use crate::store::{KeyRecord, UserRecord};

/// Which users to look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search<'a> {
    /// A part of the name, the note or a tag; empty is any.
    pub part: &'a str,
    /// The last user of the page before: role and id.
    pub after: Option<(Role, UserId)>,
}

/// Looks at users page by page, admins first; only admins may.
pub async fn page(
    context: &AppContext,
    actor: &Actor,
    search: Search<'_>,
    limit: u32,
) -> Result<Vec<UserWithKeys>, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let users = context.store.users_holding(search.part, search.after, limit).await?;
    with_keys(context, users).await
}

/// Looks at one user; `None` where there is none that the actor may see.
pub async fn find(
    context: &AppContext,
    actor: &Actor,
    id: UserId,
) -> Result<Option<UserWithKeys>, AppError> {
    if !actor.may_touch(id) {
        return Ok(None);
    }
    let Some(user) = context.store.user(id).await? else { return Ok(None) };
    Ok(with_keys(context, vec![user]).await?.pop())
}

/// Tells whether anybody is there who could send requests.
pub async fn is_anybody_there(context: &AppContext) -> Result<bool, AppError> {
    Ok(!context.store.users_page(None, 1).await?.is_empty())
}

async fn with_keys(
    context: &AppContext,
    users: Vec<UserRecord>,
) -> Result<Vec<UserWithKeys>, AppError> {
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let keys = context.store.keys_of(&ids).await?;
    let key_ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let mut activity = Activity::of_these(context, &key_ids).await?;
    let mut own: HashMap<UserId, Vec<KeyRecord>> = HashMap::new();
    for key in keys {
        own.entry(key.user).or_default().push(KeyRecord { sealed: None, ..key });
    }
    let mut listed = Vec::with_capacity(users.len());
    for user in users {
        let keys = own.remove(&user.id).unwrap_or_default();
        let keys = keys.into_iter().map(|key| activity.of(key)).collect();
        listed.push(UserWithKeys { user, keys });
    }
    Ok(listed)
}
