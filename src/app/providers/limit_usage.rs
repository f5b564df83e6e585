//! What a provider has used of its limits.

use std::time::Duration;

use serde::Serialize;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Spent;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::window::{self, Window};

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
    let of = Dimension::Provider(provider);
    let limits = app.store.limits_of(&of).await?.map(|one| one.limits).unwrap_or_default();
    let meter = app.live.provider_meter(provider, &limits, &(app.zone)(), now);
    let windows = windows(app, &row, &limits, now)?;
    let [five, day, week, month] = match &meter {
        Some(meter) => [meter.five_hours, meter.daily, meter.weekly, meter.monthly],
        None => from_ledger(app, provider, windows).await?,
    };
    let spending = |used: Spent, limit: &str| {
        Ok::<_, StoreError>(Spending {
            current: Exact::dollars(used.amount),
            limit: row.opt_money(limit)?.map(Exact::dollars),
            reset_info: None,
            reset_at: used.resets_at.map(time::iso),
        })
    };
    let rolls = five.resets_at.is_none().then_some("滚动窗口（5 小时）");
    Ok(LimitUsage {
        cost5h: Spending { reset_info: rolls, ..spending(five, "limit_5h")? },
        cost_daily: spending(day, "limit_daily")?,
        cost_weekly: spending(week, "limit_weekly")?,
        cost_monthly: spending(month, "limit_monthly")?,
        concurrent_sessions: Sessions {
            current: app.live.sessions(Some(provider), now),
            limit: row.opt_int("limit_concurrent_sessions")?.unwrap_or(0),
        },
    })
}

/// A window's start, and its end when it does not roll.
type Bounds = (Micros, Option<Micros>);

/// Returns the windows of five hours, day, week and month. Five hours that begin with the first charge
/// are known to the meter alone.
fn windows(
    app: &AppContext,
    row: &Row,
    limits: &Limits,
    now: Micros,
) -> Result<[Bounds; 4], StoreError> {
    let zone = (app.zone)();
    let (week, month) = (window::week(&zone, now), window::month(&zone, now));
    let five = match limits.five_hour_mode {
        ResetMode::Rolling => (now.minus(FIVE_HOURS), None),
        ResetMode::Fixed => (now.minus(FIVE_HOURS), Some(now.plus(FIVE_HOURS))),
    };
    let long = |window: Window| (window.start, Some(window.end));
    Ok([five, day(app, row, now)?, long(week), long(month)])
}

async fn from_ledger(
    app: &AppContext,
    provider: ProviderId,
    windows: [Bounds; 4],
) -> Result<[Spent; 4], AppError> {
    let mut spent = [Spent::default(); 4];
    for (spent, (since, resets_at)) in spent.iter_mut().zip(windows) {
        let filter =
            LedgerFilter { provider: Some(provider), from: Some(since), ..LedgerFilter::default() };
        let amount = app.store.ledger_summary(&filter).await?.cost;
        *spent = Spent { amount, resets_at };
    }
    Ok(spent)
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
