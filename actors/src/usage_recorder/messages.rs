//! What one may say to the recorder, and what it answers.

use actix::prelude::Message;
use serde::Serialize;

use crate::domain::instant::Micros;

/// Rows have come on the line: the first one, or enough for a batch.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Arrived;

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
    /// Rows the database refuses, each alone; they wait in the journal and are tried again. At most
    /// 10,000 are counted.
    pub refused: usize,
    /// When the first of these was refused.
    pub refused_since: Option<Micros>,
    /// Why the last of these was refused.
    pub last_refusal: Option<String>,
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
