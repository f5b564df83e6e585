//! Today at a glance.

mod get_overview_data;
#[cfg(test)]
mod tests;

use super::Routes;

/// Adds the operation.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes.action::<get_overview_data::GetOverviewData>();
}
