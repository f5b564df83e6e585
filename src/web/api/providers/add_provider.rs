//! `POST providers/addProvider`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Adds a provider.
pub struct AddProvider;

impl Action for AddProvider {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "addProvider",
        "Add a provider",
        "Adds a provider; its key is kept sealed. It takes part in routing at once. No id is answered: find it with getProviders.",
    );

    fn request() -> Shape {
        providers::addition()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        providers::add(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
