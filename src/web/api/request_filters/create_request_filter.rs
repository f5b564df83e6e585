//! `POST request-filters/createRequestFilterAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, request_filters};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Adds a filter.
pub struct CreateRequestFilter;

impl Action for CreateRequestFilter {
    const SPEC: Spec = Spec::admin(
        Module::RequestFilters,
        "createRequestFilterAction",
        "Add a request filter",
        "Adds a filter that changes requests: a header, a place of the body, text in all of its strings, or a list of operations. Only the bytes it names change. Each filter that changed something is among the edits of the row; one that cannot be applied leaves a note there, and the request goes on without it. Headers of the connection cannot be changed.",
    );

    fn request() -> Shape {
        request_filters::creating()
    }

    fn answer() -> Option<Rule> {
        Some(super::filter())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&request_filters::create(&call.api.app, &call.actor, &call.raw).await?)
    }
}
