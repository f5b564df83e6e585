//! `keys/getKeyLimitUsage`.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use crate::app::AppError;
use crate::app::keys::{self, KeyUsage};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::time::iso;
use crate::web::api::money::Usd;
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Says how much of a key's limits is used.
pub struct GetKeyLimitUsage;

impl Action for GetKeyLimitUsage {
    const SPEC: Spec = Spec::anyone(
        Module::Keys,
        "getKeyLimitUsage",
        "Show how much of a key's limits is used",
        "Shows what the key has spent in each window beside its limit, when the windows begin \
         anew, and how many sessions are open.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("keyId", Rule::ID).about("The key.")])
    }

    fn answer() -> Option<Rule> {
        let cost = || {
            Rule::object([
                Field::required("current", Rule::NUMBER).about("US dollars."),
                Field::required("limit", Rule::NUMBER.nullable()).about("US dollars."),
                Field::optional("resetAt", Rule::Instant),
            ])
        };
        let sessions = Rule::object([
            Field::required("current", Rule::INTEGER),
            Field::required("limit", Rule::INTEGER).about("0 is any number."),
        ]);
        Some(Rule::object([
            Field::required("cost5h", cost()),
            Field::required("costDaily", cost()),
            Field::required("costWeekly", cost()),
            Field::required("costMonthly", cost()),
            Field::required("costTotal", cost()).about("The last 365 days."),
            Field::required("concurrentSessions", sessions),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let key = call.body(&Self::request())?.key("keyId");
        let usage = keys::usage(&call.api.app, &call.actor, key).await?;
        Reply::data(&UsageView::from(&usage))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageView {
    #[serde(rename = "cost5h")]
    cost_5h: CostView,
    cost_daily: CostView,
    cost_weekly: CostView,
    cost_monthly: CostView,
    cost_total: CostView,
    concurrent_sessions: SessionsView,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CostView {
    current: Usd,
    limit: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_at: Option<String>,
}

impl CostView {
    fn new(current: Nano, limit: Option<Nano>, reset_at: Option<Micros>) -> Self {
        Self { current: Usd(current), limit: limit.map(Usd), reset_at: reset_at.map(iso) }
    }
}

#[derive(Serialize)]
struct SessionsView {
    current: u64,
    limit: i64,
}

impl From<&KeyUsage> for UsageView {
    fn from(usage: &KeyUsage) -> Self {
        let (spend, limits) = (&usage.spend, &usage.key.fields.limits);
        let (week, month) = (usage.week_resets_at, usage.month_resets_at);
        Self {
            cost_5h: CostView::new(spend.five_hours, limits.spend_5h, None),
            cost_daily: CostView::new(spend.daily, limits.daily, usage.day_resets_at),
            cost_weekly: CostView::new(spend.weekly, limits.weekly, Some(week)),
            cost_monthly: CostView::new(spend.monthly, limits.monthly, Some(month)),
            cost_total: CostView::new(spend.total, limits.total, None),
            concurrent_sessions: SessionsView {
                current: usage.open_sessions,
                limit: limits.concurrent_sessions.unwrap_or(0),
            },
        }
    }
}
