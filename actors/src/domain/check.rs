//! What is checked before a request may go on, as plain data: who is limited, in what, over which
//! span, and how much. Whoever judges (this process, or a script elsewhere) is given exactly this
//! list and goes through it in its order.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::catalogue::Catalogue;
use super::counters::{Borders, Calendar};
use super::ids::{KeyId, ProviderId, UserId};
use super::instant::Micros;
use super::limits::{Amount, LimitKind, LimitOwner, Limits, ResetMode};
use super::window::Window;

/// The minute of rates.
pub const MINUTE: Duration = Duration::from_mins(1);
/// The five hours of the shortest money window.
pub const FIVE_HOURS: Duration = Duration::from_hours(5);
/// A rolling day.
pub const DAY: Duration = Duration::from_hours(24);

/// Whose limits hold and whose counters are charged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// A key.
    Key(KeyId),
    /// A user, over all keys.
    User(UserId),
    /// A group, over all keys that count in it.
    Group(Arc<str>),
    /// A tag, over all users that bear it.
    Tag(Arc<str>),
    /// A provider, over everybody.
    Provider(ProviderId),
}

impl Dimension {
    /// Returns what kind of owner it is.
    #[must_use]
    pub const fn owner(&self) -> LimitOwner {
        match self {
            Self::Key(_) => LimitOwner::Key,
            Self::User(_) => LimitOwner::User,
            Self::Group(_) => LimitOwner::Group,
            Self::Tag(_) => LimitOwner::Tag,
            Self::Provider(_) => LimitOwner::Provider,
        }
    }

    /// Returns the name of a group or tag.
    #[must_use]
    pub const fn name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Group(name) | Self::Tag(name) => Some(name),
            Self::Key(_) | Self::User(_) | Self::Provider(_) => None,
        }
    }
}

/// The time over which a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// What is there now.
    Now,
    /// Always the last so long.
    Rolling(Duration),
    /// From the start of a calendar window to its end.
    Calendar(Window),
    /// So long from the first charge on.
    FromFirst(Duration),
    /// For ever.
    Ever,
}

impl Span {
    /// Returns the span that a kind of limit counts over.
    #[must_use]
    pub const fn of(kind: LimitKind, limits: &Limits, borders: &Borders) -> Self {
        match (kind, limits.daily_mode, limits.five_hour_mode) {
            (LimitKind::Rpm | LimitKind::Tpm, ..) => Self::Rolling(MINUTE),
            (LimitKind::ConcurrentSessions | LimitKind::ConcurrentRequests, ..) => Self::Now,
            (LimitKind::Usd5h, _, ResetMode::Rolling) => Self::Rolling(FIVE_HOURS),
            (LimitKind::Usd5h, _, ResetMode::Fixed) => Self::FromFirst(FIVE_HOURS),
            (LimitKind::DailyQuota, ResetMode::Rolling, _) => Self::Rolling(DAY),
            (LimitKind::DailyQuota, ResetMode::Fixed, _) => Self::Calendar(borders.day),
            (LimitKind::UsdWeekly, ..) => Self::Calendar(borders.week),
            (LimitKind::UsdMonthly, ..) => Self::Calendar(borders.month),
            (LimitKind::UsdTotal, ..) => Self::Ever,
        }
    }
}

/// One limit to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Whose it is.
    pub dimension: Dimension,
    /// What it limits.
    pub kind: LimitKind,
    /// Over which time.
    pub span: Span,
    /// How much.
    pub limit: Amount,
}

/// One owner of limits with the calendar windows around the arrival.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// Who it is.
    pub dimension: Dimension,
    /// Its limits.
    pub limits: &'a Limits,
    /// Its windows.
    pub borders: Borders,
}

/// Returns everybody whose limits a caller's request is under and whose counters it is charged to: the
/// key, its user, the group it counts in, and the user's tags by their names. Providers are no part
/// of it: who serves is not known yet.
#[must_use]
pub fn sides<'a>(
    caller: &'a Caller,
    catalogue: &'a Catalogue,
    calendar: &mut Calendar,
    now: Micros,
) -> Vec<Side<'a>> {
    let group = caller.limit_group();
    let of_group = catalogue.groups.get(group).map_or(&Limits::NONE, |group| &group.limits);
    let of_tag = |tag| catalogue.tags.get(tag).unwrap_or(&Limits::NONE);
    let fixed = [
        (Dimension::Key(caller.key), &caller.key_limits),
        (Dimension::User(caller.user), &caller.user_limits),
        (Dimension::Group(Arc::clone(group)), of_group),
    ];
    let tags = caller.tags.iter().map(|tag| (Dimension::Tag(Arc::clone(tag)), of_tag(tag)));
    let zone = &catalogue.settings.time_zone;
    fixed
        .into_iter()
        .chain(tags)
        .map(|(dimension, limits)| {
            let borders = calendar.around(zone, limits, now);
            Side { dimension, limits, borders }
        })
        .collect()
}

