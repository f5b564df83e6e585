//! Resets what somebody has spent: limits and their displays count from now on. The ledger and its
//! statistics keep everything.

use serde_json::{Value as Document, json};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::sharing::Reset;

use super::OWNERS;
use super::set::owner;
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError, keys, providers};

/// Returns what the body of a reset may hold.
#[must_use]
pub fn resetting() -> Shape {
    Shape::from([
        Field::required("owner", Rule::OneOf(OWNERS)).about("Whose spend is reset."),
        Field::optional("id", Rule::ID).about("The id of the key, user or provider."),
        Field::optional("name", Rule::text(1, super::set::LONGEST_NAME))
            .about("The name of the group or tag."),
    ])
}

/// Resets what the owner in a body has spent.
///
/// # Errors
/// Says what is wrong with the body, or that there is no such owner.
pub async fn reset_limits(app: &AppContext, actor: &Actor, raw: &Document) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let owner = owner(&resetting().check(raw, &app.moment())?)?;
    reset_spend(app, actor, owner).await
}

/// Resets what somebody has spent. Requests that run are charged at their end and count.
///
/// # Errors
/// Only admins may; there is no such user, key or provider; a group or tag for which nothing was ever
/// set has no row to keep the reset in.
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
        Dimension::Group(_) | Dimension::Tag(_) => (0, never_set),
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

fn never_set() -> AppError {
    let text = "nothing was ever set for this group or tag: give it a limit first";
    AppError::refused("refused-never-set", text)
}
