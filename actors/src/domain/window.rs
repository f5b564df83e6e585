//! When days, weeks and months start in the system's time zone, daylight saving included.

use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::instant::Micros;

/// A calendar window: `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first instant inside.
    pub start: Micros,
    /// The first instant after it: when the limit starts anew.
    pub end: Micros,
}

/// Finds a zone by its IANA name.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Finds a zone by its IANA name; UTC for a name that nobody knows any more.
#[must_use]
pub fn zone_or_utc(name: &str) -> TimeZone {
    zone(name).unwrap_or(TimeZone::UTC)
}

/// Returns the day that `now` falls in, when days start `reset_minute` minutes after midnight.
#[must_use]
pub fn day(zone: &TimeZone, now: Micros, reset_minute: u16) -> Window {
    around(zone, now, reset_minute, |date| date, 1.day())
}

/// Returns the week (from Monday 00:00) that `now` falls in.
#[must_use]
pub fn week(zone: &TimeZone, now: Micros) -> Window {
    let monday = |date: Date| {
        let back = date.weekday().since(Weekday::Monday);
        date.checked_sub(i64::from(back).days()).unwrap_or(date)
    };
    around(zone, now, 0, monday, 1.week())
}

/// Returns the month (from the first, 00:00) that `now` falls in.
#[must_use]
pub fn month(zone: &TimeZone, now: Micros) -> Window {
    around(zone, now, 0, Date::first_of_month, 1.month())
}

/// Returns the borders of equal steps through whole days, up to `days` of them, the last one being
/// that of `now`: `[first, ..., end of today]`. Steps are counted anew at each midnight and the last
/// step of a day ends with it, so a day of 23 or 25 hours is as long as it is.
#[must_use]
pub fn borders(zone: &TimeZone, now: Micros, days: u32, step: Duration) -> Vec<Micros> {
    let last = day(zone, now, 0);
    let mut starts = vec![last.end, last.start];
    for _ in 1..days {
        let Some(first) = starts.last() else { break };
        starts.push(day(zone, first.minus(Duration::from_micros(1)), 0).start);
    }
    starts.reverse();
    let mut borders = Vec::new();
    for (start, end) in starts.iter().zip(starts.iter().skip(1)) {
        let mut border = *start;
        while border < *end {
            borders.push(border);
            border = border.plus(step.max(Duration::from_mins(1)));
        }
    }
    borders.push(last.end);
    borders
}

/// Returns the instant with the same time of day on the day before; where that day has no such
/// time, the first one after it.
#[must_use]
pub fn yesterday(zone: &TimeZone, now: Micros) -> Micros {
    let local = Timestamp::from_microsecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let local = zone.to_datetime(local);
    local.date().checked_sub(1.day()).map_or(now, |date| instant(zone, date, local.time()))
}

/// Finds the window around `now`: the civil date is moved back by the reset time first.
fn around(
    zone: &TimeZone,
    now: Micros,
    reset_minute: u16,
    first: impl Fn(Date) -> Date,
    length: Span,
) -> Window {
    let at = reset_time(reset_minute);
    let local = Timestamp::from_microsecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let local = zone.to_datetime(local);
    let date = if local.time() < at {
        local.date().checked_sub(1.day()).unwrap_or(local.date())
    } else {
        local.date()
    };
    let start = first(date);
    let next = start.checked_add(length).unwrap_or(start);
    Window { start: instant(zone, start, at), end: instant(zone, next, at) }
}

fn reset_time(minute: u16) -> Time {
    let hour = i8::try_from(minute / 60).unwrap_or(0);
    let minute = i8::try_from(minute % 60).unwrap_or(0);
    Time::new(hour, minute, 0, 0).unwrap_or(Time::midnight())
}

/// Returns the instant of a civil time; in a gap the first one after it, in a fold the earlier one.
fn instant(zone: &TimeZone, date: Date, time: Time) -> Micros {
    zone.to_ambiguous_timestamp(date.to_datetime(time))
        .compatible()
        .map_or(Micros(0), |at| Micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros(text.parse::<Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_day_in_shanghai_starts_at_sixteen_hours_utc() {
        let shanghai = zone("Asia/Shanghai").unwrap();
        let before = day(&shanghai, at("2026-03-01T15:59:00Z"), 0);
        let after = day(&shanghai, at("2026-03-01T16:01:00Z"), 0);
        assert_eq!(before.end, at("2026-03-01T16:00:00Z"));
        assert_eq!(after.start, before.end);
    }

    #[test]
    fn a_day_of_daylight_saving_has_twenty_three_hours() {
        let york = zone("America/New_York").unwrap();
        let day = day(&york, at("2026-03-08T12:00:00Z"), 0);
        assert_eq!(day.start, at("2026-03-08T05:00:00Z"));
        assert_eq!(day.end, at("2026-03-09T04:00:00Z"));
    }

    #[test]
    fn a_day_is_cut_into_as_many_hours_as_it_has() {
        let york = zone("America/New_York").unwrap();
        let hours = |now| borders(&york, at(now), 1, Duration::from_hours(1));
        assert_eq!(hours("2026-03-07T12:00:00Z").len(), 25);
        assert_eq!(hours("2026-03-08T12:00:00Z").len(), 24);
        assert_eq!(hours("2026-11-01T12:00:00Z").len(), 26);
    }

    #[test]
    fn days_and_parts_of_days_lie_edge_to_edge_across_a_change_of_the_clock() {
        let york = zone("America/New_York").unwrap();
        let now = at("2026-03-10T12:00:00Z");
        let days = borders(&york, now, 4, Duration::from_hours(24 * 2));
        let wanted = ["07T05", "08T05", "09T04", "10T04", "11T04"];
        assert_eq!(days, wanted.map(|part| at(&format!("2026-03-{part}:00:00Z"))));
        let parts = borders(&york, now, 4, Duration::from_hours(3));
        assert!(days.iter().all(|day| parts.contains(day)));
        assert!(parts.is_sorted() && parts.len() == 4 * 8 + 1);
    }

    #[test]
    fn yesterday_has_the_same_time_on_the_clock() {
        let york = zone("America/New_York").unwrap();
        let before = yesterday(&york, at("2026-03-08T16:00:00Z"));
        assert_eq!(before, at("2026-03-07T17:00:00Z"));
        let in_the_gap = yesterday(&york, at("2026-03-09T06:30:00Z"));
        assert_eq!(in_the_gap, at("2026-03-08T07:30:00Z"));
    }

    #[test]
    fn before_the_reset_time_it_is_still_yesterday() {
        let utc = TimeZone::UTC;
        let day = day(&utc, at("2026-05-05T03:59:00Z"), 4 * 60);
        assert_eq!(day.start, at("2026-05-04T04:00:00Z"));
    }

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        let utc = TimeZone::UTC;
        assert_eq!(week(&utc, at("2026-11-22T10:00:00Z")).start, at("2026-11-16T00:00:00Z"));
        assert_eq!(month(&utc, at("2026-12-31T23:59:59Z")).end, at("2027-01-01T00:00:00Z"));
    }
}
