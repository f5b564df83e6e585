//! Who waits for a place, in a fair order: keys take turns, and within a key who came first goes
//! first. Pure.

use std::collections::VecDeque;

use crate::domain::ids::KeyId;
use crate::domain::map::Map;

/// What became of a try to let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It has its answer and waits no longer.
    Answered,
    /// There is still no place for it.
    Waits,
}

/// Those who wait.
#[derive(Clone, Debug)]
pub struct FairQueue<T> {
    /// Keys with somebody waiting, the one whose turn it is first.
    turns: VecDeque<KeyId>,
    lines: Map<KeyId, VecDeque<(u64, T)>>,
    next: u64,
    waiting: usize,
    places: usize,
}

impl<T> FairQueue<T> {
    /// Makes an empty queue with so many places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self { turns: VecDeque::new(), lines: Map::default(), next: 0, waiting: 0, places }
    }

    /// Returns how many wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.waiting
    }

    /// Lets somebody wait and returns their ticket; `None` when all places are taken.
    pub fn push(&mut self, key: KeyId, who: T) -> Option<u64> {
        if self.waiting >= self.places {
            return None;
        }
        let ticket = self.next;
        self.next = self.next.wrapping_add(1);
        let line = self.lines.entry(key).or_default();
        if line.is_empty() {
            self.turns.push_back(key);
        }
        line.push_back((ticket, who));
        self.waiting = self.waiting.saturating_add(1);
        Some(ticket)
    }

    /// Forgets somebody who does not wait any more.
    pub fn remove(&mut self, key: KeyId, ticket: u64) -> Option<T> {
        let line = self.lines.get_mut(&key)?;
        let place = line.iter().position(|(known, _)| *known == ticket)?;
        let (_, who) = line.remove(place)?;
        self.gone(key);
        Some(who)
    }

    /// Tries to let people in, each key's first one in turn, until nobody more gets in. A key that had
    /// its turn goes to the end.
    pub fn serve(&mut self, mut attempt: impl FnMut(&mut T) -> Tried) {
        let mut passed = 0;
        while passed < self.turns.len() {
            let Some(key) = self.turns.get(passed).copied() else { return };
            let Some((_, first)) = self.lines.get_mut(&key).and_then(VecDeque::front_mut) else {
                self.turns.remove(passed);
                continue;
            };
            if attempt(first) == Tried::Waits {
                passed += 1;
                continue;
            }
            self.turns.remove(passed);
            self.turns.push_back(key);
            if let Some(line) = self.lines.get_mut(&key) {
                line.pop_front();
            }
            self.gone(key);
            // A place more or less changes what the others find: everybody is asked again.
            passed = 0;
        }
    }

    /// Counts one of a key as gone, and takes the key out of the turns with its last one.
    fn gone(&mut self, key: KeyId) {
        self.waiting = self.waiting.saturating_sub(1);
        if self.lines.get(&key).is_some_and(VecDeque::is_empty) {
            self.lines.remove(&key);
            self.turns.retain(|other| *other != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Lets so many in and returns who they were.
    fn let_in(queue: &mut FairQueue<(i64, u32)>, mut places: usize) -> Vec<(i64, u32)> {
        let mut served = Vec::new();
        queue.serve(|who| {
            if places == 0 {
                return Tried::Waits;
            }
            places -= 1;
            served.push(*who);
            Tried::Answered
        });
        served
    }

    #[test]
    fn keys_take_turns_and_within_a_key_the_first_goes_first() {
        let mut queue = FairQueue::new(10);
        for (key, number) in [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0), (3, 1)] {
            assert!(queue.push(KeyId(key), (key, number)).is_some());
        }
        assert_eq!(let_in(&mut queue, 2), [(1, 0), (2, 0)]);
        assert_eq!(let_in(&mut queue, 9), [(3, 0), (1, 1), (3, 1), (1, 2)]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn the_queue_is_bounded_and_who_leaves_frees_a_place() {
        let mut queue = FairQueue::new(2);
        let first = queue.push(KeyId(1), (1, 0)).unwrap();
        queue.push(KeyId(2), (2, 0)).unwrap();
        assert_eq!(queue.push(KeyId(3), (3, 0)), None);
        assert_eq!(queue.remove(KeyId(1), first), Some((1, 0)));
        assert_eq!(queue.remove(KeyId(1), first), None);
        assert!(queue.push(KeyId(3), (3, 0)).is_some());
        assert_eq!(let_in(&mut queue, 9), [(2, 0), (3, 0)]);
    }

    #[test]
    fn who_cannot_go_yet_does_not_stop_the_others() {
        let mut queue = FairQueue::new(9);
        for key in [1, 2, 3] {
            queue.push(KeyId(key), (key, 0)).unwrap();
        }
        let mut served = Vec::new();
        queue.serve(|who| {
            if who.0 == 1 {
                return Tried::Waits;
            }
            served.push(who.0);
            Tried::Answered
        });
        assert_eq!((served, queue.len()), (vec![2, 3], 1));
    }

    proptest! {
        /// Whatever comes, leaves and is let in: within a key it goes in the order of coming, and no
        /// key is served twice while another one that could go waits all the time.
        #[test]
        fn nobody_is_passed_over(
            steps in prop::collection::vec((0_u8..4, 1_i64..5, 0_usize..4), 1..200),
        ) {
            let mut queue = FairQueue::new(16);
            let mut number = 0;
            let mut waiting: BTreeMap<i64, Vec<(u64, u32)>> = BTreeMap::new();
            // How often others were served since a key's first one began to wait for its turn.
            let mut passed: BTreeMap<i64, BTreeMap<i64, u32>> = BTreeMap::new();
            for (step, key, count) in steps {
                match step {
                    0 | 1 => {
                        number += 1;
                        let all: usize = waiting.values().map(Vec::len).sum();
                        let ticket = queue.push(KeyId(key), (key, number));
                        prop_assert_eq!(ticket.is_some(), all < 16);
                        waiting.entry(key).or_default().extend(ticket.map(|one| (one, number)));
                    }
                    2 => {
                        let line = waiting.entry(key).or_default();
                        if !line.is_empty() {
                            let (ticket, number) = line.remove(count % line.len());
                            prop_assert_eq!(queue.remove(KeyId(key), ticket), Some((key, number)));
                            passed.remove(&key);
                        }
                    }
                    _ => {
                        for (key, number) in let_in(&mut queue, count) {
                            let line = waiting.get_mut(&key).unwrap();
                            prop_assert_eq!(line.remove(0).1, number, "in the order of coming");
                            passed.remove(&key);
                            for (other, line) in &waiting {
                                if *other != key && !line.is_empty() {
                                    let times = passed.entry(*other).or_default();
                                    let times = times.entry(key).or_default();
                                    *times += 1;
                                    prop_assert!(*times <= 1, "{key} went twice before {other}");
                                }
                            }
                        }
                    }
                }
                waiting.retain(|_, line| !line.is_empty());
                passed.retain(|key, _| waiting.contains_key(key));
                prop_assert_eq!(queue.len(), waiting.values().map(Vec::len).sum::<usize>());
            }
        }
    }
}
