//! Lists limits and what is used of them, as the check sees it.

use serde::Serialize;
use serde_json::Value as Document;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::MeterView;
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Limits, ResetMode};

use super::OWNERS;
use crate::app::figure::{Exact, number};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError, time};
use crate::store::OwnedLimits;

/// Somebody's limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerLimits {
    /// Whose they are: `key`, `user`, `group`, `tag` or `provider`.
    pub owner: &'static str,
    /// The id of a key, user or provider.
    pub id: Option<i64>,
    /// The name.
    pub name: String,
    /// The limits that are set, in the order in which they are checked.
    pub limits: Vec<LimitUse>,
    /// How the five hours move.
    pub five_hour_reset_mode: &'static str,
    /// How the day moves.
    pub daily_reset_mode: &'static str,
    /// When a fixed day begins.
    pub daily_reset_time: String,
}

/// One limit and what is used of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitUse {
    /// What it limits, as refusals name it.
    pub limit_type: &'static str,
    /// What is used, with what running requests hold; `null` where no server runs.
    pub current: Option<Document>,
    /// How much may be used.
    pub limit: Document,
    /// When its window starts anew; `null` for rolling windows, rates and totals.
    pub reset_at: Option<String>,
}

/// Returns what a question's body may hold.
#[must_use]
pub fn asking() -> Shape {
    Shape::from([
        Field::optional("owner", Rule::OneOf(OWNERS)).about("Only those of this kind of owner.")
    ])
}

/// Lists everybody who has a limit.
///
/// # Errors
/// Only admins may look.
pub async fn limits(
    app: &AppContext,
    actor: &Actor,
    raw: &Document,
) -> Result<Vec<OwnerLimits>, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = asking().check(raw, &app.moment())?;
    let owner = body.text("owner").and_then(owner_of);
    let all = app.store.limits(owner).await?;
    let limited = all.iter().filter(|one| !one.limits.is_unlimited());
    Ok(limited.map(|one| view(one, used(app, one).as_ref())).collect())
}

/// Reads the kind of an owner.
pub(super) fn owner_of(name: &str) -> Option<LimitOwner> {
    use LimitOwner::{Group, Key, Provider, Tag, User};
    [Key, User, Group, Tag, Provider].into_iter().find(|owner| owner.name() == name)
}

/// Meters an owner; `None` where no server runs.
fn used(app: &AppContext, one: &OwnedLimits) -> Option<MeterView> {
    let counters = app.live.counters.as_ref()?;
    let (limits, zone, now) = (&one.limits, (app.zone)(), app.clock.now());
    Some(match &one.owner {
        Dimension::User(user) => counters.view_user(*user, limits, &zone, now),
        Dimension::Key(key) => counters.view_key((one.user, *key), limits, &zone, now),
        shared => counters.view_common(shared, limits, &zone, now),
    })
}

fn view(one: &OwnedLimits, meter: Option<&MeterView>) -> OwnerLimits {
    let id = match one.owner {
        Dimension::Key(key) => Some(key.0),
        Dimension::User(user) => Some(user.0),
        Dimension::Provider(provider) => Some(provider.0),
        Dimension::Group(_) | Dimension::Tag(_) => None,
    };
    let limits = &one.limits;
    let minute = limits.daily_reset_minute;
    OwnerLimits {
        owner: one.owner.owner().name(),
        id,
        name: one.name.clone(),
        limits: LimitKind::ORDER
            .into_iter()
            .filter_map(|kind| limit(limits, kind, meter))
            .collect(),
        five_hour_reset_mode: mode(limits.five_hour_mode),
        daily_reset_mode: mode(limits.daily_mode),
        daily_reset_time: format!("{:02}:{:02}", minute / 60, minute % 60),
    }
}

fn limit(limits: &Limits, kind: LimitKind, used: Option<&MeterView>) -> Option<LimitUse> {
    let limit = limits.of(kind)?;
    Some(LimitUse {
        limit_type: kind.name(),
        current: used.map(|used| document(used.used(kind))),
        limit: document(limit),
        reset_at: used.and_then(|used| used.resets_at(kind)).map(time::iso),
    })
}

fn document(amount: Amount) -> Document {
    match amount {
        Amount::Count(count) => Document::from(count),
        Amount::Money(money) => number(Exact::dollars(money).0),
    }
}

/// Returns the word of a mode.
const fn mode(mode: ResetMode) -> &'static str {
    match mode {
        ResetMode::Fixed => "fixed",
        ResetMode::Rolling => "rolling",
    }
}
