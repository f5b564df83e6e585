//! The calendar windows of one meter around one instant, worked out before any lock is taken.

use jiff::tz::TimeZone;

use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::window::{Window, day, month, week};

/// The day (with the limit's own reset time), week and month around an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Borders {
    /// The day.
    pub day: Window,
    /// The week.
    pub week: Window,
    /// The month.
    pub month: Window,
}

impl Borders {
    /// Works out the windows that `now` falls in.
    #[must_use]
    pub fn around(zone: &TimeZone, limits: &Limits, now: Micros) -> Self {
        Self {
            day: day(zone, now, limits.daily_reset_minute),
            week: week(zone, now),
            month: month(zone, now),
        }
    }

    /// Tells whether `now` falls in all three, so that they need not be worked out anew.
    #[must_use]
    pub fn hold(&self, now: Micros) -> bool {
        let within = |window: Window| window.start <= now && now < window.end;
        within(self.day) && within(self.week) && within(self.month)
    }
}
