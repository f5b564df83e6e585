//! `POST sensitive-words/refreshCacheAction`.

use serde_json::json;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, sensitive_words};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Reads the words again.
pub struct RefreshCache;

impl Action for RefreshCache {
    const SPEC: Spec = Spec::admin(
        Module::SensitiveWords,
        "refreshCacheAction",
        "Read the words again",
        "Has every node read and compile the words again, and tells what this one looks for then. A change does that by itself.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([Field::required("stats", super::stats())]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let stats =
            sensitive_words::refresh(&call.api.app, &call.actor, call.api.catalogue.as_ref());
        Reply::data(&json!({ "stats": stats.await? }))
    }
}
