//! `POST error-rules/deleteErrorRuleAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, error_rules};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Removes a rule.
pub struct DeleteErrorRule;

impl Action for DeleteErrorRule {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "deleteErrorRuleAction",
        "Delete an error rule",
        "Deletes a rule for good. One that came with the program is switched off instead: it would be back at the next start.",
    );

    fn request() -> Shape {
        error_rules::naming()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        error_rules::remove(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
