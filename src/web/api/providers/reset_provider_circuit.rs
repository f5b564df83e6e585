//! `POST providers/resetProviderCircuit`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Closes a breaker.
pub struct ResetProviderCircuit;

impl Action for ResetProviderCircuit {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "resetProviderCircuit",
        "Close the breaker of a provider",
        "Closes the circuit breaker of a provider and forgets its failures, so that it is chosen again at once.",
    );

    fn request() -> Shape {
        providers::choice()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let provider = call.body(&providers::choice())?.provider(providers::ID);
        providers::reset_circuit(&call.api.app, &call.actor, provider).await?;
        Ok(Reply::Nothing)
    }
}
