//! `POST request-filters/previewRequestFilterAction`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, request_filters};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Tries filters.
pub struct PreviewRequestFilter;

impl Action for PreviewRequestFilter {
    const SPEC: Spec = Spec::admin(
        Module::RequestFilters,
        "previewRequestFilterAction",
        "Try request filters on a request",
        "Tells what a filter, kept or only typed, would make of headers and a body; without one, what all filters make that are on for everybody. Nothing is kept, and nothing is sent.",
    );

    fn request() -> Shape {
        request_filters::previewing()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("edits", Rule::list_of(Rule::TEXT)),
            Field::required("notes", Rule::list_of(Rule::TEXT)),
            Field::required("headers", Rule::map_of(Rule::TEXT)),
            Field::required("body", Rule::TEXT),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&request_filters::preview(&call.api.app, &call.actor, &call.raw).await?)
    }
}
