//! `POST error-rules/listErrorRules`.

use super::schema;
use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, error_rules};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists the rules.
pub struct ListErrorRules;

impl Action for ListErrorRules {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "listErrorRules",
        "List error rules",
        "Lists all error rules, those that are switched off included, in the order in which they are asked: those that look for a part, then those that compare the whole, then regular expressions; among them by priority. The first that fits decides.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(schema::listed()))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&error_rules::list(&call.api.app, &call.actor).await?)
    }
}