/// Returns every limit that is set, in the order of [`LimitKind::ORDER`]; of each kind in the order
/// of the sides.
#[must_use]
pub fn checks(sides: &[Side<'_>]) -> Vec<Check> {
    if sides.iter().all(|side| side.limits.is_unlimited()) {
        return Vec::new();
    }
    let mut checks = Vec::with_capacity(LimitKind::ORDER.len());
    for kind in LimitKind::ORDER {
        for side in sides {
            if let Some(limit) = side.limits.of(kind) {
                let span = Span::of(kind, side.limits, &side.borders);
                checks.push(Check { dimension: side.dimension.clone(), kind, span, limit });
            }
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::domain::caller::sort_tags;
    use crate::domain::money::Nano;
    use crate::testing::caller;

    const NOW: Micros = Micros(1_777_982_400_000_000);

    #[test]
    fn checks_come_by_kind_and_then_by_owner() {
        let all = Limits {
            rpm: Some(1),
            tpm: Some(2),
            concurrent_sessions: Some(3),
            concurrent_requests: Some(4),
            spend_5h: Some(Nano(5)),
            daily: Some(Nano(6)),
            weekly: Some(Nano(7)),
            monthly: Some(Nano(8)),
            total: Some(Nano(9)),
            ..Limits::NONE
        };
        let borders = Borders::around(&TimeZone::UTC, &all, NOW);
        let owners = [
            Dimension::Key(KeyId(1)),
            Dimension::User(UserId(1)),
            Dimension::Group(Arc::from("g")),
            Dimension::Tag(Arc::from("a")),
            Dimension::Tag(Arc::from("b")),
        ];
        let sides = owners.clone().map(|dimension| Side { dimension, limits: &all, borders });
        let list = checks(&sides);
        let wanted = LimitKind::ORDER
            .into_iter()
            .flat_map(|kind| owners.iter().map(move |owner| (kind, owner.clone())));
        let found = list.iter().map(|check| (check.kind, check.dimension.clone()));
        assert!(found.eq(wanted));
        let daily = list.iter().find(|check| check.kind == LimitKind::DailyQuota).unwrap();
        assert_eq!(daily.span, Span::Calendar(borders.day));
    }

    #[test]
    fn a_request_is_under_its_key_user_first_group_and_all_tags() {
        let mut caller = (*caller(7, 3, Limits::NONE, Limits::NONE)).clone();
        caller.groups = Arc::from([Arc::from("team"), Arc::from("default")]);
        caller.tags = sort_tags([" red ", "blue", "", "red"].map(Arc::from));
        let blue = Limits { rpm: Some(5), ..Limits::NONE };
        let tags = [(Arc::from("blue"), blue)].into_iter().collect();
        let catalogue = Catalogue { tags: Arc::new(tags), ..Catalogue::default() };
        let sides = sides(&caller, &catalogue, &mut Calendar::default(), NOW);
        let who: Vec<Dimension> = sides.iter().map(|side| side.dimension.clone()).collect();
        let wanted = [
            Dimension::Key(KeyId(3)),
            Dimension::User(UserId(7)),
            Dimension::Group(Arc::from("team")),
            Dimension::Tag(Arc::from("blue")),
            Dimension::Tag(Arc::from("red")),
        ];
        assert_eq!(who, wanted);
        let list = checks(&sides);
        assert_eq!((list.len(), list[0].kind), (1, LimitKind::Rpm));
        assert_eq!(list[0].span, Span::Rolling(MINUTE));
    }

    #[test]
    fn what_is_not_limited_is_not_checked() {
        let zero = Limits { rpm: Some(0), daily: Some(Nano::ZERO), ..Limits::NONE };
        let borders = Borders::around(&TimeZone::UTC, &zero, NOW);
        let side = Side { dimension: Dimension::User(UserId(1)), limits: &zero, borders };
        assert_eq!(checks(&[side]), []);
        assert!(zero.is_unlimited());
    }
}
