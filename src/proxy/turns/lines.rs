//! Lines of several, taken from one after the other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// What waits, by whose it is.
#[derive(Debug)]
pub struct Lines<K, T> {
    /// None of them is empty.
    of: HashMap<K, VecDeque<T>>,
    /// Whose line is next; each that is there once.
    order: VecDeque<K>,
}

impl<K, T> Default for Lines<K, T> {
    fn default() -> Self {
        Self { of: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Copy + Eq + Hash, T> Lines<K, T> {
    /// Returns how much of one waits.
    #[must_use]
    pub fn length(&self, whose: K) -> usize {
        self.of.get(&whose).map_or(0, VecDeque::len)
    }

    /// Lets one more wait, behind all of its own line. Who has no line yet is behind all others.
    pub fn push(&mut self, whose: K, waits: T) {
        let line = self.of.entry(whose).or_default();
        if line.is_empty() {
            self.order.push_back(whose);
        }
        line.push_back(waits);
    }

    /// Takes the first of the line that is next, which is behind all others then.
    pub fn pop(&mut self) -> Option<T> {
        let whose = self.order.pop_front()?;
        let line = self.of.get_mut(&whose)?;
        let first = line.pop_front();
        if line.is_empty() {
            self.of.remove(&whose);
        } else {
            self.order.push_back(whose);
        }
        first
    }

    /// Keeps of one's line what is still wanted.
    pub fn keep(&mut self, whose: K, is_wanted: impl FnMut(&T) -> bool) {
        let Some(line) = self.of.get_mut(&whose) else { return };
        line.retain(is_wanted);
        if line.is_empty() {
            self.of.remove(&whose);
            self.order.retain(|other| *other != whose);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Between two of one's line, each other one that waits is served once; within a line nobody
        /// overtakes; nothing is lost.
        #[test]
        fn all_are_served_in_rounds(pushed in prop::collection::vec(0_u8..5, 0..60), gone in 0_u8..7) {
            let mut lines = Lines::default();
            for (at, whose) in pushed.iter().enumerate() {
                lines.push(*whose, (*whose, at));
            }
            lines.keep(gone, |_| false);
            prop_assert_eq!(lines.length(gone), 0);
            let rest: Vec<u8> = pushed.iter().copied().filter(|whose| *whose != gone).collect();
            let served: Vec<(u8, usize)> = std::iter::from_fn(|| lines.pop()).collect();
            prop_assert_eq!(served.len(), rest.len());
            prop_assert!(lines.of.is_empty() && lines.order.is_empty());
            let count = |whose: u8, all: &[(u8, usize)]| {
                all.iter().filter(|(other, _)| *other == whose).count()
            };
            for whose in 0..5 {
                let own: Vec<usize> =
                    served.iter().filter(|one| one.0 == whose).map(|one| one.1).collect();
                prop_assert!(own.is_sorted());
                let places = (0..served.len()).filter(|at| served[*at].0 == whose);
                let places: Vec<usize> = places.collect();
                for between in places.windows(2) {
                    let (from, to) = (between[0] + 1, between[1]);
                    for other in (0..5).filter(|other| *other != whose) {
                        let waited = count(other, &served[from..]) > 0;
                        prop_assert_eq!(count(other, &served[from..to]), usize::from(waited));
                    }
                }
            }
        }
    }
}
