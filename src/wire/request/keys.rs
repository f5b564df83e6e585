//! The keys of one object, to find one that is met twice.

use std::collections::HashSet;
use std::ops::Range;

/// Bodies have about ten keys: so many are compared one by one, which is cheaper than hashing.
const FEW: usize = 16;
/// Room for the names of those few.
const FEW_BYTES: usize = 256;

/// The keys met so far.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The first keys, one behind the other, and where each stands.
    names: String,
    few: Vec<Range<usize>>,
    /// All keys behind the first few.
    many: HashSet<String>,
}

impl Keys {
    pub(super) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.few.is_empty()
    }

    /// Notes a key; answers whether it is new.
    pub(super) fn insert(&mut self, key: &str) -> bool {
        if self.few.iter().any(|name| self.names.get(name.clone()) == Some(key)) {
            return false;
        }
        if self.few.len() >= FEW {
            return self.many.insert(key.to_owned());
        }
        if self.few.is_empty() {
            self.few.reserve(FEW);
            self.names.reserve(FEW_BYTES);
        }
        let start = self.names.len();
        self.names.push_str(key);
        self.few.push(start..self.names.len());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_new_once_among_few_and_among_many() {
        let mut keys = Keys::default();
        assert!(keys.is_empty());
        for number in 0..3 * FEW {
            assert!(keys.insert(&format!("k{number}")), "{number}");
            assert_eq!(keys.len(), number + 1);
        }
        for number in 0..3 * FEW {
            assert!(!keys.insert(&format!("k{number}")), "{number}");
        }
        assert!(keys.insert("") && !keys.insert(""));
        assert_eq!(keys.len(), 3 * FEW + 1);
    }

    #[test]
    fn keys_that_lie_side_by_side_are_no_key_of_their_own() {
        let mut keys = Keys::default();
        assert!(keys.insert("ab") && keys.insert("cd") && keys.insert("bc") && keys.insert("abcd"));
    }
}
