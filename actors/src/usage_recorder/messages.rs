//! What one may say to the recorder, and what it answers.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

use crate::domain::ledger::LedgerRow;

/// A request has ended; its row is in the journal.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub struct Recorded(pub Arc<LedgerRow>);

/// Answers when no row waits any more.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Flush;

/// Asks for the recorder's figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "UsageRecorderView")]
pub struct Observe;

/// The recorder's figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UsageRecorderView {
    /// Rows in memory, those of a running transaction included.
    pub queued: usize,
    /// Rows committed since the start.
    pub written: u64,
    /// Rows the database refused for good; they stay in the journal.
    pub failed: u64,
    /// Rows let go of since the start, to be read back from the journal.
    pub let_go: u64,
    /// Rows are still to be read back.
    pub behind: bool,
    /// Failed transactions in a row.
    pub failures: u32,
    /// How long the oldest row has been waiting since its end.
    pub oldest_ms: u64,
    /// The database's last complaint.
    pub last_error: Option<String>,
}

/// What the actor and its handles share.
#[derive(Debug, Default)]
pub(super) struct Missed(std::sync::atomic::AtomicU64);

impl Missed {
    /// Notes a row that did not get into the mailbox.
    pub fn note(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// Takes the count.
    pub fn take(&self) -> u64 {
        self.0.swap(0, std::sync::atomic::Ordering::Relaxed)
    }
}
