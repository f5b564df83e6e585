//! `keys/addKey`.

use serde_json::json;

use super::strict_fields;
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, keys};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Makes a key.
pub struct AddKey;

impl Action for AddKey {
    const SPEC: Spec = Spec::anyone(
        Module::Keys,
        "addKey",
        "Make a key",
        "Makes a key for oneself, or as an admin for anybody. No limit of the key may be above \
         that of its user, and two keys in use may not have the same name.",
    );

    fn request() -> Shape {
        let user = Field::required("userId", Rule::ID).about("Whose key it is to be.");
        Shape::from([user]).and(strict_fields())
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("generatedKey", Rule::TEXT).about("The whole key."),
            Field::required("name", Rule::TEXT),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let user = call.body(&Self::request())?.user("userId");
        let key = keys::create(&call.api.app, &call.actor, user, &call.raw).await?;
        Reply::data(&json!({ "generatedKey": key.text.reveal(), "name": key.name }))
    }
}
