//! Reads the ledger for people who look through it: whose rows somebody may see is said here.

use switchyard_actors::domain::ids::UserId;

use super::veil::for_eyes;
use crate::app::{Actor, ActorKind, AppContext, AppError};
use crate::store::{LedgerEntry, LedgerFilter, Page};

/// Returns whose rows alone somebody may see; `None` when that is everybody's.
pub(super) fn own(actor: &Actor) -> Result<Option<UserId>, AppError> {
    match actor.kind {
        _ if actor.is_admin() => Ok(None),
        ActorKind::User(user) => Ok(Some(user)),
        _ => Err(AppError::denied()),
    }
}

/// Returns a filter that finds nothing which somebody may not see.
pub(super) fn narrowed(actor: &Actor, filter: &LedgerFilter) -> Result<LedgerFilter, AppError> {
    let own = own(actor)?;
    Ok(LedgerFilter { user: own.or(filter.user), ..filter.clone() })
}

/// Reads a page of what somebody may see, the newest first.
///
/// # Errors
/// They may see nothing, or the database cannot be asked.
pub async fn entries(
    app: &AppContext,
    actor: &Actor,
    filter: &LedgerFilter,
    page: Page,
) -> Result<Vec<LedgerEntry>, AppError> {
    let entries = app.store.ledger_page(&narrowed(actor, filter)?, page).await?;
    Ok(entries.into_iter().map(|entry| for_eyes(actor, entry)).collect())
}
