//! Lists the rules, in the order in which they are asked.

use serde::Serialize;
use serde_json::{Value as Document, json};

use crate::app::{Actor, AppContext, AppError, time};
use crate::store::StoredErrorRule;

/// A rule as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Its id.
    pub id: i64,
    /// What is looked for.
    pub pattern: String,
    /// How.
    pub match_type: &'static str,
    /// The statuses it is about.
    pub statuses: Option<String>,
    /// What answers are taken for.
    pub action: &'static str,
    /// The operator's word for rules of its sort.
    pub category: String,
    /// What it is for.
    pub description: Option<String>,
    /// What clients are told.
    pub override_response: Option<Document>,
    /// The status clients are told.
    pub override_status_code: Option<u16>,
    /// It is asked.
    pub is_enabled: bool,
    /// It came with the program.
    pub is_default: bool,
    /// An operator has changed it since: the program leaves it alone.
    pub is_edited: bool,
    /// Lower ones are asked first.
    pub priority: i64,
    /// When it was made.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
}

impl Listed {
    /// Shows a rule.
    #[must_use]
    pub fn of(stored: StoredErrorRule) -> Self {
        let StoredErrorRule { id, fields, created_at, updated_at } = stored;
        Self {
            id: id.0,
            pattern: fields.pattern,
            match_type: fields.match_type.name(),
            statuses: fields.statuses,
            action: fields.action.name(),
            category: fields.category,
            description: fields.description,
            override_response: fields.told,
            override_status_code: fields.told_status,
            is_enabled: fields.enabled,
            is_default: fields.is_default,
            is_edited: fields.is_edited,
            priority: fields.priority,
            created_at: time::iso(created_at),
            updated_at: time::iso(updated_at),
        }
    }

    /// Describes the rule for the audit log.
    pub(super) fn story(&self) -> Document {
        json!({
            "pattern": self.pattern,
            "matchType": self.match_type,
            "statuses": self.statuses,
            "action": self.action,
            "category": self.category,
            "overrideResponse": self.override_response,
            "overrideStatusCode": self.override_status_code,
            "isEnabled": self.is_enabled,
            "priority": self.priority,
        })
    }
}

/// Lists all rules, those that are switched off included.
///
/// # Errors
/// Only admins may look.
pub async fn list(app: &AppContext, actor: &Actor) -> Result<Vec<Listed>, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let mut stored = app.store.error_rules().await?;
    stored.sort_by(|one, other| order(one).cmp(&order(other)));
    Ok(stored.into_iter().map(Listed::of).collect())
}

fn order(stored: &StoredErrorRule) -> impl Ord + use<'_> {
    let fields = &stored.fields;
    (fields.match_type, fields.priority, fields.category.as_str(), stored.id.0)
}
