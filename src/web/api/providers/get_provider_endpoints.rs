//! `POST providers/getProviderEndpoints`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists addresses.
pub struct GetProviderEndpoints;

impl Action for GetProviderEndpoints {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "getProviderEndpoints",
        "List the addresses of a provider",
        "The addresses of a provider in their order, each with its switch, the result of its last check, and its breaker.",
    );

    fn request() -> Shape {
        providers::choice()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::object([
            Field::required("id", Rule::ID),
            Field::required("url", Rule::TEXT),
            Field::required("isEnabled", Rule::Flag),
            Field::required("lastProbedAt", Rule::Instant.nullable()),
            Field::required("lastProbeOk", Rule::Flag.nullable()),
            Field::required("lastProbeLatencyMs", Rule::INTEGER.nullable()),
            Field::required("lastProbeErrorMessage", Rule::TEXT.nullable()),
            Field::required("circuitState", Rule::OneOf(&["closed", "open", "half-open"])),
            Field::required("circuitOpenUntil", Rule::Instant.nullable()),
            Field::required("failureCount", Rule::INTEGER),
        ])))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let provider = call.body(&providers::choice())?.provider(providers::ID);
        Reply::data(&providers::endpoints(&call.api.app, provider).await?)
    }
}
