//! `POST model-prices/getModelPrices`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, model_prices};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists prices.
pub struct GetModelPrices;

impl Action for GetModelPrices {
    const SPEC: Spec = Spec::admin(
        Module::ModelPrices,
        "getModelPrices",
        "List the prices of models",
        "The price in force of each model by name, with its price object exactly as it was given.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::object([
            Field::required("id", Rule::ID),
            Field::required("modelName", Rule::TEXT),
            Field::required("priceData", Rule::map_of(Rule::Any)),
            Field::required("createdAt", Rule::Instant),
            Field::required("updatedAt", Rule::Instant),
            Field::required("source", Rule::OneOf(&["manual", "synced", "seed"])),
        ])))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&model_prices::list(&call.api.app).await?)
    }
}
