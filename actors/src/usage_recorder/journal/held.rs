//! Records that the disk refused, kept in memory in their order until it takes them again.

use std::collections::{HashSet, VecDeque};

use crate::domain::ids::RequestId;

/// One record as it would have been written.
#[derive(Debug)]
pub struct HeldRecord {
    /// The request.
    pub id: RequestId,
    /// The whole record.
    pub bytes: Vec<u8>,
}

/// The queue of refused records.
#[derive(Debug, Default)]
pub struct Held {
    records: VecDeque<HeldRecord>,
    bytes: usize,
}

impl Held {
    /// Keeps a record. Nothing is ever turned away here: the bound stops new *requests*.
    pub fn push(&mut self, id: RequestId, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.records.push_back(HeldRecord { id, bytes: bytes.to_vec() });
    }

    /// Returns the oldest record.
    #[must_use]
    pub fn front(&self) -> Option<&HeldRecord> {
        self.records.front()
    }

    /// Removes the oldest record.
    pub fn pop(&mut self) {
        if let Some(record) = self.records.pop_front() {
            self.bytes = self.bytes.saturating_sub(record.bytes.len());
        }
    }

    /// Removes records of requests whose rows reached the database without the journal.
    pub fn committed(&mut self, ids: &[RequestId]) {
        if self.records.is_empty() {
            return;
        }
        let ids: HashSet<_> = ids.iter().collect();
        self.records.retain(|record| !ids.contains(&record.id));
        self.bytes = self.records.iter().map(|record| record.bytes.len()).sum();
    }

    /// Returns the records, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &HeldRecord> {
        self.records.iter()
    }

    /// Tells whether the disk has everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns how many records are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns how many bytes are held.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}
