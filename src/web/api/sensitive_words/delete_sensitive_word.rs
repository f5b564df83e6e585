//! `POST sensitive-words/deleteSensitiveWordAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, sensitive_words};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Removes a word.
pub struct DeleteSensitiveWord;

impl Action for DeleteSensitiveWord {
    const SPEC: Spec = Spec::admin(
        Module::SensitiveWords,
        "deleteSensitiveWordAction",
        "Remove a word",
        "Removes a word for good. Rows of requests that it refused keep it.",
    );

    fn request() -> Shape {
        sensitive_words::removing()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        sensitive_words::remove(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
