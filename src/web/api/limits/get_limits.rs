//! `POST limits/getLimits`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, limits};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists limits and what is used of them.
pub struct GetLimits;

impl Action for GetLimits {
    const SPEC: Spec = Spec::admin(
        Module::Limits,
        "getLimits",
        "List limits and what is used of them",
        "For each key, user, group, tag and provider that has a limit: its limits in the order in which they are checked, what is used of each with what running requests hold, and when its window starts anew. It shows what the next request is checked against. A key counts in the first group it names; a tag counts the users that bear it.",
    );

    fn request() -> Shape {
        limits::asking()
    }

    fn answer() -> Option<Rule> {
        let limit = Rule::object([
            Field::required("limitType", Rule::TEXT),
            Field::required("current", Rule::NUMBER.nullable()),
            Field::required("limit", Rule::NUMBER),
            Field::required("resetAt", Rule::Instant.nullable()),
        ]);
        Some(Rule::list_of(Rule::object([
            Field::required("owner", Rule::OneOf(limits::OWNERS)),
            Field::required("id", Rule::ID.nullable()),
            Field::required("name", Rule::TEXT),
            Field::required("limits", Rule::list_of(limit)),
            Field::required("fiveHourResetMode", Rule::TEXT),
            Field::required("dailyResetMode", Rule::TEXT),
            Field::required("dailyResetTime", Rule::TEXT),
        ])))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&limits::limits(&call.api.app, &call.actor, &call.raw).await?)
    }
}
