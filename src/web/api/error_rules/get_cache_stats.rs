//! `POST error-rules/getCacheStats`.

use super::{schema, stats};
use crate::app::AppError;
use crate::app::shape::{Rule, Shape};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Counts the rules in force.
pub struct GetCacheStats;

impl Action for GetCacheStats {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "getCacheStats",
        "Count the error rules in force",
        "Counts the rules that requests are judged by now, by match type, with the version of the catalogue they are in. Rules that are switched off or cannot be read are not among them.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(schema::stats())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&stats::stats(&call.api).await?)
    }
}
