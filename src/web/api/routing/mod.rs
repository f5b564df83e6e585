//! Operations on where requests go.

mod get_fallback_models;
mod set_fallback_models;
mod simulate_dispatch;

use super::Routes;

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_fallback_models::GetFallbackModels>()
        .action::<set_fallback_models::SetFallbackModels>()
        .action::<simulate_dispatch::SimulateDispatch>();
}
