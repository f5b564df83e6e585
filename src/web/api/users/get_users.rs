//! `users/getUsers`.

mod view;

use serde_json::Value;

use crate::app::AppError;
use crate::app::shape::{Rule, Shape};
use crate::app::users::{self, Keys};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// `true` leaves keys masked, and then nothing is revealed that the audit log would note. It is no
/// part of the contract, whose clients want whole keys; the command line does not.
pub const MASKED: &str = "masked";

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
        let masked = call.raw.get(MASKED).is_some_and(|value| *value == Value::Bool(true));
        let keys = if masked { Keys::Masked } else { Keys::Whole };
        // The original answers an empty list when the database fails: nobody could tell that from none.
        let listed = users::list(context, &call.actor, keys).await?;
        let shown: Vec<_> = listed.iter().map(|user| view::UserView::of(context, user)).collect();
        Reply::data(&shown)
    }
}
