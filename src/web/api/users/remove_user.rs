//! `users/removeUser`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, users};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Removes a user.
pub struct RemoveUser;

impl Action for RemoveUser {
    const SPEC: Spec = Spec::admin(
        Module::Users,
        "removeUser",
        "Remove a user",
        "Hides a user for good; its keys open nothing any more. A user that is not there is no \
         error.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("userId", Rule::ID).about("The user.")])
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let user = call.body(&Self::request())?.user("userId");
        let removed = users::remove(&call.api.app, &call.actor, user).await;
        removed.map(|()| Reply::Nothing).map_err(|error| error.or_code("DELETE_FAILED"))
    }
}
