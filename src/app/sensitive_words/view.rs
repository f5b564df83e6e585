//! Words as the management API shows them.

use serde::Serialize;

use crate::app::{Actor, AppContext, AppError, time};
use crate::store::StoredWord;

/// A word in the contract's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Word {
    /// Its id.
    pub id: i64,
    /// The word, or the pattern.
    pub word: String,
    /// How it is compared.
    pub match_type: &'static str,
    /// What it is for.
    pub description: Option<String>,
    /// It is looked for.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: String,
    /// When it was changed.
    pub updated_at: String,
}

impl Word {
    pub(super) fn of(stored: StoredWord) -> Self {
        Self {
            id: stored.id,
            word: stored.fields.word,
            match_type: stored.fields.kind.name(),
            description: stored.fields.description,
            is_enabled: stored.fields.is_enabled,
            created_at: time::iso(stored.created_at),
            updated_at: time::iso(stored.updated_at),
        }
    }
}

/// Lists all words, the newest first; those that are switched off are among them.
///
/// # Errors
/// Only admins may look.
pub async fn list(app: &AppContext, actor: &Actor) -> Result<Vec<Word>, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    Ok(app.store.sensitive_words().await?.into_iter().map(Word::of).collect())
}
