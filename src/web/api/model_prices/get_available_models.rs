//! `POST model-prices/getAvailableModelsByProviderType`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, model_prices};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists models of chat.
pub struct GetAvailableModelsByProviderType;

impl Action for GetAvailableModelsByProviderType {
    const SPEC: Spec = Spec::anyone(
        Module::ModelPrices,
        "getAvailableModelsByProviderType",
        "List the models that can be talked to",
        "Names of all models whose price has the mode chat, sorted; an empty list for others than admins.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::TEXT))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&model_prices::chat_models(&call.api.app, &call.actor).await?)
    }
}
