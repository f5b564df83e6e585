//! Error rules: what operators say upstreams' words mean, kept, changed and looked at.

mod change;
mod command;
mod defaults;
mod list;
mod sync;

pub use change::{create, refresh, remove, update};
pub use command::{ACTIONS, MATCH_TYPES, adding, draft, draft_fields, editing, naming};
pub use list::{Listed, list};
pub use sync::sync_defaults;

use switchyard_actors::domain::error_rules::ErrorRules;

use super::{AppContext, AppError};
use crate::store::aside;

/// Compiles the rules in force from the database, with one that is not there yet.
///
/// # Errors
/// The database failed, or the rule cannot be read.
pub async fn compiled(
    app: &AppContext,
    draft: Option<switchyard_actors::domain::error_rules::ErrorRule>,
) -> Result<ErrorRules, AppError> {
    let stored = app.store.error_rules().await?.into_iter().filter(|one| one.fields.enabled);
    let mut rules: Vec<_> = stored.filter_map(|one| one.fields.rule(one.id).ok()).collect();
    rules.extend(draft);
    Ok(aside(move || ErrorRules::compile(rules).0).await?)
}
