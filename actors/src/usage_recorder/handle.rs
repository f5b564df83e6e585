//! The recorder as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;

use crate::ask::{AskError, Teller, ask, start_bounded};
use crate::clock::Clock;
use crate::domain::ledger::LedgerRow;
use crate::ports::LedgerSink;

use super::actor::{CAPACITY, UsageRecorder};
use super::journal::Journal;
use super::messages::{Flush, Missed, Observe, Recorded, UsageRecorderView};

/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Tells the recorder of finished requests. Clones share one bounded line.
#[derive(Clone)]
pub struct UsageRecorderHandle {
    line: Teller<UsageRecorder>,
    missed: Arc<Missed>,
}

impl UsageRecorderHandle {
    /// Starts the recorder on the present thread's arbiter.
    #[must_use]
    pub fn start(sink: Arc<dyn LedgerSink>, journal: Arc<Journal>, clock: Arc<dyn Clock>) -> Self {
        let missed = Arc::<Missed>::default();
        let recorder = UsageRecorder::new(sink, journal, clock, Arc::clone(&missed));
        Self { line: Teller::new(start_bounded(recorder, CAPACITY)), missed }
    }

    /// Tells of a finished request whose row is in the journal. Never waits; when the line is full
    /// the recorder reads the row back from the journal later.
    pub fn record(&self, row: Arc<LedgerRow>) {
        if !self.line.tell(Recorded(row)) {
            self.missed.note();
        }
    }

    /// Waits until no row waits any more, at most until the deadline.
    pub async fn flush(&self, deadline: Duration) -> Result<(), AskError> {
        ask(self.line.addr(), Flush, Some(deadline)).await
    }

    /// Returns the recorder's figures.
    pub async fn observe(&self) -> Result<UsageRecorderView, AskError> {
        ask(self.line.addr(), Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub fn addr(&self) -> &Addr<UsageRecorder> {
        self.line.addr()
    }
}
