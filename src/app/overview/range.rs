//! The spans that a chart can show, cut into buckets on the borders of local days and hours.

use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::window;

use crate::store::SLOT;

/// Hours of the range `24h`.
const HOURS: usize = 24;
const HOUR: Duration = Duration::from_hours(1);
/// A week is cut into eighths of days.
const EIGHTH: Duration = Duration::from_hours(3);
/// Longer than any day: its step is the day itself.
const WHOLE_DAY: Duration = Duration::from_hours(48);

/// A span that a chart can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// From midnight to midnight, by hour; what is still to come is a gap.
    #[default]
    Today,
    /// The last 24 hours of the clock, by hour.
    Day,
    /// The last seven days, by eighths of days.
    Week,
    /// The last thirty days, by day.
    Month,
}

impl Range {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Today, Self::Day, Self::Week, Self::Month];

    /// Returns the name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// Finds a range by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.name() == name)
    }

    /// Cuts the range around `now` into buckets.
    #[must_use]
    pub fn grid(self, zone: &TimeZone, now: Micros) -> Grid {
        let borders = match self {
            Self::Today => window::borders(zone, now, 1, HOUR),
            Self::Day => last_hours(&window::borders(zone, now, 2, HOUR), now),
            Self::Week => window::borders(zone, now, 7, EIGHTH),
            Self::Month => window::borders(zone, now, 30, WHOLE_DAY),
        };
        Grid { borders }
    }
}

/// Keeps the bucket around `now` and those before it.
fn last_hours(borders: &[Micros], now: Micros) -> Vec<Micros> {
    let end = borders.partition_point(|border| *border <= now).saturating_add(1);
    let first = end.saturating_sub(HOURS + 1);
    borders.iter().copied().take(end).skip(first).collect()
}

/// Buckets edge to edge: each border ends one and starts the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    borders: Vec<Micros>,
}

impl Grid {
    /// Returns the first instant.
    #[must_use]
    pub fn start(&self) -> Micros {
        self.borders.first().copied().unwrap_or_default()
    }

    /// Returns the first instant behind the last bucket.
    #[must_use]
    pub fn end(&self) -> Micros {
        self.borders.last().copied().unwrap_or_default()
    }

    /// Returns how many buckets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.borders.len().saturating_sub(1)
    }

    /// Tells whether there is no bucket.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the buckets: start and end of each.
    pub fn buckets(&self) -> impl Iterator<Item = (Micros, Micros)> {
        self.borders.iter().copied().zip(self.borders.iter().copied().skip(1))
    }

    /// Returns the longest step, counted from the start, that meets every border: few rows are read
    /// for a month, and its buckets are exact also when the clock changed within it.
    #[must_use]
    pub fn step(&self) -> Duration {
        let spans = self.buckets().map(|(start, end)| end.since(start).as_micros());
        let micros = spans.fold(0, gcd);
        u64::try_from(micros).map_or(SLOT, Duration::from_micros).max(SLOT)
    }

    /// Returns the bucket that a step lies in.
    #[must_use]
    pub fn bucket_of(&self, step: i64) -> Option<usize> {
        let step = u32::try_from(step).ok()?;
        let at = self.start().plus(self.step().saturating_mul(step));
        let behind = self.borders.partition_point(|border| *border <= at);
        behind.checked_sub(1).filter(|bucket| *bucket < self.len())
    }
}

const fn gcd(one: u128, other: u128) -> u128 {
    let (mut large, mut small) = (one, other);
    while small != 0 {
        (large, small) = (small, large % small);
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    fn grid(range: Range, zone: &str, now: &str) -> Grid {
        range.grid(&window::zone(zone).unwrap(), at(now))
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for range in Range::ALL {
            assert_eq!(Range::parse(range.name()), Some(range));
        }
        assert_eq!(Range::parse("1y"), None);
    }

    #[test]
    fn today_is_the_whole_local_day() {
        let today = grid(Range::Today, "Asia/Shanghai", "2026-05-05T12:00:00Z");
        assert_eq!((today.start(), today.len()), (at("2026-05-04T16:00:00Z"), 24));
        assert_eq!(today.end(), at("2026-05-05T16:00:00Z"));
    }

    #[test]
    fn the_last_hours_end_with_the_one_that_runs() {
        for (zone, now, end) in [
            ("UTC", "2026-05-05T12:30:00Z", "2026-05-05T13:00:00Z"),
            ("UTC", "2026-05-05T00:00:00Z", "2026-05-05T01:00:00Z"),
            ("UTC", "2026-05-05T23:59:59Z", "2026-05-06T00:00:00Z"),
            ("Asia/Kolkata", "2026-05-05T12:10:00Z", "2026-05-05T12:30:00Z"),
            ("America/New_York", "2026-03-09T04:10:00Z", "2026-03-09T05:00:00Z"),
        ] {
            let day = grid(Range::Day, zone, now);
            assert_eq!((day.len(), day.end()), (24, at(end)), "{zone} {now}");
        }
    }

    #[test]
    fn a_month_is_read_by_days_and_by_hours_when_the_clock_changed() {
        let calm = grid(Range::Month, "America/New_York", "2026-06-20T12:00:00Z");
        assert_eq!((calm.len(), calm.step()), (30, HOUR * 24));
        let changed = grid(Range::Month, "America/New_York", "2026-03-20T12:00:00Z");
        assert_eq!((changed.len(), changed.step()), (30, HOUR));
        assert_eq!(grid(Range::Week, "UTC", "2026-03-20T12:00:00Z").step(), EIGHTH);
    }

    #[test]
    fn every_step_lies_in_one_bucket_and_every_bucket_has_one() {
        for range in Range::ALL {
            for zone in ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"] {
                let grid = grid(range, zone, "2026-04-05T12:00:00Z");
                let steps = grid.end().since(grid.start()).as_secs() / grid.step().as_secs();
                let mut met: Vec<usize> = (0..steps)
                    .map(|step| grid.bucket_of(i64::try_from(step).unwrap()).unwrap())
                    .collect();
                assert!(met.is_sorted());
                met.dedup();
                assert_eq!(met, (0..grid.len()).collect::<Vec<_>>(), "{zone} {range:?}");
                assert_eq!(grid.bucket_of(i64::try_from(steps).unwrap()), None);
            }
        }
    }
}
