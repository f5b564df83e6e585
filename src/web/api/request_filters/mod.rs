//! Operations on request filters.

mod create_request_filter;
mod delete_request_filter;
mod list_request_filters;
mod preview_request_filter;
mod refresh_request_filters;
mod update_request_filter;

use super::Routes;
use crate::app::request_filters;
use crate::app::shape::{Field, Rule};

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<list_request_filters::ListRequestFilters>()
        .action::<create_request_filter::CreateRequestFilter>()
        .action::<update_request_filter::UpdateRequestFilter>()
        .action::<delete_request_filter::DeleteRequestFilter>()
        .action::<refresh_request_filters::RefreshRequestFilters>()
        .action::<preview_request_filter::PreviewRequestFilter>();
}

/// A filter.
fn filter() -> Rule {
    Rule::object([
        Field::required("id", Rule::ID),
        Field::required("name", Rule::TEXT),
        Field::required("description", Rule::TEXT.nullable()),
        Field::required("scope", Rule::OneOf(request_filters::SCOPES)),
        Field::required("action", Rule::OneOf(request_filters::ACTIONS)),
        Field::required("matchType", Rule::OneOf(request_filters::MATCHES).nullable()),
        Field::required("target", Rule::TEXT),
        Field::required("replacement", Rule::Any),
        Field::required("priority", Rule::INTEGER),
        Field::required("isEnabled", Rule::Flag),
        Field::required("bindingType", Rule::OneOf(request_filters::BINDINGS)),
        Field::required("providerIds", Rule::list_of(Rule::ID)),
        Field::required("groupTags", Rule::list_of(Rule::TEXT)),
        Field::required("ruleMode", Rule::OneOf(request_filters::MODES)),
        Field::required("executionPhase", Rule::OneOf(request_filters::PHASES)),
        Field::required("operations", Rule::list_of(Rule::map_of(Rule::Any)).nullable()),
        Field::required("fault", Rule::TEXT.nullable())
            .about("Why it cannot be applied, when it cannot."),
        Field::required("createdAt", Rule::Instant),
        Field::required("updatedAt", Rule::Instant),
    ])
}
