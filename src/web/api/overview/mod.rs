//! Today at a glance.

mod get_overview_data;

use super::Routes;

/// Adds the operation.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes.action::<get_overview_data::GetOverviewData>();
}
