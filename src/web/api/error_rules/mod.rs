//! Operations on error rules.

mod create_error_rule_action;
mod delete_error_rule_action;
mod get_cache_stats;
mod list_error_rules;
mod refresh_cache_action;
mod schema;
mod stats;
mod test_error_rule_action;
mod update_error_rule_action;

use super::Routes;

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<list_error_rules::ListErrorRules>()
        .action::<create_error_rule_action::CreateErrorRule>()
        .action::<update_error_rule_action::UpdateErrorRule>()
        .action::<delete_error_rule_action::DeleteErrorRule>()
        .action::<refresh_cache_action::RefreshCache>()
        .action::<get_cache_stats::GetCacheStats>()
        .action::<test_error_rule_action::TestErrorRule>();
}
