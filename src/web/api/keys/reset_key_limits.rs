//! `POST keys/resetKeyLimits`.

use switchyard_actors::domain::check::Dimension;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, limits};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Resets what a key has spent.
pub struct ResetKeyLimits;

impl Action for ResetKeyLimits {
    const SPEC: Spec = Spec::admin(
        Module::Keys,
        "resetKeyLimits",
        "Reset what a key has spent",
        "Has every limit of the key count from now on, in all windows and in the total; fixed windows keep their borders. Requests that run count when they end. The user's limits are left alone, and so are rows and statistics.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("keyId", Rule::ID).about("The key.")])
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let owner = Dimension::Key(call.body(&Self::request())?.key("keyId"));
        limits::reset_spend(&call.api.app, &call.actor, owner).await?;
        Ok(Reply::Nothing)
    }
}
