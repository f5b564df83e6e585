//! `POST usage-logs/getModelList`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, usage_logs};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists models asked for.
pub struct GetModelList;

impl Action for GetModelList {
    const SPEC: Spec = Spec::anyone(
        Module::UsageLogs,
        "getModelList",
        "List the models that were asked for",
        "Every model that a request in the ledger asked for, sorted.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::TEXT))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&usage_logs::models(&call.api.app).await?)
    }
}
