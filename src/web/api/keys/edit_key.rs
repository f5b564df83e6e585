//! `keys/editKey`.

use super::strict_fields;
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, keys};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Changes a key.
pub struct EditKey;

impl Action for EditKey {
    const SPEC: Spec = Spec::anyone(
        Module::Keys,
        "editKey",
        "Change a key",
        "Sets a key anew: what is absent goes back to its default, except limits of money, which \
         stay, and are taken away by null.",
    );

    fn request() -> Shape {
        let key = Field::required("keyId", Rule::ID).about("The key.");
        Shape::from([key]).and(strict_fields())
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let key = call.body(&Self::request())?.key("keyId");
        keys::edit(&call.api.app, &call.actor, key, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
