//! `users/getUserLimitUsage`.

use serde_json::json;
use switchyard_actors::domain::money::Nano;

use crate::app::shape::{Field, Rule, Shape};
use crate::app::time::iso;
use crate::app::{AppError, users};
use crate::web::api::money::Usd;
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Says how much of a user's limits is used.
pub struct GetUserLimitUsage;

impl Action for GetUserLimitUsage {
    const SPEC: Spec = Spec::anyone(
        Module::Users,
        "getUserLimitUsage",
        "Show how much of a user's limits is used",
        "Shows what the user's keys spent on this calendar day beside the daily quota, and when \
         the next day begins.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("userId", Rule::ID).about("The user.")])
    }

    fn answer() -> Option<Rule> {
        let rpm = Rule::object([
            Field::required("current", Rule::INTEGER).about("Always 0."),
            Field::required("limit", Rule::INTEGER),
            Field::required("window", Rule::OneOf(&["per_minute"])),
        ]);
        let daily = Rule::object([
            Field::required("current", Rule::NUMBER).about("US dollars."),
            Field::required("limit", Rule::NUMBER).about("US dollars."),
            Field::required("resetAt", Rule::Instant),
        ]);
        Some(Rule::object([Field::required("rpm", rpm), Field::required("dailyCost", daily)]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let user = call.body(&Self::request())?.user("userId");
        let usage = users::usage(&call.api.app, &call.actor, user).await;
        let usage = usage.map_err(|error| error.or_code("OPERATION_FAILED"))?;
        let fields = &usage.user.fields;
        let rpm = super::rpm(fields.rpm);
        Reply::data(&json!({
            "rpm": { "current": 0, "limit": rpm, "window": "per_minute" },
            "dailyCost": {
                "current": Usd(usage.today),
                "limit": Usd(fields.limits.daily.unwrap_or(Nano::ZERO)),
                "resetAt": iso(usage.resets_at),
            },
        }))
    }
}
