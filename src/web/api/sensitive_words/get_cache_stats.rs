//! `POST sensitive-words/getCacheStats`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, sensitive_words};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Counts the words in force.
pub struct GetCacheStats;

impl Action for GetCacheStats {
    const SPEC: Spec = Spec::admin(
        Module::SensitiveWords,
        "getCacheStats",
        "Count the words in force",
        "Tells how many words of each kind this node looks for now, and when it has read them.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(super::stats())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let stats = sensitive_words::stats(&call.api.app, &call.actor, call.api.catalogue.as_ref());
        Reply::data(&stats.await?)
    }
}
