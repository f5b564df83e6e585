//! `POST providers/batchResetProviderCircuits`.

use serde_json::json;
use switchyard_actors::domain::ids::ProviderId;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// As many providers as one call resets.
const MOST: usize = 500;

/// Closes several breakers.
pub struct BatchResetProviderCircuits;

impl Action for BatchResetProviderCircuits {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "batchResetProviderCircuits",
        "Close the breakers of several providers",
        "Does for each of up to 500 providers what resetProviderCircuit does for one, and tells how many had something to close.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("providerIds", Rule::list(Rule::ID, MOST))])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([Field::required("resetCount", Rule::INTEGER)]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let body = call.body(&Self::request())?;
        let ids = body.ints("providerIds").into_iter().map(ProviderId).collect::<Vec<_>>();
        let reset = providers::reset_circuits(&call.api.app, &call.actor, &ids).await?;
        Reply::data(&json!({ "resetCount": reset }))
    }
}
