//! Operations on words that requests may not contain.

mod create_sensitive_word;
mod delete_sensitive_word;
mod get_cache_stats;
mod list_sensitive_words;
mod refresh_cache;
mod update_sensitive_word;

use super::Routes;
use crate::app::sensitive_words;
use crate::app::shape::{Field, Rule};

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<list_sensitive_words::ListSensitiveWords>()
        .action::<create_sensitive_word::CreateSensitiveWord>()
        .action::<update_sensitive_word::UpdateSensitiveWord>()
        .action::<delete_sensitive_word::DeleteSensitiveWord>()
        .action::<refresh_cache::RefreshCache>()
        .action::<get_cache_stats::GetCacheStats>();
}

/// A word.
fn word() -> Rule {
    Rule::object([
        Field::required("id", Rule::ID),
        Field::required("word", Rule::TEXT),
        Field::required("matchType", Rule::OneOf(sensitive_words::KINDS)),
        Field::required("description", Rule::TEXT.nullable()),
        Field::required("isEnabled", Rule::Flag),
        Field::required("createdAt", Rule::Instant),
        Field::required("updatedAt", Rule::Instant),
    ])
}

/// What is looked for now.
fn stats() -> Rule {
    Rule::object([
        Field::required("containsCount", Rule::INTEGER),
        Field::required("exactCount", Rule::INTEGER),
        Field::required("regexCount", Rule::INTEGER),
        Field::required("totalCount", Rule::INTEGER),
        Field::required("lastReloadTime", Rule::INTEGER)
            .about("Milliseconds since 1970; 0 when nothing was read yet."),
        Field::required("isLoading", Rule::Flag),
    ])
}
