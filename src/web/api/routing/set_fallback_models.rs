//! `POST routing/setFallbackModels`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, routing};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Says which models stand in for others.
pub struct SetFallbackModels;

impl Action for SetFallbackModels {
    const SPEC: Spec = Spec::admin(
        Module::Routing,
        "setFallbackModels",
        "Set the models that stand in for others",
        "Sets, for one key or one group, which models are tried when nobody can serve the one that was asked for. The whole list is replaced; an empty one switches it off. A key's own list goes before its groups'. What stood in is on the request's row and in the header x-switchyard-fallback-model.",
    );

    fn request() -> Shape {
        routing::setting()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        routing::set_fallbacks(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
