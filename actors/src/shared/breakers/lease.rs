//! The right of one node among several to probe: it is kept while attempts use it and passed on while
//! they only look.

use std::time::Duration;

use crate::domain::instant::Micros;

/// A wish to probe lives this long, and a lease that nobody probes with is kept this long.
const UNUSED: Duration = Duration::from_secs(5);
/// How long a lease that was passed on is left to other nodes after its end. Before that it ran out for
/// up to the ten seconds of its life, and a node that wants it looks twice a second: who has not taken
/// it after four looks does not want it, and every second more is one in which nobody probes.
const LEFT_TO_OTHERS: Duration = Duration::from_secs(2);

/// The lease of one breaker.
#[derive(Debug, Default)]
pub(super) struct ProbeLease {
    /// Until when this node alone may probe.
    until: Option<Micros>,
    /// When it was taken, or when an attempt last probed with it.
    active_at: Option<Micros>,
    /// When an attempt last looked at what may be probed.
    wanted_at: Option<Micros>,
    /// It was held and wanted, and no attempt probed: other nodes go first.
    passed_on: bool,
}

impl ProbeLease {
    /// Tells whether this node alone may probe.
    pub(super) fn is_held(&self, now: Micros) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Notes that an attempt would probe.
    pub(super) const fn want(&mut self, now: Micros) {
        self.wanted_at = Some(now);
    }

    /// Notes that an attempt probes.
    pub(super) const fn probe(&mut self, now: Micros) {
        self.active_at = Some(now);
        self.passed_on = false;
    }

    /// Notes until when it is held.
    pub(super) fn hold(&mut self, now: Micros, until: Micros) {
        if !self.is_held(now) {
            self.active_at = Some(now);
            self.passed_on = false;
        }
        self.until = Some(until);
    }

    /// Tells whether it is to be taken or renewed.
    pub(super) fn is_needed(&mut self, now: Micros) -> bool {
        if self.wanted_at.is_none_or(|at| now.since(at) >= UNUSED) {
            return false;
        }
        if self.is_held(now) {
            self.passed_on |= self.active_at.is_some_and(|at| now.since(at) >= UNUSED);
            return !self.passed_on;
        }
        !self.passed_on || self.until.is_none_or(|until| now.since(until) >= LEFT_TO_OTHERS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Micros {
        Micros(1_000_000_000).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn one_that_is_only_looked_at_is_left_to_others_for_a_while() {
        let mut lease = ProbeLease::default();
        lease.want(at(0));
        assert!(lease.is_needed(at(0)));
        lease.hold(at(0), at(10));
        for second in 1..=40 {
            lease.want(at(second));
            let kept = lease.is_needed(at(second));
            // Renewed up to the fourth second, it ends at 14 and is asked for again at 16.
            assert_eq!(kept, !(5..16).contains(&second), "after {second} s");
            if second < 5 {
                lease.hold(at(second), at(second + 10));
            }
            assert_eq!(lease.is_held(at(second)), second < 14, "after {second} s");
        }
    }

    #[test]
    fn one_that_attempts_probe_with_is_kept() {
        let mut lease = ProbeLease::default();
        lease.want(at(0));
        lease.hold(at(0), at(10));
        for second in [4, 8, 12, 16] {
            lease.want(at(second));
            lease.probe(at(second));
            assert!(lease.is_needed(at(second)), "after {second} s");
            lease.hold(at(second), at(second + 10));
        }
        lease.want(at(22));
        assert!(!lease.is_needed(at(22)), "six seconds without a probe");
        lease.probe(at(23));
        assert!(lease.is_needed(at(23)), "there is one again before it has ended");
    }
}
