//! The limits of a user, key, provider, group or tag, and how a refusal names the one that was hit.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::instant::Micros;
use super::money::Nano;

/// How a daily (or five-hour) window moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetMode {
    /// Starts anew at a fixed time of day (five hours: at the first charge).
    #[default]
    Fixed,
    /// Always the last 24 (or five) hours.
    Rolling,
}

/// The limits of one user, key, provider, group or tag. `None` is "no limit"; zero from outside is read as `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests a minute.
    pub rpm: Option<u32>,
    /// Tokens a minute, of input and output.
    pub tpm: Option<u32>,
    /// Sessions that may be active at once.
    pub concurrent_sessions: Option<u32>,
    /// Requests that may run at once.
    pub concurrent_requests: Option<u32>,
    /// Money in five hours.
    pub spend_5h: Option<Nano>,
    /// Money a day.
    pub daily: Option<Nano>,
    /// Money from Monday to Monday.
    pub weekly: Option<Nano>,
    /// Money from the first of a month to the next.
    pub monthly: Option<Nano>,
    /// Money for ever.
    pub total: Option<Nano>,
    /// How the daily window moves.
    pub daily_mode: ResetMode,
    /// When a fixed day starts, in minutes after midnight of the system's time zone.
    pub daily_reset_minute: u16,
    /// How the five-hour window moves.
    pub five_hour_mode: ResetMode,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self = Self {
        rpm: None,
        tpm: None,
        concurrent_sessions: None,
        concurrent_requests: None,
        spend_5h: None,
        daily: None,
        weekly: None,
        monthly: None,
        total: None,
        daily_mode: ResetMode::Fixed,
        daily_reset_minute: 0,
        five_hour_mode: ResetMode::Fixed,
    };

    /// Returns the limit of a kind; zero and less are "no limit" wherever they come from.
    #[must_use]
    pub fn of(&self, kind: LimitKind) -> Option<Amount> {
        let count = |limit: Option<u32>| limit.map(|limit| Amount::Count(u64::from(limit)));
        let money = |limit: Option<Nano>| limit.map(Amount::Money);
        let limit = match kind {
            LimitKind::Rpm => count(self.rpm),
            LimitKind::Tpm => count(self.tpm),
            LimitKind::ConcurrentSessions => count(self.concurrent_sessions),
            LimitKind::ConcurrentRequests => count(self.concurrent_requests),
            LimitKind::Usd5h => money(self.spend_5h),
            LimitKind::DailyQuota => money(self.daily),
            LimitKind::UsdWeekly => money(self.weekly),
            LimitKind::UsdMonthly => money(self.monthly),
            LimitKind::UsdTotal => money(self.total),
        };
        limit.filter(|limit| limit.raw() > 0)
    }

    /// Tells whether nothing is limited.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        LimitKind::ORDER.into_iter().all(|kind| self.of(kind).is_none())
    }
}

/// What a request costs, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// What is charged: the list price with the factors of provider and group.
    pub charged: Nano,
    /// The list price.
    pub list: Nano,
}

/// Which price limits count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CountedPrice {
    /// What is charged.
    #[default]
    Charged,
    /// The list price, whatever the factors.
    List,
}

impl CountedPrice {
    /// Returns what counts of a cost.
    #[must_use]
    pub const fn of(self, costs: Costs) -> Nano {
        match self {
            Self::Charged => costs.charged,
            Self::List => costs.list,
        }
    }

    /// Returns the factor that an estimate is made with.
    #[must_use]
    pub const fn factor(self, factor: Decimal) -> Decimal {
        match self {
            Self::Charged => factor,
            Self::List => Decimal::ONE,
        }
    }
}

/// Which limit refused, in the words of the contract (`limit_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Requests a minute.
    Rpm,
    /// Tokens a minute.
    Tpm,
    /// Sessions at once.
    ConcurrentSessions,
    /// Requests at once.
    ConcurrentRequests,
    /// Money in five hours.
    #[serde(rename = "usd_5h")]
    Usd5h,
    /// Money a day.
    DailyQuota,
    /// Money a week.
    UsdWeekly,
    /// Money a month.
    UsdMonthly,
    /// Money for ever.
    UsdTotal,
}

impl LimitKind {
    /// Every kind, in the order in which they are checked: what never comes back first, then what
    /// comes back soonest, so that a refusal names the limit that is worth knowing.
    pub const ORDER: [Self; 9] = [
        Self::UsdTotal,
        Self::ConcurrentSessions,
        Self::ConcurrentRequests,
        Self::Rpm,
        Self::Tpm,
        Self::Usd5h,
        Self::DailyQuota,
        Self::UsdWeekly,
        Self::UsdMonthly,
    ];

    /// Returns the contract's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rpm => "rpm",
            Self::Tpm => "tpm",
            Self::ConcurrentSessions => "concurrent_sessions",
            Self::ConcurrentRequests => "concurrent_requests",
            Self::Usd5h => "usd_5h",
            Self::DailyQuota => "daily_quota",
            Self::UsdWeekly => "usd_weekly",
            Self::UsdMonthly => "usd_monthly",
            Self::UsdTotal => "usd_total",
        }
    }

    /// Tells whether the limit counts money (answered with 402) rather than a rate (429).
    #[must_use]
    pub const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Usd5h | Self::DailyQuota | Self::UsdWeekly | Self::UsdMonthly | Self::UsdTotal
        )
    }

    /// Tells whether only what costs something counts: money, tokens, and the seats of sessions.
    #[must_use]
    pub const fn is_spent(self) -> bool {
        !matches!(self, Self::Rpm | Self::ConcurrentRequests)
    }

    /// Tells whether the limit is one of places that others give back (a queue may wait for them).
    #[must_use]
    pub const fn is_concurrency(self) -> bool {
        matches!(self, Self::ConcurrentSessions | Self::ConcurrentRequests)
    }

    /// Returns a plain number in the unit of this kind.
    #[must_use]
    pub fn amount(self, raw: i64) -> Amount {
        if self.is_money() {
            return Amount::Money(Nano(raw));
        }
        Amount::Count(u64::try_from(raw).unwrap_or(0))
    }
}

/// Whose limit it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitOwner {
    /// The key's own limit.
    Key,
    /// The limit of the key's user.
    User,
    /// The limit of the caller's group.
    Group,
    /// The limit of a tag that the user bears.
    Tag,
    /// The limit of a provider.
    Provider,
}

impl LimitOwner {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::User => "user",
            Self::Group => "group",
            Self::Tag => "tag",
            Self::Provider => "provider",
        }
    }
}

/// An amount in the unit of its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// Requests, tokens or sessions.
    Count(u64),
    /// Money.
    Money(Nano),
}

impl Amount {
    /// Returns the plain number: a count, or nano-dollars.
    #[must_use]
    pub fn raw(self) -> i64 {
        match self {
            Self::Count(count) => i64::try_from(count).unwrap_or(i64::MAX),
            Self::Money(nano) => nano.0,
        }
    }
}

/// Why a request may not go on: what the client is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The limit that refused.
    pub kind: LimitKind,
    /// Whose limit it is.
    pub owner: LimitOwner,
    /// The name of the group or tag whose limit it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<Arc<str>>,
    /// What is used now; for money: spent and held.
    pub current: Amount,
    /// The limit.
    pub limit: Amount,
    /// When the window starts anew; `None` for rolling windows and totals.
    pub resets_at: Option<Micros>,
    /// After how many seconds another try makes sense, when that is known.
    pub retry_after_s: Option<u64>,
    /// Only money held for running requests stands in the way.
    pub only_held: bool,
}
