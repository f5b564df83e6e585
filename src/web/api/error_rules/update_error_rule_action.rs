//! `POST error-rules/updateErrorRuleAction`.

use super::schema;
use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, error_rules};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Changes a rule.
pub struct UpdateErrorRule;

impl Action for UpdateErrorRule {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "updateErrorRuleAction",
        "Change an error rule",
        "Changes what the body names; the rest stays. It holds from the next request on, on every node. A rule that came with the program is the operator's own once it was changed: later versions leave it as it is. Its pattern stays: by that it is known, and with another one it would be back at the next start. Switch it off and add one of your own.",
    );

    fn request() -> Shape {
        error_rules::editing()
    }

    fn answer() -> Option<Rule> {
        Some(schema::listed())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&error_rules::update(&call.api.app, &call.actor, &call.raw).await?)
    }
}
