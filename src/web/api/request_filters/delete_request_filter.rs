//! `POST request-filters/deleteRequestFilterAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, request_filters};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Removes a filter.
pub struct DeleteRequestFilter;

impl Action for DeleteRequestFilter {
    const SPEC: Spec = Spec::admin(
        Module::RequestFilters,
        "deleteRequestFilterAction",
        "Remove a request filter",
        "Removes a filter for good. Rows of requests that it changed keep its name.",
    );

    fn request() -> Shape {
        request_filters::removing()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        request_filters::remove(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
