//! `POST sensitive-words/createSensitiveWordAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, sensitive_words};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Adds a word.
pub struct CreateSensitiveWord;

impl Action for CreateSensitiveWord {
    const SPEC: Spec = Spec::admin(
        Module::SensitiveWords,
        "createSensitiveWordAction",
        "Add a word",
        "Adds a word that requests may not contain. System texts and the texts of users are looked at, in every format; answers of models and results of tools are not. Case does not matter. A request that has one is refused with 400 before limits and providers, costs nothing, and has a row. A pattern that the linear-time engine cannot read is refused here.",
    );

    fn request() -> Shape {
        sensitive_words::creating()
    }

    fn answer() -> Option<Rule> {
        Some(super::word())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&sensitive_words::create(&call.api.app, &call.actor, &call.raw).await?)
    }
}
