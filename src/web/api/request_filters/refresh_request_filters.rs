//! `POST request-filters/refreshRequestFiltersCache`.

use serde_json::json;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, request_filters};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Reads the filters again.
pub struct RefreshRequestFilters;

impl Action for RefreshRequestFilters {
    const SPEC: Spec = Spec::admin(
        Module::RequestFilters,
        "refreshRequestFiltersCache",
        "Read the request filters again",
        "Has every node read the filters again, and tells how many are on. A change does that by itself.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([Field::required("count", Rule::INTEGER)]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let count = request_filters::refresh(&call.api.app, &call.actor).await?;
        Reply::data(&json!({ "count": count }))
    }
}
