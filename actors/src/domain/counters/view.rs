//! What a meter shows.

use crate::domain::instant::Micros;
use crate::domain::limits::{Amount, LimitKind};
use crate::domain::money::Nano;

/// Money and when its window starts anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Money spent in the window.
    pub amount: Nano,
    /// When the window starts anew; `None` for rolling windows and totals.
    pub resets_at: Option<Micros>,
}

/// What a meter shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeterView {
    /// Requests in the last 60 s.
    pub rpm: u64,
    /// Tokens in the last 60 s, with those that running requests may come to.
    pub tpm: u64,
    /// Sessions that hold a seat.
    pub concurrent_sessions: u32,
    /// Requests that run.
    pub in_flight: u32,
    /// Money on hold for them.
    pub held: Nano,
    /// Money in the five-hour window.
    pub five_hours: Spent,
    /// Money in the day.
    pub daily: Spent,
    /// Money in the week.
    pub weekly: Spent,
    /// Money in the month.
    pub monthly: Spent,
    /// Money for ever.
    pub total: Nano,
}

impl MeterView {
    /// Returns what is used of a kind of limit, with what running requests hold.
    #[must_use]
    pub fn used(&self, kind: LimitKind) -> Amount {
        let spent = match kind {
            LimitKind::Rpm => return Amount::Count(self.rpm),
            LimitKind::Tpm => return Amount::Count(self.tpm),
            LimitKind::ConcurrentSessions => {
                return Amount::Count(u64::from(self.concurrent_sessions));
            }
            LimitKind::ConcurrentRequests => return Amount::Count(u64::from(self.in_flight)),
            LimitKind::Usd5h => self.five_hours.amount,
            LimitKind::DailyQuota => self.daily.amount,
            LimitKind::UsdWeekly => self.weekly.amount,
            LimitKind::UsdMonthly => self.monthly.amount,
            LimitKind::UsdTotal => self.total,
        };
        Amount::Money(spent.plus(self.held))
    }

    /// Returns when the window of a kind of limit starts anew.
    #[must_use]
    pub const fn resets_at(&self, kind: LimitKind) -> Option<Micros> {
        match kind {
            LimitKind::Usd5h => self.five_hours.resets_at,
            LimitKind::DailyQuota => self.daily.resets_at,
            LimitKind::UsdWeekly => self.weekly.resets_at,
            LimitKind::UsdMonthly => self.monthly.resets_at,
            _ => None,
        }
    }
}
