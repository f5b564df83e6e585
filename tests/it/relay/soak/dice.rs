//! Luck that can be had again: each request and each answer draws from its own number.

/// A small generator (`SplitMix64`).
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The luck of one thing out of many.
    pub fn of(seed: u64, part: u64, number: u64) -> Self {
        let mut dice = Self(seed ^ part.rotate_left(32));
        dice.0 = dice.next() ^ number;
        dice
    }

    /// Returns a number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Tells whether something happens that does so many times in a hundred.
    pub fn in_hundred(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Picks one.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let index = self.below(all.len() as u64);
        &all[usize::try_from(index).expect("a small number")]
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
