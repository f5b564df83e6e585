//! Resets what a user, key or provider has spent: limits and their displays count from now on. The
//! ledger and its statistics keep everything.

use serde_json::json;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::sharing::Reset;

use crate::app::{Actor, AppContext, AppError, keys, providers};

/// Resets what somebody has spent. Requests that run are charged at their end and count.
///
/// # Errors
/// Only admins may; there is no such user, key or provider; groups and tags have no reset.
pub async fn reset_spend(
    app: &AppContext,
    actor: &Actor,
    owner: Dimension,
) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let (id, unknown): (i64, fn() -> AppError) = match &owner {
        Dimension::User(user) => (user.0, keys::no_user),
        Dimension::Key(key) => (key.0, keys::no_key),
        Dimension::Provider(provider) => (provider.0, providers::no_provider),
        Dimension::Group(_) | Dimension::Tag(_) => return Err(AppError::denied()),
    };
    let mut tx = app.store.begin().await?;
    let found = tx.limits_of(&owner).await?.ok_or_else(unknown)?;
    let at = app.clock.now();
    tx.reset_spend(&owner, at).await?;
    let target = (owner.owner().name(), id, found.name.as_str());
    tx.audit(&actor.did(at, "limits.reset", target, json!({}))).await?;
    tx.commit().await?;
    app.live.reset_spend(&Reset { owner, user: found.user, at });
    Ok(())
}
