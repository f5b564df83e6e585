//! The limits of a user or key as they are stored: also what is zero, which the catalogue reads as
//! "no limit" and the management API shows.

use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::money::Nano;

use super::error::StoreError;
use super::value::Row;

/// Limits of money and sessions as people set them; `None` is no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLimits {
    /// Tokens a minute; forms leave it as it is.
    pub tpm: Option<i64>,
    /// Sessions at once.
    pub concurrent_sessions: Option<i64>,
    /// Requests at once; forms leave it as it is.
    pub concurrent_requests: Option<i64>,
    /// Money in five hours.
    pub spend_5h: Option<Nano>,
    /// Money a day.
    pub daily: Option<Nano>,
    /// Money a week.
    pub weekly: Option<Nano>,
    /// Money a month.
    pub monthly: Option<Nano>,
    /// Money for ever.
    pub total: Option<Nano>,
    /// How the day moves.
    pub daily_mode: ResetMode,
    /// When a fixed day begins, in minutes after midnight.
    pub daily_reset_minute: u16,
    /// How the five hours move; forms leave it as it is.
    pub five_hour_mode: ResetMode,
}

impl Default for StoredLimits {
    /// No limits; windows move as those of a new row do.
    fn default() -> Self {
        Self {
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
            five_hour_mode: ResetMode::Rolling,
        }
    }
}

impl StoredLimits {
    /// Returns the limits as they hold: zero is none. `rpm` is requests a minute.
    #[must_use]
    pub fn in_force(&self, rpm: Option<i64>) -> Limits {
        let count = |number: Option<i64>| {
            number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
        };
        let money = |amount: Option<Nano>| amount.filter(|amount| amount.0 > 0);
        Limits {
            rpm: count(rpm),
            tpm: count(self.tpm),
            concurrent_requests: count(self.concurrent_requests),
            concurrent_sessions: count(self.concurrent_sessions),
            spend_5h: money(self.spend_5h),
            daily: money(self.daily),
            weekly: money(self.weekly),
            monthly: money(self.monthly),
            total: money(self.total),
            daily_mode: self.daily_mode,
            daily_reset_minute: self.daily_reset_minute,
            five_hour_mode: self.five_hour_mode,
        }
    }
}

pub(super) fn read(row: &Row) -> Result<StoredLimits, StoreError> {
    let minute = u16::try_from(row.int("daily_reset_minute")?);
    Ok(StoredLimits {
        tpm: row.opt_int("limit_tpm")?,
        concurrent_sessions: row.opt_int("limit_concurrent_sessions")?,
        concurrent_requests: row.opt_int("limit_concurrent_requests")?,
        spend_5h: row.opt_money("limit_5h")?,
        daily: row.opt_money("limit_daily")?,
        weekly: row.opt_money("limit_weekly")?,
        monthly: row.opt_money("limit_monthly")?,
        total: row.opt_money("limit_total")?,
        daily_mode: read_mode(row.text("daily_reset_mode")?),
        five_hour_mode: read_mode(row.text("five_hour_reset_mode")?),
        daily_reset_minute: minute.unwrap_or_default(),
    })
}

fn read_mode(name: &str) -> ResetMode {
    if name == "rolling" { ResetMode::Rolling } else { ResetMode::Fixed }
}

pub(super) const fn mode(mode: ResetMode) -> &'static str {
    match mode {
        ResetMode::Fixed => "fixed",
        ResetMode::Rolling => "rolling",
    }
}
