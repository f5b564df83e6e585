//! `POST providers/getProviderLimitUsage`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Tells what is used of limits.
pub struct GetProviderLimitUsage;

impl Action for GetProviderLimitUsage {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "getProviderLimitUsage",
        "Show what a provider has used of its limits",
        "What the provider cost in each window of its limits, when each window starts anew, and its sessions at once.",
    );

    fn request() -> Shape {
        providers::choice()
    }

    fn answer() -> Option<Rule> {
        Some(super::schema::limit_usage())
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let provider = call.body(&providers::choice())?.provider(providers::ID);
        Reply::data(&providers::limit_usage(&call.api.app, provider).await?)
    }
}
