//! `POST active-sessions/terminateSessionsOf`.

use serde_json::json;

use crate::app::AppError;
use crate::app::sessions::{self, Whose};
use crate::app::shape::{Body, Fault, Field, Issue, Rule, Shape};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Ends all conversations of a user, a key or a provider.
pub struct TerminateSessionsOf;

impl Action for TerminateSessionsOf {
    const SPEC: Spec = Spec::admin(
        Module::ActiveSessions,
        "terminateSessionsOf",
        "End all sessions of a user, a key or a provider",
        "Ends all sessions of a user or a key as terminateActiveSession does. Sessions that are kept on a provider live on, and are free to be kept on another one.",
    );

    fn request() -> Shape {
        Shape::from([
            Field::optional("userId", Rule::ID).about("The user."),
            Field::optional("keyId", Rule::ID).about("Or the key."),
            Field::optional("providerId", Rule::ID).about("Or the provider."),
        ])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("ended", Rule::INTEGER).about("How many there were on this node.")
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let whose = whose(&call.body(&Self::request())?)?;
        let ended = sessions::end_of(&call.api.app, &call.actor, whose).await?;
        Reply::data(&json!({ "ended": ended }))
    }
}

fn whose(body: &Body) -> Result<Whose, AppError> {
    match ["userId", "keyId", "providerId"].map(|name| body.has(name)) {
        [true, false, false] => Ok(Whose::User(body.user("userId"))),
        [false, true, false] => Ok(Whose::Key(body.key("keyId"))),
        [false, false, true] => Ok(Whose::Provider(body.provider("providerId"))),
        _ => {
            let text = "userId、keyId、providerId 必须且只能提供一个 (name exactly one of them)";
            Err(AppError::Invalid(vec![Issue::custom(Fault { id: "wrong-one-of", text })]))
        }
    }
}
