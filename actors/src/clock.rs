//! The only place that reads the wall clock or makes luck; everything else is given them.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::RngCore;

use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns the present instant.
    fn now(&self) -> Micros;
}

/// Gives seeds. A draw is made by a generator seeded with one, and the seed is recorded.
pub trait Luck: Send + Sync {
    /// Returns the next seed.
    fn seed(&self) -> u64;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one reader of the wall clock")]
    fn now(&self) -> Micros {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLuck;

impl Luck for SystemLuck {
    #[expect(clippy::disallowed_methods, reason = "the one maker of luck")]
    fn seed(&self) -> u64 {
        rand::rng().next_u64()
    }
}

/// A clock that tests move by hand.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Makes a clock that stands at `now`.
    #[must_use]
    pub const fn at(now: Micros) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves the clock on.
    pub fn advance(&self, span: Duration) {
        self.0.store(self.now().plus(span).0, Ordering::SeqCst);
    }

    /// Sets the clock, backwards as well.
    pub fn set(&self, now: Micros) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

/// Luck that repeats itself: seeds count up from the first one.
#[derive(Debug)]
pub struct CountingLuck(AtomicU64);

impl CountingLuck {
    /// Makes luck whose first seed is `first`.
    #[must_use]
    pub const fn from(first: u64) -> Self {
        Self(AtomicU64::new(first))
    }
}

impl Luck for CountingLuck {
    fn seed(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// Mints request ids (`UUIDv7`, RFC 9562) that rise within the process, also when the clock does not.
#[derive(Debug, Default)]
pub struct RequestIds {
    /// Milliseconds since 1970 in the upper 48 bits, a counter in the lower 12 (shifted by 4 free
    /// bits); only ever raised.
    last: AtomicU64,
}

impl RequestIds {
    /// Mints the next id for a request that arrives at `now`; `seed` fills its random part.
    ///
    /// The id's instant equals `now` unless the clock stepped back or more than 4,096 requests
    /// arrived in one millisecond; then it runs ahead so that order holds.
    pub fn mint(&self, now: Micros, seed: u64) -> RequestId {
        let wish = u64::try_from(now.millis()).unwrap_or(0) << 12;
        let step = |last: u64| Some(if wish > last { wish } else { last + 1 });
        let last = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step);
        let ticket = last.ok().and_then(step).unwrap_or(wish);
        let [_, _, t0, t1, t2, t3, t4, t5] = (ticket >> 12).to_be_bytes();
        let [.., count_high, count_low] = (ticket & 0x0FFF).to_be_bytes();
        let [r0, r1, r2, r3, r4, r5, r6, r7] = seed.to_be_bytes();
        RequestId([
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            0x70 | count_high,
            count_low,
            0x80 | (r0 & 0x3F),
            r1,
            r2,
            r3,
            r4,
            r5,
            r6,
            r7,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_steps_back() {
        let ids = RequestIds::default();
        let first = ids.mint(Micros::from_millis(2_000), 7);
        let second = ids.mint(Micros::from_millis(1_000), 3);
        assert!(second > first);
        assert_eq!((first.millis(), second.millis()), (2_000, 2_000));
    }

    #[test]
    fn an_id_is_a_version_seven_uuid() {
        let id = RequestIds::default().mint(Micros::from_millis(1_700_000_000_000), u64::MAX);
        assert_eq!(uuid::Uuid::from_bytes(id.0).get_version_num(), 7);
        assert_eq!(RequestId::parse(&id.to_string()), Some(id));
    }
}
