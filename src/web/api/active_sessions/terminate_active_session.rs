//! `POST active-sessions/terminateActiveSession`.

use serde_json::json;

use super::{session, session_field};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, sessions};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Ends one conversation.
pub struct TerminateActiveSession;

impl Action for TerminateActiveSession {
    const SPEC: Spec = Spec::anyone(
        Module::ActiveSessions,
        "terminateActiveSession",
        "End a session",
        "Frees a session from its providers, on all nodes and for good: its next request begins anew. Requests of it that run go on to their end, and its seat is free with the last of them. Others than admins may end their own.",
    );

    fn request() -> Shape {
        Shape::from([session_field()])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("inFlight", Rule::INTEGER).about("Requests that go on.")
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let session = session(&call.body(&Self::request())?);
        let in_flight = sessions::end(&call.api.app, &call.actor, session).await?;
        Reply::data(&json!({ "inFlight": in_flight }))
    }
}
