//! Operations on the ledger.

mod get_model_list;
mod get_status_code_list;
mod get_usage_logs;
mod schema;

use super::Routes;

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_usage_logs::GetUsageLogs>()
        .action::<get_model_list::GetModelList>()
        .action::<get_status_code_list::GetStatusCodeList>();
}
