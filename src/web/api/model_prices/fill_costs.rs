//! `POST model-prices/fillCosts`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, model_prices};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Bills requests that had no price.
pub struct FillCosts;

impl Action for FillCosts {
    const SPEC: Spec = Spec::admin(
        Module::ModelPrices,
        "fillCosts",
        "Bill requests whose model had no price",
        "Bills requests that have usage and no cost because their model had no price, at the prices in force now, by the multiplier, the group's factor and the service tier of their own time. Limits count these costs at once, in the windows of the requests' arrival. A request that has a cost is never billed again.",
    );

    fn request() -> Shape {
        model_prices::filling()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("filled", Rule::INTEGER).about("Requests that have a cost now."),
            Field::required("costUsd", Rule::TEXT).about("What they cost, in dollars."),
            Field::required("stillUnpriced", Rule::INTEGER)
                .about("Requests whose model still has no price, or lacks a rate they need."),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&model_prices::fill_costs(&call.api.app, &call.actor, &call.raw).await?)
    }
}
