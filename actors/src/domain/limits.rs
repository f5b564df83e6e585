//! The limits of a user or key, and how a refusal names the one that was hit.

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

/// The limits of one user or key. `None` is "no limit"; zero from outside is read as `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests a minute.
    pub rpm: Option<u32>,
    /// Sessions that may be active at once.
    pub concurrent_sessions: Option<u32>,
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

/// Which limit refused, in the words of the contract (`limit_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Requests a minute.
    Rpm,
    /// Sessions at once.
    ConcurrentSessions,
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
    /// Returns the contract's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rpm => "rpm",
            Self::ConcurrentSessions => "concurrent_sessions",
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
        !matches!(self, Self::Rpm | Self::ConcurrentSessions)
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
}

/// An amount in the unit of its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// Requests or sessions.
    Count(u64),
    /// Money.
    Money(Nano),
}

/// Why a request may not go on: what the client is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The limit that refused.
    pub kind: LimitKind,
    /// Whose limit it is.
    pub owner: LimitOwner,
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
