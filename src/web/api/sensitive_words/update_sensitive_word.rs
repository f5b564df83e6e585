//! `POST sensitive-words/updateSensitiveWordAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, sensitive_words};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Changes a word.
pub struct UpdateSensitiveWord;

impl Action for UpdateSensitiveWord {
    const SPEC: Spec = Spec::admin(
        Module::SensitiveWords,
        "updateSensitiveWordAction",
        "Change a word",
        "Changes a word, or switches it on or off; what the body does not name stays as it is. It holds from the next request.",
    );

    fn request() -> Shape {
        sensitive_words::updating()
    }

    fn answer() -> Option<Rule> {
        Some(super::word())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&sensitive_words::update(&call.api.app, &call.actor, &call.raw).await?)
    }
}
