//! Luck that repeats itself: whole numbers out of a seeded generator, no fractions anywhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// A generator of a seed.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Makes dice that throw the same for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Throws any number.
    pub fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Throws a number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        let span = most.saturating_sub(least).saturating_add(1);
        least.saturating_add(self.any() % span.max(1))
    }

    /// Throws a number as [`Self::between`] does, small ones more often: the lesser of two throws.
    pub fn skewed(&mut self, least: u64, most: u64) -> u64 {
        self.between(least, most).min(self.between(least, most))
    }

    /// Tells whether something happens that happens so many times in a thousand.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.between(0, 999) < per_mille
    }

    /// Picks one; `None` of nothing.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let last = u64::try_from(among.len()).unwrap_or(0).checked_sub(1)?;
        among.get(usize::try_from(self.between(0, last)).unwrap_or(0))
    }

    /// Picks one by its weight; `None` where nothing has any.
    pub fn weigh<'a, T>(&mut self, among: &'a [(T, u32)]) -> Option<&'a T> {
        let total: u64 = among.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.between(0, total.checked_sub(1)?);
        for (one, weight) in among {
            match left.checked_sub(u64::from(*weight)) {
                None => return Some(one),
                Some(rest) => left = rest,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_stay_within_their_bounds_and_reach_them() {
        let mut dice = Dice::new(1);
        let thrown: Vec<u64> = (0..200).map(|_| dice.between(3, 5)).collect();
        assert!(thrown.iter().all(|one| (3..=5).contains(one)));
        assert!(thrown.contains(&3) && thrown.contains(&5));
        assert_eq!(dice.between(4, 4), 4);
    }

    #[test]
    fn the_same_seed_throws_the_same() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            [dice.any(), dice.skewed(0, 99), dice.between(0, 9)]
        };
        assert_eq!(throw(7), throw(7));
        assert_ne!(throw(7), throw(8));
    }

    #[test]
    fn what_has_no_weight_is_never_picked() {
        let mut dice = Dice::new(1);
        let among = [("never", 0), ("often", 9), ("seldom", 1)];
        let picks: Vec<_> = (0..300).filter_map(|_| dice.weigh(&among)).collect();
        let count = |name| picks.iter().filter(|pick| ***pick == name).count();
        assert_eq!((picks.len(), count("never")), (300, 0));
        assert!(count("often") > 200 && count("seldom") > 5, "{picks:?}");
        assert_eq!(dice.weigh::<&str>(&[]), None);
        assert_eq!(dice.pick::<&str>(&[]), None);
    }
}
