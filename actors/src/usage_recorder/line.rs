//! Rows on their way to the recorder: a list behind a short lock. A message a row would wake the
//! recorder's thread for each one, which costs the sender more than writing the row does.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::ledger::LedgerRow;

use super::batch::{BATCH, KEPT};

/// What the handles fill and the actor empties.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    rows: VecDeque<Arc<LedgerRow>>,
    missed: u64,
}

impl Line {
    /// Adds a row; tells whether the recorder should look: at the first one, which starts its
    /// clock, and when a batch is full. Rows that do not fit are counted; the journal has them.
    #[must_use]
    pub fn push(&self, row: Arc<LedgerRow>) -> bool {
        let mut waiting = self.0.lock();
        if waiting.rows.len() >= KEPT {
            waiting.missed += 1;
            return false;
        }
        waiting.rows.push_back(row);
        matches!(waiting.rows.len(), 1 | BATCH)
    }

    /// Returns how many rows wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().rows.len()
    }

    /// Returns the first row.
    #[must_use]
    pub fn front(&self) -> Option<Arc<LedgerRow>> {
        self.0.lock().rows.front().cloned()
    }

    /// Takes so many rows, in order, or as many as there are.
    #[must_use]
    pub fn take(&self, most: usize) -> Vec<Arc<LedgerRow>> {
        let mut waiting = self.0.lock();
        let count = most.min(waiting.rows.len());
        waiting.rows.drain(..count).collect()
    }

    /// Takes the count of rows that did not fit.
    #[must_use]
    pub fn take_missed(&self) -> u64 {
        std::mem::take(&mut self.0.lock().missed)
    }
}
