//! The hours of a day in which a provider serves.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::domain::instant::Micros;
use crate::domain::window;

/// Minutes of a day.
const DAY: u16 = 1_440;

/// A daily window of wall-clock time: `[from, to)`, over midnight when `to` is the earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Minutes after midnight at which it opens.
    pub from: u16,
    /// Minutes after midnight at which it closes; equal to `from` it never opens.
    pub to: u16,
    /// The zone of its clock; `None` is the system's.
    pub zone: Option<TimeZone>,
}

impl Schedule {
    /// Makes a schedule; `None`, which is "always", unless both ends are times of day.
    #[must_use]
    pub fn new(from: Option<i64>, to: Option<i64>, zone: Option<TimeZone>) -> Option<Self> {
        let minute = |number: i64| u16::try_from(number).ok().filter(|minute| *minute < DAY);
        Some(Self { from: minute(from?)?, to: minute(to?)?, zone })
    }

    /// Tells whether it is open at `now`.
    #[must_use]
    pub fn is_open(&self, now: Micros, system: &TimeZone) -> bool {
        let zone = self.zone.as_ref().unwrap_or(system);
        let now = Timestamp::from_microsecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let minute = minutes(zone.to_datetime(now).time());
        match self.from.cmp(&self.to) {
            std::cmp::Ordering::Less => (self.from..self.to).contains(&minute),
            std::cmp::Ordering::Equal => false,
            std::cmp::Ordering::Greater => minute >= self.from || minute < self.to,
        }
    }

    /// Returns the next instant after `now` at which it opens; `None` when it never does. On a day
    /// whose clock skips that time it opens right after the gap.
    #[must_use]
    pub fn opens_at(&self, now: Micros, system: &TimeZone) -> Option<Micros> {
        if self.from == self.to {
            return None;
        }
        Some(window::day(self.zone.as_ref().unwrap_or(system), now, self.from).end)
    }
}

fn minutes(time: Time) -> u16 {
    let part = |number: i8| u16::try_from(number).unwrap_or(0);
    part(time.hour()) * 60 + part(time.minute())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(text: &str) -> Micros {
        Micros(text.parse::<Timestamp>().unwrap().as_microsecond())
    }

    fn schedule(from: i64, to: i64) -> Schedule {
        Schedule::new(Some(from), Some(to), None).unwrap()
    }

    #[test]
    fn the_window_is_half_open_and_may_cross_midnight() {
        let shanghai = zone("Asia/Shanghai");
        let office = schedule(9 * 60, 18 * 60);
        // 09:00 in Shanghai is 01:00 in UTC.
        for (now, open) in [
            ("2026-03-02T00:59:59Z", false),
            ("2026-03-02T01:00:00Z", true),
            ("2026-03-02T09:59:59Z", true),
            ("2026-03-02T10:00:00Z", false),
        ] {
            assert_eq!(office.is_open(at(now), &shanghai), open, "{now}");
            assert_eq!(schedule(18 * 60, 9 * 60).is_open(at(now), &shanghai), !open, "{now}");
        }
        assert!(!schedule(60, 60).is_open(at("2026-03-02T01:00:00Z"), &TimeZone::UTC));
    }

    #[test]
    fn a_zone_of_its_own_goes_before_the_systems() {
        let mut office = schedule(9 * 60, 18 * 60);
        office.zone = Some(zone("America/New_York"));
        assert!(office.is_open(at("2026-03-02T14:00:00Z"), &zone("Asia/Shanghai")));
        assert!(!office.is_open(at("2026-03-02T13:59:00Z"), &zone("Asia/Shanghai")));
    }

    #[test]
    fn half_a_window_is_always_and_an_empty_one_never_opens() {
        assert_eq!(Schedule::new(Some(60), None, None), None);
        assert_eq!(Schedule::new(Some(60), Some(1_440), None), None);
        assert_eq!(schedule(60, 60).opens_at(Micros(0), &TimeZone::UTC), None);
    }

    #[test]
    fn a_time_that_the_clock_skips_opens_after_the_gap() {
        // On 2026-03-08 New York's clock goes from 02:00 to 03:00.
        let night = schedule(2 * 60 + 30, 6 * 60);
        let opens = night.opens_at(at("2026-03-08T05:30:00Z"), &zone("America/New_York")).unwrap();
        assert_eq!(opens, at("2026-03-08T07:30:00Z"));
        assert!(night.is_open(opens, &zone("America/New_York")));
    }

    proptest! {
        #[test]
        fn it_is_open_when_it_opens_and_shut_until_then(
            from in 0_i64..1_440, length in 1_i64..1_440, start in 1_772_000_000_i64..1_800_000_000,
            name in prop::sample::select(vec!["UTC", "Asia/Shanghai", "America/New_York"]),
        ) {
            let (system, now) = (zone(name), Micros(start * 1_000_000));
            let window = schedule(from, (from + length) % 1_440);
            let opens = window.opens_at(now, &system).unwrap();
            prop_assert!(opens > now);
            prop_assert!(window.is_open(opens, &system) || length < 61, "a gap may swallow it");
            if !window.is_open(now, &system) && name != "America/New_York" {
                let before = Micros(opens.0 - 1);
                prop_assert!(!window.is_open(before, &system));
            }
        }
    }
}
