//! Says how much of a key's limits is used.

use std::time::Duration;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::ResetMode;
use switchyard_actors::domain::window;

use super::refusals::{no_key, not_theirs};
use crate::app::{Actor, AppContext, AppError, meters};
use crate::store::{KeyRecord, SpendWindows, WindowSpend};

const FIVE_HOURS: Duration = Duration::from_hours(5);
const DAY: Duration = Duration::from_hours(24);
/// The total looks back so far.
const TOTAL: Duration = Duration::from_hours(24 * 365);

/// How much of a key's limits is used.
#[derive(Clone)]
pub struct KeyUsage {
    /// The key.
    pub key: KeyRecord,
    /// What it has spent.
    pub spend: WindowSpend,
    /// When its day begins anew; `None` where the day is the last 24 hours.
    pub day_resets_at: Option<Micros>,
    /// When the week begins anew.
    pub week_resets_at: Micros,
    /// When the month begins anew.
    pub month_resets_at: Micros,
    /// Sessions that are open now.
    pub open_sessions: u64,
}

/// Says how much of a key's limits is used.
pub async fn usage(context: &AppContext, actor: &Actor, id: KeyId) -> Result<KeyUsage, AppError> {
    let key = context.store.user_key(id).await?;
    let key = key.ok_or_else(no_key)?;
    if !actor.may_touch(key.user) {
        return Err(not_theirs());
    }
    let (zone, now) = ((context.zone)(), context.clock.now());
    let limits = &key.fields.limits;
    let day = window::day(&zone, now, limits.daily_reset_minute);
    let (day_start, day_resets_at) = match limits.daily_mode {
        ResetMode::Fixed => (day.start, Some(day.end)),
        ResetMode::Rolling => (now.minus(DAY), None),
    };
    let (week, month) = (window::week(&zone, now), window::month(&zone, now));
    let since = SpendWindows {
        total: now.minus(TOTAL),
        monthly: month.start,
        weekly: week.start,
        daily: day_start,
        five_hours: now.minus(FIVE_HOURS),
    };
    let spend = match reset_usage(context, &key).await? {
        Some(spend) => spend,
        None => context.store.key_spend(id, since).await?,
    };
    let open_sessions = (context.open_sessions)(key.user, id);
    let (week_resets_at, month_resets_at) = (week.end, month.end);
    Ok(KeyUsage { key, spend, day_resets_at, week_resets_at, month_resets_at, open_sessions })
}

/// Returns what the limits count, for a key whose spend was ever reset: the ledger knows no cut.
async fn reset_usage(
    context: &AppContext,
    key: &KeyRecord,
) -> Result<Option<WindowSpend>, AppError> {
    if !context.store.is_reset(&Dimension::Key(key.id)).await? || context.live.counters.is_none() {
        return Ok(None);
    }
    let used = meters::of_key(context, key).used;
    Ok(Some(WindowSpend {
        total: used.total,
        monthly: used.monthly.amount,
        weekly: used.weekly.amount,
        daily: used.daily.amount,
        five_hours: used.five_hours.amount,
    }))
}
