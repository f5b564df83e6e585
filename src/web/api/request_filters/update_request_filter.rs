//! `POST request-filters/updateRequestFilterAction`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, request_filters};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Changes a filter.
pub struct UpdateRequestFilter;

impl Action for UpdateRequestFilter {
    const SPEC: Spec = Spec::admin(
        Module::RequestFilters,
        "updateRequestFilterAction",
        "Change a request filter",
        "Changes a filter, or switches it on or off; what the body does not name stays as it is. It holds from the next request.",
    );

    fn request() -> Shape {
        request_filters::updating()
    }

    fn answer() -> Option<Rule> {
        Some(super::filter())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&request_filters::update(&call.api.app, &call.actor, &call.raw).await?)
    }
}
