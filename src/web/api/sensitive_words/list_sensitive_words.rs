//! `POST sensitive-words/listSensitiveWords`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, sensitive_words};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists the words.
pub struct ListSensitiveWords;

impl Action for ListSensitiveWords {
    const SPEC: Spec = Spec::admin(
        Module::SensitiveWords,
        "listSensitiveWords",
        "List the words",
        "Lists all words that requests may not contain, the newest first; those that are switched off are among them.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(super::word()))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&sensitive_words::list(&call.api.app, &call.actor).await?)
    }
}
