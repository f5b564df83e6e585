//! Says how much of a user's limits is used.

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;

use crate::app::{Actor, AppContext, AppError};
use crate::store::UserRecord;

/// How much of a user's limits is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserUsage {
    /// The user.
    pub user: UserRecord,
    /// What the keys spent on this calendar day.
    pub today: Nano,
    /// The next midnight.
    pub resets_at: Micros,
}

/// Says how much of a user's limits is used.
pub async fn usage(context: &AppContext, actor: &Actor, id: UserId) -> Result<UserUsage, AppError> {
    let user = context.store.user(id).await?;
    let user = user.ok_or_else(|| AppError::coded("NOT_FOUND", "refused-no-user", "用户不存在"))?;
    if !actor.may_touch(id) {
        return Err(AppError::denied());
    }
    let day = window::day(&(context.zone)(), context.clock.now(), 0);
    let counted = reset_usage(context, id).await?;
    let today = match counted {
        Some(today) => today,
        None => context.store.user_spend(id, day.start).await?,
    };
    Ok(UserUsage { user, today, resets_at: day.end })
}

/// Returns what the limits count of this calendar day, for a user whose spend was ever reset: the
/// ledger knows no cut.
async fn reset_usage(context: &AppContext, id: UserId) -> Result<Option<Nano>, AppError> {
    if !context.store.is_reset(&Dimension::User(id)).await? {
        return Ok(None);
    }
    let counters = context.live.counters.as_ref();
    let (zone, now) = ((context.zone)(), context.clock.now());
    let days = Limits { daily_mode: ResetMode::Fixed, daily_reset_minute: 0, ..Limits::NONE };
    Ok(counters.map(|counters| counters.view_user(id, &days, &zone, now).daily.amount))
}
