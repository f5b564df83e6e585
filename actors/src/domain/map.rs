//! The maps of what every request looks at. The standard library's hash withstands chosen keys at
//! the price of some hundred instructions a look-up, and a request makes forty; this one is seeded
//! anew in each process, and every map that it is used for is bounded.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A hash map.
pub type Map<K, V> = HashMap<K, V, RandomState>;
/// A hash set.
pub type Set<K> = HashSet<K, RandomState>;
