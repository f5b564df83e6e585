//! `POST overview/getOverviewData`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, overview};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Today at a glance.
pub struct GetOverviewData;

impl Action for GetOverviewData {
    const SPEC: Spec = Spec::anyone(
        Module::Overview,
        "getOverviewData",
        "Show today at a glance",
        "Sessions that live, and the requests, cost, response time and error rate since midnight. Zeros for those who may not see figures of everybody.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("concurrentSessions", Rule::INTEGER),
            Field::required("todayRequests", Rule::INTEGER),
            Field::required("todayCost", Rule::NUMBER),
            Field::required("avgResponseTime", Rule::INTEGER).about("Milliseconds."),
            Field::required("todayErrorRate", Rule::NUMBER).about("Percent."),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        Reply::data(&overview::today(&call.api.app, &call.actor).await?)
    }
}
