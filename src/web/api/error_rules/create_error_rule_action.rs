//! `POST error-rules/createErrorRuleAction`.

use super::schema;
use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, error_rules};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Makes a rule.
pub struct CreateErrorRule;

impl Action for CreateErrorRule {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "createErrorRuleAction",
        "Make an error rule",
        "Makes a rule that says what an upstream's words mean and, if it likes, what clients are told in their place. It holds from the next request on, on every node. A regular expression that cannot be read is refused with the reason. Silence, lost connections and bodies that broke off have no words: no rule is asked about them.",
    );

    fn request() -> Shape {
        error_rules::adding()
    }

    fn answer() -> Option<Rule> {
        Some(schema::listed())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&error_rules::create(&call.api.app, &call.actor, &call.raw).await?)
    }
}
