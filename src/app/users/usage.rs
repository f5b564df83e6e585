//! Says how much of a user's limits is used.

use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;
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
    let today = context.store.user_spend(id, day.start).await?;
    Ok(UserUsage { user, today, resets_at: day.end })
}
