//! `POST providers/getProvidersHealthStatus`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Tells how breakers are.
pub struct GetProvidersHealthStatus;

impl Action for GetProvidersHealthStatus {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "getProvidersHealthStatus",
        "Show the breakers of all providers",
        "For each provider, by its id: the state of its circuit breaker, its failures in a row, and when it recovers.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::map_of(super::schema::health()))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        // The original answers an empty object when the database fails: nobody could tell that from none.
        Reply::data(&providers::health(&call.api.app).await?)
    }
}
