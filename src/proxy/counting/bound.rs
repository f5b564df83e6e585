//! How often a key may have tokens counted: so many at once, which come back over a minute. Counting
//! is free and in no limit, and each count may be a request at a vendor.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::instant::Micros;

/// So many keys are remembered before those who have all of theirs back are forgotten.
const REMEMBERED: usize = 1_024;
const MINUTE: Duration = Duration::from_mins(1);

/// What each key has left, in the whole process.
#[derive(Debug)]
pub struct CountBound {
    a_minute: u32,
    keys: Mutex<HashMap<KeyId, Bucket>>,
}

/// When a key has all of its counts back: each one taken moves it away by its part of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    full_at: Micros,
}

impl CountBound {
    /// Bounds each key to so many counts a minute; 0 bounds nobody.
    #[must_use]
    pub fn new(a_minute: u32) -> Self {
        Self { a_minute, keys: Mutex::default() }
    }

    /// Takes one; returns how long to wait when there is none.
    pub fn admit(&self, key: KeyId, now: Micros) -> Option<Duration> {
        let each = MINUTE.checked_div(self.a_minute)?;
        let mut keys = self.keys.lock();
        if keys.len() >= REMEMBERED && !keys.contains_key(&key) {
            keys.retain(|_, bucket| bucket.full_at > now);
        }
        let bucket = keys.entry(key).or_insert(Bucket { full_at: now });
        match bucket.take(each, now) {
            Ok(taken) => {
                *bucket = taken;
                None
            }
            Err(wait) => Some(wait),
        }
    }
}

impl Bucket {
    /// Takes one that comes back after `each`, or says how long it takes until there is one.
    fn take(self, each: Duration, now: Micros) -> Result<Self, Duration> {
        let full_at = self.full_at.max(now).plus(each);
        let ahead = full_at.since(now);
        if ahead > MINUTE { Err(ahead.saturating_sub(MINUTE)) } else { Ok(Self { full_at }) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Micros = Micros(1_772_452_800_000_000);
    const ANNA: KeyId = KeyId(1);

    #[test]
    fn a_minutes_worth_is_there_at_once_and_comes_back_bit_by_bit() {
        let bound = CountBound::new(60);
        for _ in 0..60 {
            assert_eq!(bound.admit(ANNA, START), None);
        }
        assert_eq!(bound.admit(ANNA, START), Some(Duration::from_secs(1)));
        assert_eq!(bound.admit(KeyId(2), START), None, "everybody has their own");
        let next = START.plus(Duration::from_secs(1));
        assert_eq!(bound.admit(ANNA, next), None);
        assert!(bound.admit(ANNA, next).is_some());
    }

    #[test]
    fn nobody_is_bound_by_zero_and_the_idle_are_forgotten() {
        let free = CountBound::new(0);
        assert!((0..10_000).all(|_| free.admit(ANNA, START).is_none()));
        let bound = CountBound::new(1);
        let mut now = START;
        for key in 0..5_000 {
            assert_eq!(bound.admit(KeyId(key), now), None);
            now = now.plus(Duration::from_mins(1));
        }
        assert!(bound.keys.lock().len() <= REMEMBERED);
    }

    proptest! {
        /// Within any minute nobody gets more than what is there at once and what comes back, and who
        /// waits as long as told is let in.
        #[test]
        fn never_more_than_twice_a_minutes_worth(
            a_minute in 1_u32..20,
            steps in prop::collection::vec(0_u64..20_000, 1..200),
        ) {
            let bound = CountBound::new(a_minute);
            let mut now = START;
            let mut let_in: Vec<Micros> = Vec::new();
            for step in steps {
                now = now.plus(Duration::from_millis(step));
                match bound.admit(ANNA, now) {
                    None => let_in.push(now),
                    Some(wait) => {
                        now = now.plus(wait);
                        prop_assert_eq!(bound.admit(ANNA, now), None);
                        let_in.push(now);
                    }
                }
                let lately = let_in.iter().filter(|at| now.since(**at) < MINUTE).count();
                prop_assert!(lately <= 2 * a_minute as usize);
            }
        }
    }
}
