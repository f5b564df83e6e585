//! `POST routing/getFallbackModels`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, routing};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists the models that stand in for others.
pub struct GetFallbackModels;

impl Action for GetFallbackModels {
    const SPEC: Spec = Spec::admin(
        Module::Routing,
        "getFallbackModels",
        "List the models that stand in for others",
        "For each key and group that names some: which models stand in for which, when nobody can serve the one that was asked for.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        let rule = Rule::object([
            Field::required("model", Rule::TEXT),
            Field::required("then", Rule::list_of(Rule::TEXT)),
        ]);
        Some(Rule::list_of(Rule::object([
            Field::optional("keyId", Rule::ID),
            Field::optional("keyName", Rule::TEXT),
            Field::optional("userName", Rule::TEXT),
            Field::optional("group", Rule::TEXT),
            Field::required("rules", Rule::list_of(rule)),
        ])))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&routing::fallbacks(&call.api.app, &call.actor).await?)
    }
}
