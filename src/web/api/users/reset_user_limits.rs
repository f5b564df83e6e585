//! `POST users/resetUserLimits`.

use switchyard_actors::domain::check::Dimension;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, limits};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Resets what a user has spent.
pub struct ResetUserLimits;

impl Action for ResetUserLimits {
    const SPEC: Spec = Spec::admin(
        Module::Users,
        "resetUserLimits",
        "Reset what a user has spent",
        "Has every limit of the user count from now on, in all windows and in the total; fixed windows keep their borders. Requests that run count when they end. The limits of the user's keys are left alone, and so are rows and statistics.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("userId", Rule::ID).about("The user.")])
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let owner = Dimension::User(call.body(&Self::request())?.user("userId"));
        limits::reset_spend(&call.api.app, &call.actor, owner).await?;
        Ok(Reply::Nothing)
    }
}
