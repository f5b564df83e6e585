//! `POST request-filters/listRequestFilters`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, request_filters};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists the filters.
pub struct ListRequestFilters;

impl Action for ListRequestFilters {
    const SPEC: Spec = Spec::admin(
        Module::RequestFilters,
        "listRequestFilters",
        "List the request filters",
        "Lists all request filters in the order in which they run; those that are switched off are among them, and those that cannot be read any more say why.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(super::filter()))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&request_filters::list(&call.api.app, &call.actor).await?)
    }
}
