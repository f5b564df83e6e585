//! `POST model-prices/syncLiteLLMPrices`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, model_prices};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Syncs prices.
pub struct SyncLiteLlmPrices;

impl Action for SyncLiteLlmPrices {
    const SPEC: Spec = Spec::admin(
        Module::ModelPrices,
        "syncLiteLLMPrices",
        "Sync the prices with LiteLLM",
        "Fetches the price table of LiteLLM now and takes over what changed. Manual prices stay in force.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(super::report())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&model_prices::sync(&call.api.app, &call.actor).await?)
    }
}
