//! `POST providers/getBreakers`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists breakers.
pub struct GetBreakers;

impl Action for GetBreakers {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "getBreakers",
        "List the breakers that are in trouble",
        "The breakers of providers and of their addresses that keep requests away or have counted failures, each with its last failures, the latest first.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        let cause = Rule::object([
            Field::required("at", Rule::Instant),
            Field::required("outcome", Rule::TEXT),
            Field::required("detail", Rule::TEXT.nullable()).about("Such as http 503."),
        ]);
        Some(Rule::list_of(Rule::object([
            Field::required("providerId", Rule::ID),
            Field::required("providerName", Rule::TEXT),
            Field::required("endpointId", Rule::ID.nullable())
                .about("The address, when it is the breaker of one."),
            Field::required("endpointUrl", Rule::TEXT.nullable()),
            Field::required(
                "state",
                Rule::OneOf(&["closed", "open", "half-open", "cooling", "resting"]),
            ),
            Field::required("failureCount", Rule::INTEGER),
            Field::required("until", Rule::Instant.nullable()),
            Field::required("causes", Rule::list_of(cause)),
        ])))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&providers::breakers(&call.api.app).await?)
    }
}
