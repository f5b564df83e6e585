//! The tokens of the last minute, by the second: those of ended requests at their arrival, and those
//! that running requests may come to.

use std::collections::VecDeque;

use crate::domain::check::MINUTE;
use crate::domain::instant::Micros;

/// Seconds that are kept.
const SECONDS: i64 = 60;

/// Tokens by second, at most a minute of them.
#[derive(Clone, Debug, Default)]
pub struct TokenLog {
    seconds: VecDeque<(i64, u64)>,
    held: u64,
}

impl TokenLog {
    /// Returns the tokens that running requests hold.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// Holds tokens for a request that runs, however long it does.
    pub const fn hold(&mut self, tokens: u64) {
        self.held = self.held.saturating_add(tokens);
    }

    /// Gives held tokens back.
    pub const fn release(&mut self, tokens: u64) {
        self.held = self.held.saturating_sub(tokens);
    }

    /// Counts the tokens of a request that has ended, at its arrival. One that ran for longer than a
    /// minute is over with its end.
    pub fn add(&mut self, arrival: Micros, tokens: u64) {
        let second = arrival.seconds();
        let place = self.seconds.partition_point(|(at, _)| *at < second);
        match self.seconds.get_mut(place) {
            Some((at, sum)) if *at == second => *sum = sum.saturating_add(tokens),
            _ => self.seconds.insert(place, (second, tokens)),
        }
        let newest = self.seconds.back().map_or(second, |(at, _)| *at);
        self.drop_before(newest.saturating_sub(SECONDS));
    }

    /// Returns the tokens of the last minute, whole seconds at its beginning included.
    #[must_use]
    pub fn settled(&self, now: Micros) -> u64 {
        let first = now.seconds().saturating_sub(SECONDS);
        let place = self.seconds.partition_point(|(at, _)| *at <= first);
        self.seconds.range(place..).fold(0, |sum, (_, tokens)| sum.saturating_add(*tokens))
    }

    /// Returns when the oldest tokens leave the minute.
    #[must_use]
    pub fn frees_at(&self, now: Micros) -> Option<Micros> {
        let first = now.seconds().saturating_sub(SECONDS);
        let place = self.seconds.partition_point(|(at, _)| *at <= first);
        let (oldest, _) = self.seconds.get(place)?;
        Some(Micros(oldest.saturating_mul(1_000_000)).plus(MINUTE))
    }

    /// Drops what no minute can see any more.
    pub fn expire(&mut self, now: Micros) {
        self.drop_before(now.seconds().saturating_sub(SECONDS));
    }

    fn drop_before(&mut self, second: i64) {
        while self.seconds.front().is_some_and(|(at, _)| *at < second) {
            self.seconds.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Micros = Micros(1_777_982_400_000_000);

    fn after(seconds: u64) -> Micros {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn tokens_count_for_a_minute_from_their_arrival() {
        let mut log = TokenLog::default();
        log.add(after(10), 7);
        log.add(NOW, 5);
        assert_eq!((log.settled(after(10)), log.settled(after(59))), (12, 12));
        assert_eq!(log.frees_at(after(20)), Some(after(60)));
        assert_eq!((log.settled(after(60)), log.settled(after(70))), (7, 0));
        assert_eq!(log.frees_at(after(70)), None);
    }

    #[test]
    fn what_is_held_counts_for_as_long_as_it_is_held() {
        let mut log = TokenLog::default();
        log.hold(100);
        log.expire(after(600));
        assert_eq!(log.held(), 100);
        log.release(100);
        log.add(NOW, 90);
        log.expire(after(600));
        assert_eq!((log.held(), log.settled(after(600))), (0, 0));
    }

    #[test]
    fn no_more_than_a_minute_is_kept() {
        let mut log = TokenLog::default();
        for second in 0..500 {
            log.add(after(second), 1);
        }
        assert!(log.seconds.len() <= 61);
        assert_eq!(log.settled(after(499)), 60);
    }
}
