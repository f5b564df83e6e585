//! `users/getUsers`.

mod view;

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, users};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists users with their keys.
pub struct GetUsers;

impl Action for GetUsers {
    const SPEC: Spec = Spec::anyone(
        Module::Users,
        "getUsers",
        "List users",
        "Lists all users for an admin, admins first and then by id; for others, only themselves. \
         Each comes with its keys and what those did today.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::object(view::shape())))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let context = &call.api.app;
        // The contract answers an empty list when something fails.
        let listed = users::list(context, &call.actor).await.unwrap_or_else(|error| {
            tracing::error!(%error, "users could not be listed");
            Vec::new()
        });
        let shown: Vec<_> = listed.iter().map(|user| view::UserView::of(context, user)).collect();
        Reply::data(&shown)
    }
}
