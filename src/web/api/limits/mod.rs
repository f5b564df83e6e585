//! Operations on limits of every kind.

mod get_limits;
mod reset_limits;
mod set_limits;

use super::Routes;

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_limits::GetLimits>()
        .action::<set_limits::SetLimits>()
        .action::<reset_limits::ResetLimits>();
}
