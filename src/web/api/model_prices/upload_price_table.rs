//! `POST model-prices/uploadPriceTable`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, model_prices};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// LiteLLM's own table has over a megabyte and grows; escaped into a text it has more.
const TABLE_LIMIT: usize = 32 * 1024 * 1024;

/// Takes a price table.
pub struct UploadPriceTable;

impl Action for UploadPriceTable {
    const SPEC: Spec = Spec {
        body_limit: TABLE_LIMIT,
        ..Spec::admin(
            Module::ModelPrices,
            "uploadPriceTable",
            "Upload a price table",
            "Takes over the prices of a table in the form of LiteLLM. They count as manual: a sync does not replace them. Prices that mean the same as the one in force are left alone.",
        )
    };

    fn request() -> Shape {
        model_prices::uploading()
    }

    fn answer() -> Option<Rule> {
        Some(super::report())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&model_prices::upload(&call.api.app, &call.actor, &call.raw).await?)
    }
}
