//! `POST providers/editProvider`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Changes a provider.
pub struct EditProvider;

impl Action for EditProvider {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "editProvider",
        "Change a provider",
        "Changes the fields that are given; null clears those that may be empty. Sticky sessions of the provider end.",
    );

    fn request() -> Shape {
        providers::edition()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        providers::edit(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
