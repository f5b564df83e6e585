//! `POST error-rules/refreshCacheAction`.

use super::{schema, stats};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, error_rules};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Reads the rules again.
pub struct RefreshCache;

impl Action for RefreshCache {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "refreshCacheAction",
        "Read the error rules again",
        "Has every node read the rules again, whatever their version: for rules that were changed in the database by hand. It is not needed after a change by these operations: that is published at once here, and within a second on other nodes.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([Field::required("stats", schema::stats())]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        error_rules::refresh(&call.api.app, &call.actor).await?;
        let stats = stats::stats(&call.api).await?;
        Reply::data(&serde_json::json!({ "stats": stats }))
    }
}
