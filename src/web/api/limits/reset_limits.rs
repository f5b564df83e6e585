//! `POST limits/resetLimits`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, limits};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Resets what one owner has spent.
pub struct ResetLimits;

impl Action for ResetLimits {
    const SPEC: Spec = Spec::admin(
        Module::Limits,
        "resetLimits",
        "Reset what a key, user, group, tag or provider has spent",
        "Has every limit of one owner count from now on, in all windows and in the total; fixed windows keep their borders. A key, user or provider is named by its id, a group or tag by its name. Requests that run count when they end. The limits of others who pay for the same requests are left alone, and so are rows and statistics.",
    );

    fn request() -> Shape {
        limits::resetting()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        limits::reset_limits(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
