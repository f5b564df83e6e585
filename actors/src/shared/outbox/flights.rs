//! The questions to the common counter that are not answered yet, by their numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Outbox;
use crate::domain::check::Dimension;
use crate::domain::flying::{Flying, Wanted};
use crate::domain::map::Map;
use crate::domain::sharing::Movement;

#[derive(Debug, Default)]
pub(super) struct Flights {
    flying: BTreeMap<u64, Flying>,
    /// The number of the last one.
    last: u64,
}

impl Flights {
    /// Adds one; returns its number.
    pub(super) fn begin(&mut self, flying: Flying) -> u64 {
        self.last += 1;
        self.flying.insert(self.last, Flying { number: self.last, ..flying });
        self.last
    }

    /// Changes what is held of one.
    pub(super) fn change(&mut self, number: u64, by: &Movement) {
        if let Some(flying) = self.flying.get_mut(&number) {
            flying.change(by);
        }
    }

    /// Takes one out: what it asked for is held for good, or no more.
    pub(super) fn end(&mut self, number: u64) {
        self.flying.remove(&number);
    }

    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn all(&self) -> Vec<Flying> {
        self.flying.values().cloned().collect()
    }

    /// Returns what is asked for of each owner.
    pub(super) fn wanted(&self) -> Map<Dimension, Wanted> {
        let mut wanted: Map<Dimension, Wanted> = Map::default();
        for flying in self.flying.values() {
            for owner in flying.owners.iter() {
                wanted.entry(owner.clone()).or_default().add(flying);
            }
        }
        wanted
    }
}

/// A question from the decision of this node until its answer. Dropping it ends that: with the answer,
/// and when nobody waits for one any more.
#[derive(Debug)]
pub struct Asking {
    outbox: Arc<Outbox>,
    number: u64,
    owners: Arc<[Dimension]>,
}

impl Asking {
    /// Guards a question that flies.
    pub(super) const fn new(outbox: Arc<Outbox>, number: u64, owners: Arc<[Dimension]>) -> Self {
        Self { outbox, number, owners }
    }

    /// Returns its number.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Returns whose limits the common counter keeps.
    #[must_use]
    pub const fn owners(&self) -> &Arc<[Dimension]> {
        &self.owners
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.outbox.waiting.lock().holds.flights.end(self.number);
    }
}
