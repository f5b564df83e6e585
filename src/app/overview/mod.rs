//! Today at a glance, and what the first page of the console shows.

mod dashboard;
mod outlook;
mod percentile;
mod range;
mod series;
mod strip;
mod today;
mod trouble;

use rust_decimal::Decimal;
use serde::Serialize;
use switchyard_actors::domain::window;

use super::figure::Exact;
use super::{Actor, AppContext, AppError};
use crate::store::ALLOW_GLOBAL_USAGE_VIEW;

pub use dashboard::{Dashboard, Present, Setup, dashboard, present};
pub use outlook::{is_outage, outlook};
pub use percentile::Percentiles;
pub use range::{Grid, Range};
pub use series::{Asked, Line, Metric, Series};
pub use strip::{Cell, Health, Strip};
pub use today::Figures;
pub use trouble::{OpenBreaker, Trouble};

/// Places of today's cost.
const COST_PLACES: u32 = 6;

/// Today at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Sessions that live.
    pub concurrent_sessions: usize,
    /// Requests since midnight.
    pub today_requests: i64,
    /// Their cost in dollars.
    pub today_cost: Exact,
    /// Their time in the middle, in milliseconds.
    pub avg_response_time: i64,
    /// How many of a hundred had a status of 400 or more, to two places.
    pub today_error_rate: Exact,
}

/// Returns today at a glance; zeros for those who may not see everybody's figures.
pub async fn today(app: &AppContext, actor: &Actor) -> Result<Overview, AppError> {
    if !actor.is_admin() && !everybody_may_look(app).await? {
        return Ok(Overview {
            concurrent_sessions: 0,
            today_requests: 0,
            today_cost: Exact::ZERO,
            avg_response_time: 0,
            today_error_rate: Exact::ZERO,
        });
    }
    let now = app.clock.now();
    let day = window::day(&(app.zone)(), now, 0);
    let sums = app.store.overview(day.start).await?;
    Ok(Overview {
        concurrent_sessions: app.live.sessions(None, now),
        today_requests: sums.requests,
        today_cost: Exact::rounded(sums.cost, COST_PLACES),
        avg_response_time: middle(sums.duration_ms, sums.requests),
        today_error_rate: share(sums.errors, sums.requests),
    })
}

async fn everybody_may_look(app: &AppContext) -> Result<bool, AppError> {
    Ok(app.store.setting(ALLOW_GLOBAL_USAGE_VIEW).await?.unwrap_or(false))
}

/// Returns the quotient, rounded; 0 of nothing.
fn middle(sum: i64, count: i64) -> i64 {
    if count <= 0 { 0 } else { sum.saturating_add(count / 2) / count }
}

/// Returns how many of a hundred, to two places.
fn share(part: i64, whole: i64) -> Exact {
    Exact(Decimal::new(middle(part.saturating_mul(10_000), whole), 2))
}
