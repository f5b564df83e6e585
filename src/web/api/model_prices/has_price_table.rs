//! `POST model-prices/hasPriceTable`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, model_prices};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Tells whether there are prices.
pub struct HasPriceTable;

impl Action for HasPriceTable {
    const SPEC: Spec = Spec::anyone(
        Module::ModelPrices,
        "hasPriceTable",
        "Tell whether any model has a price",
        "True as soon as one model has a price, from wherever it came.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::Flag)
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&model_prices::has_any(&call.api.app).await?)
    }
}
