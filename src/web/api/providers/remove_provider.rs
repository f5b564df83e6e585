//! `POST providers/removeProvider`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Removes a provider.
pub struct RemoveProvider;

impl Action for RemoveProvider {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "removeProvider",
        "Remove a provider",
        "Hides a provider for good; its requests stay in the ledger. Removing one that is not there succeeds.",
    );

    fn request() -> Shape {
        providers::choice()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let provider = call.body(&providers::choice())?.provider(providers::ID);
        providers::remove(&call.api.app, &call.actor, provider).await?;
        Ok(Reply::Nothing)
    }
}
