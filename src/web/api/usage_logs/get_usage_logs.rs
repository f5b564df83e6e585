//! `POST usage-logs/getUsageLogs`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, usage_logs};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Reads the ledger.
pub struct GetUsageLogs;

impl Action for GetUsageLogs {
    const SPEC: Spec = Spec::anyone(
        Module::UsageLogs,
        "getUsageLogs",
        "Read the ledger",
        "A page of relayed requests, the newest first, with the sums of the whole filter. Others than admins see their own requests only. The instants are taken from startTime and endTime (milliseconds since 1970).",
    );

    fn request() -> Shape {
        usage_logs::asking()
    }

    fn answer() -> Option<Rule> {
        Some(super::schema::page())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&usage_logs::page(&call.api.app, &call.actor, &call.raw).await?)
    }
}
