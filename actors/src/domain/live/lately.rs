//! How requests ended in the last minutes, counted by minute: the shortest answer to "does it work?".

use crate::domain::instant::Micros;
use crate::domain::ledger::LedgerRow;
use crate::domain::outcome::RowOutcome;

/// How many minutes are looked at: the one that runs and those before it.
pub const MINUTES: usize = 5;
const MINUTE: i64 = 60_000_000;

/// How requests of the last minutes ended. Those that a client spoilt or left, and those that a
/// limit refused, say nothing of whether the relay works: they are in neither count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Requests that were served.
    pub served: u64,
    /// Requests that failed by a fault of a provider or of ours.
    pub faults: u64,
}

/// Counts by minute; what is older than [`MINUTES`] is forgotten.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally([Minute; MINUTES]);

#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    /// Its number since 1970.
    number: i64,
    lately: Lately,
}

impl Tally {
    /// Counts a row in the minute in which its request ended.
    pub fn count(&mut self, row: &LedgerRow) {
        let served = row.outcome == RowOutcome::Success;
        // What our own end cut off says nothing of the time behind it.
        let fault = row.outcome != RowOutcome::Interrupted && row.outcome.is_fault(row.status);
        if served || fault {
            self.add(row.ended_at, fault);
        }
    }

    fn add(&mut self, at: Micros, fault: bool) {
        let number = at.0.div_euclid(MINUTE);
        let slots = i64::try_from(MINUTES).unwrap_or(1);
        let place = usize::try_from(number.rem_euclid(slots)).unwrap_or_default();
        let Some(minute) = self.0.get_mut(place) else { return };
        if number < minute.number {
            return;
        }
        if number > minute.number {
            *minute = Minute { number, lately: Lately::default() };
        }
        let count = if fault { &mut minute.lately.faults } else { &mut minute.lately.served };
        *count = count.saturating_add(1);
    }

    /// Adds up the last minutes.
    #[must_use]
    pub fn sum(&self, now: Micros) -> Lately {
        let newest = now.0.div_euclid(MINUTE);
        let oldest = newest.saturating_sub(i64::try_from(MINUTES).unwrap_or_default());
        let is_new = |minute: &&Minute| minute.number > oldest && minute.number <= newest;
        self.0.iter().filter(is_new).fold(Lately::default(), |sum, minute| Lately {
            served: sum.served.saturating_add(minute.lately.served),
            faults: sum.faults.saturating_add(minute.lately.faults),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_sum_is_that_of_the_minutes_in_sight(
            ends in prop::collection::vec((0_i64..1_200, any::<bool>()), 0..80),
            after in 0_i64..600,
        ) {
            let mut ends = ends;
            ends.sort_unstable();
            let mut tally = Tally::default();
            for (second, fault) in &ends {
                tally.add(Micros(second * 1_000_000), *fault);
            }
            let now = ends.last().map_or(0, |(second, _)| *second) + after;
            let first = now.div_euclid(60) - 4;
            let seen = |fault: bool| {
                let is_seen = |end: &&(i64, bool)| end.0.div_euclid(60) >= first && end.1 == fault;
                u64::try_from(ends.iter().filter(is_seen).count()).unwrap()
            };
            let expected = Lately { served: seen(false), faults: seen(true) };
            prop_assert_eq!(tally.sum(Micros(now * 1_000_000)), expected);
        }
    }

    #[test]
    fn what_comes_late_is_not_counted_in_a_younger_minute() {
        let mut tally = Tally::default();
        tally.add(Micros(10 * MINUTE), false);
        tally.add(Micros(5 * MINUTE), true);
        assert_eq!(tally.sum(Micros(10 * MINUTE)), Lately { served: 1, faults: 0 });
    }
}
