//! `keys/removeKey`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, keys};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Removes a key.
pub struct RemoveKey;

impl Action for RemoveKey {
    const SPEC: Spec = Spec::anyone(
        Module::Keys,
        "removeKey",
        "Remove a key",
        "Hides a key for good and ends its logins. The last key of a user stays.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("keyId", Rule::ID).about("The key.")])
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let key = call.body(&Self::request())?.key("keyId");
        keys::remove(&call.api.app, &call.actor, key).await?;
        Ok(Reply::Nothing)
    }
}
