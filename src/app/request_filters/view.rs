//! Filters as the management API shows them.

use serde::Serialize;
use serde_json::Value;

use crate::app::{Actor, AppContext, AppError, time};
use crate::store::{FilterFields, StoredFilter, aside};

/// A filter in the contract's words.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// `header` or `body`.
    pub scope: String,
    /// What it does.
    pub action: String,
    /// How text is looked for.
    pub match_type: Option<String>,
    /// The header, the path or the text.
    pub target: String,
    /// What it becomes.
    pub replacement: Option<Value>,
    /// Smaller ones run first.
    pub priority: i64,
    /// It runs.
    pub is_enabled: bool,
    /// Whose requests it is for.
    pub binding_type: String,
    /// The providers it is bound to.
    pub provider_ids: Vec<i64>,
    /// The groups it is bound to.
    pub group_tags: Vec<String>,
    /// `simple` or `advanced`.
    pub rule_mode: String,
    /// `guard` or `final`.
    pub execution_phase: String,
    /// The operations of an advanced one.
    pub operations: Option<Value>,
    /// Why it cannot be applied, when it cannot.
    pub fault: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was changed.
    pub updated_at: String,
}

impl Filter {
    /// Shows a filter. Its patterns are read for that, which takes a while.
    pub(super) fn of(stored: StoredFilter) -> Self {
        let fault = stored.fields.sound_changes().err().map(|error| error.to_string());
        let FilterFields {
            name,
            description,
            scope,
            action,
            match_type,
            target,
            replacement,
            priority,
            is_enabled,
            binding_type,
            provider_ids,
            group_tags,
            rule_mode,
            execution_phase,
            operations,
        } = stored.fields;
        Self {
            id: stored.id,
            name,
            description,
            scope,
            action,
            match_type,
            target,
            replacement,
            priority,
            is_enabled,
            binding_type,
            provider_ids,
            group_tags,
            rule_mode,
            execution_phase,
            operations,
            fault,
            created_at: time::iso(stored.created_at),
            updated_at: time::iso(stored.updated_at),
        }
    }
}

/// Lists all filters in the order in which they run; those that are switched off are among them.
///
/// # Errors
/// Only admins may look.
pub async fn list(app: &AppContext, actor: &Actor) -> Result<Vec<Filter>, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let stored = app.store.request_filters().await?;
    Ok(aside(move || stored.into_iter().map(Filter::of).collect()).await?)
}
