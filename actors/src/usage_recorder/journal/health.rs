//! How the journal feels: pure, told of each append.

use std::time::Duration;

use serde::Serialize;

/// An append that takes longer is slow.
const SLOW: Duration = Duration::from_millis(100);
/// So many slow appends in a row make the journal slow.
const SLOW_IN_A_ROW: u32 = 2;

/// Whether readiness can count on the journal; the worse one is the greater one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalHealth {
    /// Appends succeed in time.
    #[default]
    Good,
    /// Two appends in a row took over 100 ms.
    Slow,
    /// The disk refuses records (full, gone), or the journal is over its bound.
    Failing,
}

/// The health of one writer.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    slow: u32,
    failing: bool,
}

impl Pulse {
    /// Notes an append that succeeded.
    pub fn appended(&mut self, took: Duration) {
        self.failing = false;
        self.slow = if took > SLOW { self.slow.saturating_add(1) } else { 0 };
    }

    /// Notes that the disk refused.
    pub fn refused(&mut self) {
        self.failing = true;
    }

    /// Returns what follows from it.
    #[must_use]
    pub const fn health(&self) -> JournalHealth {
        if self.failing {
            return JournalHealth::Failing;
        }
        if self.slow >= SLOW_IN_A_ROW { JournalHealth::Slow } else { JournalHealth::Good }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_append_is_forgiven_and_two_in_a_row_are_not() {
        let mut pulse = Pulse::default();
        pulse.appended(Duration::from_millis(101));
        assert_eq!(pulse.health(), JournalHealth::Good);
        pulse.appended(Duration::from_millis(250));
        assert_eq!(pulse.health(), JournalHealth::Slow);
        pulse.appended(Duration::from_millis(100));
        assert_eq!(pulse.health(), JournalHealth::Good);
    }

    #[test]
    fn a_refused_append_fails_until_one_succeeds() {
        let mut pulse = Pulse::default();
        pulse.refused();
        assert_eq!(pulse.health(), JournalHealth::Failing);
        pulse.appended(Duration::ZERO);
        assert_eq!(pulse.health(), JournalHealth::Good);
    }
}
