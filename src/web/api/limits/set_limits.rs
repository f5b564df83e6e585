//! `POST limits/setLimits`.

use crate::app::shape::{Rule, Shape};
use crate::app::{AppError, limits};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Sets limits of one owner.
pub struct SetLimits;

impl Action for SetLimits {
    const SPEC: Spec = Spec::admin(
        Module::Limits,
        "setLimits",
        "Set limits of a key, user, group, tag or provider",
        "Sets limits of one owner: a key, user or provider by its id, a group or tag by its name. What the body does not name stays as it is; null and 0 are no limit. Limits of a provider refuse nobody: the provider is passed over until there is room. A key may not be given more than its user has.",
    );

    fn request() -> Shape {
        limits::setting()
    }

    fn answer() -> Option<Rule> {
        None
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        limits::set_limits(&call.api.app, &call.actor, &call.raw).await?;
        Ok(Reply::Nothing)
    }
}
