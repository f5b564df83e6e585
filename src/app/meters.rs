//! How much of their limits users and keys use now, as the limiter sees it.

use switchyard_actors::domain::counters::MeterView;
use switchyard_actors::domain::limits::Limits;

use super::AppContext;
use crate::store::{KeyRecord, UserRecord};

/// Limits, and what is used of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    /// The limits in force.
    pub limits: Limits,
    /// What is used.
    pub used: MeterView,
}

/// Meters a user over all keys.
#[must_use]
pub fn of_user(context: &AppContext, user: &UserRecord) -> Metered {
    let limits = user.fields.limits.in_force(user.fields.rpm);
    let (zone, now) = ((context.zone)(), context.clock.now());
    let counters = context.live.counters.as_ref();
    let view = counters.map(|counters| counters.view_user(user.id, &limits, &zone, now));
    Metered { used: view.unwrap_or_default(), limits }
}

/// Meters a key.
#[must_use]
pub fn of_key(context: &AppContext, key: &KeyRecord) -> Metered {
    let limits = key.fields.limits.in_force(key.rpm);
    let (zone, now) = ((context.zone)(), context.clock.now());
    let counters = context.live.counters.as_ref();
    let view = counters.map(|counters| counters.view_key((key.user, key.id), &limits, &zone, now));
    Metered { used: view.unwrap_or_default(), limits }
}
