//! `POST providers/getProviders`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, providers};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists providers.
pub struct GetProviders;

impl Action for GetProviders {
    const SPEC: Spec = Spec::admin(
        Module::Providers,
        "getProviders",
        "List providers",
        "All providers, the newest first, with what each was used for today and when it was last called.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(super::schema::provider()))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        // The original answers an empty list when the database fails: nobody could tell that from none.
        Reply::data(&providers::list(&call.api.app).await?)
    }
}
