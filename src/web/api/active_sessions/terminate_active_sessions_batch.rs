//! `POST active-sessions/terminateActiveSessionsBatch`.

use std::sync::Arc;

use serde_json::json;
use switchyard_actors::domain::ids::SessionId;

use super::NAME;
use crate::app::AppError;
use crate::app::sessions::end_many;
use crate::app::shape::{Field, Rule, Shape};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// As many sessions as one call ends.
const MOST: usize = 200;

/// Ends several conversations.
pub struct TerminateActiveSessionsBatch;

impl Action for TerminateActiveSessionsBatch {
    const SPEC: Spec = Spec::anyone(
        Module::ActiveSessions,
        "terminateActiveSessionsBatch",
        "End several sessions",
        "Ends up to 200 sessions as terminateActiveSession does. Those that are not there, and those of somebody else, are told as missing.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("sessionIds", Rule::list(NAME, MOST)).about("The sessions.")])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("successCount", Rule::INTEGER),
            Field::required("missingCount", Rule::INTEGER),
            Field::required("missing", Rule::list_of(Rule::TEXT)),
            Field::required("inFlight", Rule::INTEGER).about("Requests that go on."),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let body = call.body(&Self::request())?;
        let names = body.texts("sessionIds").unwrap_or_default();
        let sessions = names.into_iter().map(|name| SessionId(Arc::from(name))).collect();
        let done = end_many(&call.api.app, &call.actor, sessions).await?;
        Reply::data(&json!({
            "successCount": done.ended.len(),
            "missingCount": done.missing.len(),
            "missing": done.missing,
            "inFlight": done.in_flight,
        }))
    }
}
