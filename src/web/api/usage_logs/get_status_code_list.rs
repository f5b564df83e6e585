//! `POST usage-logs/getStatusCodeList`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, usage_logs};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists statuses.
pub struct GetStatusCodeList;

impl Action for GetStatusCodeList {
    const SPEC: Spec = Spec::anyone(
        Module::UsageLogs,
        "getStatusCodeList",
        "List the statuses that were given",
        "Every status that a request in the ledger has, rising.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::INTEGER))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&usage_logs::status_codes(&call.api.app).await?)
    }
}
