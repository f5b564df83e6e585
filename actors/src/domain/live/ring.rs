//! The last events, bounded by number and by bytes. Each event has a number whether it is kept or
//! not, so that who comes back either gets all that was missed or learns that some of it is gone.

use std::collections::VecDeque;

use super::event::{Event, EventId, Numbered};

/// How much a ring keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Events.
    pub events: usize,
    /// Their estimated memory.
    pub bytes: usize,
}

/// The last events of one process.
#[derive(Debug)]
pub struct Ring {
    boot: u64,
    bounds: Bounds,
    /// The number of the last event that happened.
    newest: u64,
    /// The last events without a gap; the back has the number `newest`.
    kept: VecDeque<(Event, usize)>,
    bytes: usize,
    resting: bool,
}

/// What came after a place.
#[derive(Clone, Debug)]
pub enum After {
    /// These events, in order; none when nothing came.
    Events(Vec<Numbered>),
    /// Something that is not kept any more, or the place is none of this process.
    Gone,
}

impl Ring {
    /// Makes an empty ring that rests.
    #[must_use]
    pub const fn new(boot: u64, bounds: Bounds) -> Self {
        Self { boot, bounds, newest: 0, kept: VecDeque::new(), bytes: 0, resting: true }
    }

    /// Returns the place of the last event that happened.
    #[must_use]
    pub const fn newest(&self) -> EventId {
        EventId { boot: self.boot, seq: self.newest }
    }

    /// Returns how many events are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Tells whether no event is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns the memory that the kept ones take, as estimated.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Tells whether events are only counted.
    #[must_use]
    pub const fn is_resting(&self) -> bool {
        self.resting
    }

    /// Forgets all events and only counts those to come.
    pub fn rest(&mut self) {
        self.resting = true;
        self.forget();
    }

    /// Keeps events from now on.
    pub const fn wake(&mut self) {
        self.resting = false;
    }

    /// Counts events that are not kept.
    pub fn pass_by(&mut self, events: usize) {
        if events > 0 {
            self.forget();
            self.newest = self.newest.saturating_add(u64::try_from(events).unwrap_or(u64::MAX));
        }
    }

    /// Adds an event; the oldest make room for it.
    pub fn push(&mut self, event: Event) {
        if self.resting {
            return self.pass_by(1);
        }
        let bytes = event.bytes();
        self.newest = self.newest.saturating_add(1);
        self.kept.push_back((event, bytes));
        self.bytes = self.bytes.saturating_add(bytes);
        while self.kept.len() > self.bounds.events || self.bytes > self.bounds.bytes {
            let Some((_, bytes)) = self.kept.pop_front() else { return };
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    /// Returns what came after a place, at most so many events.
    #[must_use]
    pub fn after(&self, place: EventId, most: usize) -> After {
        let missed = self.newest.checked_sub(place.seq).and_then(|some| usize::try_from(some).ok());
        let first = missed.and_then(|missed| self.kept.len().checked_sub(missed));
        let (Some(first), true) = (first, place.boot == self.boot) else { return After::Gone };
        let events = self.kept.iter().skip(first).take(most).map(|(event, _)| event.clone());
        let numbered = (place.seq.saturating_add(1)..).zip(events);
        let numbered = numbered
            .map(|(seq, event)| Numbered { id: EventId { boot: self.boot, seq }, event })
            .collect();
        After::Events(numbered)
    }

    fn forget(&mut self) {
        self.kept = VecDeque::new();
        self.bytes = 0;
    }
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
