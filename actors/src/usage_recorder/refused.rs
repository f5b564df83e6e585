//! Rows that the ledger refused one by one: which, since when, and when they are tried again. Pure.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;

/// So many are known by their ids. The rows themselves are in the journal, and so are all beyond.
pub const MOST: usize = 10_000;
/// The first pause before they are tried again; it doubles as long as none comes in.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// What is refused now.
#[derive(Debug, Default)]
pub struct Refused {
    /// The rows, and when each was refused first.
    known: HashMap<RequestId, Micros>,
    has_more: bool,
    /// Rounds in a row that brought nothing in.
    rounds: u32,
    is_due: bool,
}

/// Which rows of the journal a round takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Those that are known.
    Known,
    /// All that are not in the ledger: more were refused than are known.
    All,
}

impl Refused {
    /// Notes a row that was refused; tells whether that is news.
    pub fn note(&mut self, id: RequestId, now: Micros) -> bool {
        if self.known.contains_key(&id) {
            return false;
        }
        if self.known.len() >= MOST {
            self.has_more = true;
            return false;
        }
        self.known.insert(id, now);
        true
    }

    /// Forgets what came in. Where one does, the others may: the pauses begin anew.
    pub fn accepted(&mut self, ids: &[RequestId]) {
        if self.known.is_empty() {
            return;
        }
        let before = self.known.len();
        for id in ids {
            self.known.remove(id);
        }
        if self.known.len() < before {
            self.rounds = 0;
        }
    }

    /// The pause is over.
    pub fn fall_due(&mut self) {
        self.is_due = true;
        self.rounds = self.rounds.saturating_add(1);
    }

    /// Tells whether a round is to begin.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        self.is_due
    }

    /// Begins the round that is due.
    pub fn begin(&mut self) -> Round {
        self.is_due = false;
        if std::mem::take(&mut self.has_more) { Round::All } else { Round::Known }
    }

    /// Tells whether the row is one of them.
    #[must_use]
    pub fn has(&self, id: RequestId) -> bool {
        self.known.contains_key(&id)
    }

    /// Returns how many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Tells whether nothing is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && !self.has_more
    }

    /// Returns since when there is one that is refused.
    #[must_use]
    pub fn since(&self) -> Option<Micros> {
        self.known.values().min().copied()
    }

    /// Returns the pause before the next round.
    #[must_use]
    pub fn pause(&self) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << self.rounds.min(10)).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> RequestId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        RequestId(bytes)
    }

    #[test]
    fn a_row_counts_once_from_its_first_refusal_until_it_comes_in() {
        let mut refused = Refused::default();
        assert!(refused.note(id(1), Micros(5)) && refused.note(id(2), Micros(9)));
        assert!(!refused.note(id(1), Micros(20)));
        assert_eq!((refused.len(), refused.since()), (2, Some(Micros(5))));
        refused.accepted(&[id(1), id(3)]);
        assert_eq!((refused.len(), refused.since()), (1, Some(Micros(9))));
        refused.accepted(&[id(2)]);
        assert!(refused.is_empty() && refused.since().is_none());
    }

    #[test]
    fn pauses_grow_while_none_comes_in() {
        let mut refused = Refused::default();
        refused.note(id(1), Micros(0));
        refused.note(id(2), Micros(0));
        let mut pauses = Vec::new();
        for _ in 0..9 {
            pauses.push(refused.pause().as_secs());
            refused.fall_due();
            assert!(refused.is_due());
            assert_eq!(refused.begin(), Round::Known);
            assert!(!refused.is_due());
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        refused.accepted(&[id(2)]);
        assert_eq!(refused.pause(), FIRST_PAUSE);
    }

    #[test]
    fn beyond_the_bound_the_whole_journal_is_read() {
        let mut refused = Refused::default();
        for number in 0..MOST {
            assert!(refused.note(id(number), Micros(0)));
        }
        assert!(!refused.note(id(MOST), Micros(0)), "it is not known by its id");
        refused.fall_due();
        assert_eq!((refused.begin(), refused.len()), (Round::All, MOST));
        refused.fall_due();
        assert_eq!(refused.begin(), Round::Known, "whoever is refused again says so again");
    }
}
