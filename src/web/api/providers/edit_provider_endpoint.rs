//! `POST providers/editProviderEndpoint`.

use switchyard_actors::domain::ids::EndpointId;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Switches an address.
pub struct EditProviderEndpoint;

impl Action for EditProviderEndpoint {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "editProviderEndpoint",
        "Switch an address on or off",
        "An address that is switched off is not tried and keeps its place. Which addresses there are, and in which order, editProvider says.",
    );

    fn request() -> Shape {
        Shape::from([
            Field::required("endpointId", Rule::ID)
                .about("The address, as getProviderEndpoints names it."),
            Field::required("isEnabled", Rule::Flag),
        ])
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let body = call.body(&Self::request())?;
        let endpoint = EndpointId(body.int("endpointId").unwrap_or_default());
        let enabled = body.flag("isEnabled").unwrap_or_default();
        providers::switch_endpoint(&call.api.app, &call.actor, endpoint, enabled).await?;
        Ok(Reply::Nothing)
    }
}
