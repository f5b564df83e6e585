//! What a provider has used of its limits.

use std::time::Duration;

use serde::Serialize;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::window;

use super::list;
use crate::app::figure::Exact;
use crate::app::{AppContext, AppError, time};
use crate::store::{LedgerFilter, Row, StoreError};

const FIVE_HOURS: Duration = Duration::from_hours(5);
const DAY: Duration = Duration::from_hours(24);

/// What was spent in one window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spending {
    /// So far, in dollars.
    pub current: Exact,
    /// At most, in dollars; `null` is "no limit".
    pub limit: Option<Exact>,
    /// When a window starts anew that has no such instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_info: Option<&'static str>,
    /// When it starts anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_at: Option<String>,
}

/// Sessions at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sessions {
    /// Now.
    pub current: usize,
    /// At most; 0 is "no limit".
    pub limit: i64,
}

/// What a provider has used of its limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitUsage {
    /// In the last five hours.
    pub cost5h: Spending,
    /// Today, or in the last 24 hours.
    pub cost_daily: Spending,
    /// Since Monday.
    pub cost_weekly: Spending,
    /// Since the first.
    pub cost_monthly: Spending,
    /// Sessions at once.
    pub concurrent_sessions: Sessions,
}

/// Returns what a provider has used of its limits.
///
/// # Errors
/// Says that there is no such provider.
pub async fn limit_usage(app: &AppContext, provider: ProviderId) -> Result<LimitUsage, AppError> {
    let row = app.store.provider(provider).await?.ok_or_else(list::unknown)?;
    let now = app.clock.now();
    let (week, month) = (window::week(&(app.zone)(), now), window::month(&(app.zone)(), now));
    let five = Spending {
        reset_info: Some("滚动窗口（5 小时）"),
        ..spending(app, provider, now.minus(FIVE_HOURS), None, &row, "limit_5h").await?
    };
    let (since, until) = day(app, &row, now)?;
    Ok(LimitUsage {
        cost5h: five,
        cost_daily: spending(app, provider, since, until, &row, "limit_daily").await?,
        cost_weekly: spending(app, provider, week.start, Some(week.end), &row, "limit_weekly")
            .await?,
        cost_monthly: spending(app, provider, month.start, Some(month.end), &row, "limit_monthly")
            .await?,
        concurrent_sessions: Sessions {
            current: app.live.sessions(Some(provider), now),
            limit: row.opt_int("limit_concurrent_sessions")?.unwrap_or(0),
        },
    })
}

/// Returns where the provider's day starts, and where it ends when it does not roll.
fn day(app: &AppContext, row: &Row, now: Micros) -> Result<(Micros, Option<Micros>), StoreError> {
    if row.text("daily_reset_mode")? == "rolling" {
        return Ok((now.minus(DAY), None));
    }
    let minute = u16::try_from(row.int("daily_reset_minute")?).unwrap_or(0);
    let day = window::day(&(app.zone)(), now, minute);
    Ok((day.start, Some(day.end)))
}

async fn spending(
    app: &AppContext,
    provider: ProviderId,
    since: Micros,
    until: Option<Micros>,
    row: &Row,
    limit: &str,
) -> Result<Spending, AppError> {
    let filter =
        LedgerFilter { provider: Some(provider), from: Some(since), ..LedgerFilter::default() };
    let spent = app.store.ledger_summary(&filter).await?.cost;
    Ok(Spending {
        current: Exact::dollars(spent),
        limit: row.opt_money(limit)?.map(Exact::dollars),
        reset_info: None,
        reset_at: until.map(time::iso),
    })
}
