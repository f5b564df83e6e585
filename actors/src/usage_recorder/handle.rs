//! The recorder as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;

use crate::ask::{AskError, Teller, ask, start_bounded};
use crate::clock::Clock;
use crate::domain::ledger::LedgerRow;
use crate::ports::LedgerSink;
use crate::shared::feed::Feed;

use super::actor::{CAPACITY, UsageRecorder};
use super::journal::Journal;
use super::line::Line;
use super::messages::{Arrived, Flush, Observe, UsageRecorderView};

/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Tells the recorder of finished requests. Clones share one bounded line.
#[derive(Clone)]
pub struct UsageRecorderHandle {
    teller: Teller<UsageRecorder>,
    line: Arc<Line>,
}

impl UsageRecorderHandle {
    /// Starts the recorder on the present thread's arbiter. It tells the feed of rows that are in
    /// the ledger.
    #[must_use]
    pub fn start(
        sink: Arc<dyn LedgerSink>,
        journal: Arc<Journal>,
        clock: Arc<dyn Clock>,
        feed: Arc<Feed>,
    ) -> Self {
        let line = Arc::<Line>::default();
        let recorder = UsageRecorder::new(sink, journal, clock, Arc::clone(&line), feed);
        Self { teller: Teller::new(start_bounded(recorder, CAPACITY)), line }
    }

    /// Tells of a finished request whose row is in the journal. Never waits; when the line is full
    /// the recorder reads the row back from the journal later.
    pub fn record(&self, row: Arc<LedgerRow>) {
        if self.line.push(row) {
            // A mailbox that is full holds somebody who will look, and so does a set timer.
            self.teller.tell(Arrived);
        }
    }

    /// Waits until no row waits any more, at most until the deadline.
    pub async fn flush(&self, deadline: Duration) -> Result<(), AskError> {
        ask(self.teller.addr(), Flush, Some(deadline)).await
    }

    /// Returns the recorder's figures.
    pub async fn observe(&self) -> Result<UsageRecorderView, AskError> {
        ask(self.teller.addr(), Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub fn addr(&self) -> &Addr<UsageRecorder> {
        self.teller.addr()
    }
}
