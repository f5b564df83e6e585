//! `POST providers/resetProviderTotalUsage`.

use switchyard_actors::domain::check::Dimension;

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, limits, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Resets what a provider has spent.
pub struct ResetProviderTotalUsage;

impl Action for ResetProviderTotalUsage {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "resetProviderTotalUsage",
        "Reset what a provider has spent",
        "Has every limit of the provider count from now on, in all windows and in the total; fixed windows keep their borders. Requests that run count when they end. Rows and statistics are left alone.",
    );

    fn request() -> Shape {
        providers::choice()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let owner = Dimension::Provider(call.body(&Self::request())?.provider(providers::ID));
        limits::reset_spend(&call.api.app, &call.actor, owner).await?;
        Ok(Reply::Nothing)
    }
}
