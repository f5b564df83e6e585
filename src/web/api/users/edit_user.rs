//! `users/editUser`.

use crate::app::AppError;
use crate::app::shape::{Rule, Shape};
use crate::app::users::{self, UserEdit};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Changes a user.
pub struct EditUser;

impl Action for EditUser {
    const SPEC: Spec = Spec::admin(
        Module::Users,
        "editUser",
        "Change a user",
        "Changes what is given and leaves the rest; null takes a limit away. A user that is not \
         there is no error.",
    );

    fn request() -> Shape {
        users::edit_shape()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let edit = UserEdit::read(&call.raw, &call.api.app.moment())?;
        let edited = users::edit(&call.api.app, &call.actor, edit).await;
        edited.map(|()| Reply::Nothing).map_err(|error| error.or_code("UPDATE_FAILED"))
    }
}
