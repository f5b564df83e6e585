//! What the recorder knows, and what becomes of rows that were written or not.

use std::collections::VecDeque;
use std::sync::Arc;

use actix::prelude::SpawnHandle;
use tokio::sync::oneshot;

use crate::domain::instant::Micros;
use crate::domain::ledger::LedgerRow;
use crate::ports::PortError;

use super::batch::Situation;
use super::journal::backlog::Backlog;
use super::line::Line;
use super::messages::UsageRecorderView;

/// What has just happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// Rows came, or a question.
    News,
    /// The timer has run out.
    Pause,
    /// A transaction has ended.
    Write,
}

/// All that changes.
#[derive(Default)]
pub(super) struct State {
    pub queue: VecDeque<Arc<LedgerRow>>,
    /// Rows of the transaction that is under way, and the end of the first of them.
    pub writing: usize,
    pub writing_since: Option<Micros>,
    pub busy: bool,
    pub timer: Option<SpawnHandle>,
    pub failures: u32,
    pub one_by_one: usize,
    /// Rows were let go that only the journal has.
    pub only_in_journal: bool,
    pub backlog: Option<Backlog>,
    pub waiting: Vec<oneshot::Sender<()>>,
    pub view: UsageRecorderView,
}

impl State {
    /// Tells whether the journal has rows that are neither here nor in the ledger.
    pub const fn is_behind(&self) -> bool {
        self.only_in_journal || self.backlog.is_some()
    }

    /// Tells what is so after something has happened, with so many rows on the line.
    pub fn situation(&self, after: After, on_line: usize) -> Situation {
        Situation {
            queued: self.queue.len() + on_line,
            busy: self.busy,
            timer: self.timer.is_some(),
            due: after == After::Pause,
            wrote: after == After::Write,
            failures: self.failures,
            flushing: !self.waiting.is_empty(),
            behind: self.is_behind(),
            one_by_one: self.one_by_one > 0,
        }
    }

    /// Notes rows that only the journal has.
    pub fn let_go(&mut self, rows: u64) {
        self.only_in_journal |= rows > 0;
        self.view.let_go = self.view.let_go.saturating_add(rows);
    }

    /// Notes rows that are in the ledger.
    pub fn written(&mut self, rows: usize) {
        self.failures = 0;
        self.one_by_one = self.one_by_one.saturating_sub(rows);
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        self.view.written = self.view.written.saturating_add(rows);
    }

    /// A ledger that is away gets the same rows again; one that refuses gets them one by one, and
    /// the row it then still refuses stays in the journal, where the next start finds it.
    pub fn not_written(&mut self, rows: Vec<LedgerRow>, error: &PortError) {
        let refused = matches!(error, PortError::Refused(..));
        if let ([row], true) = (rows.as_slice(), refused) {
            tracing::error!(id = %row.opened.id, %error, "the ledger refuses a row");
            self.view.failed = self.view.failed.saturating_add(1);
            self.one_by_one = self.one_by_one.saturating_sub(1);
            return;
        }
        if refused {
            self.one_by_one = rows.len();
        } else {
            self.failures = self.failures.saturating_add(1);
        }
        for row in rows.into_iter().rev() {
            self.queue.push_front(Arc::new(row));
        }
    }

    /// Shows it all, with what is on the line.
    pub fn view(&self, line: &Line, now: Micros) -> UsageRecorderView {
        let queued = self.queue.front().cloned().or_else(|| line.front());
        let oldest = self.writing_since.or_else(|| queued.map(|row| row.ended_at));
        let age = oldest.map_or(0, |end| now.since(end).as_millis());
        UsageRecorderView {
            queued: self.queue.len() + line.len() + self.writing,
            behind: self.is_behind(),
            failures: self.failures,
            oldest_ms: age.try_into().unwrap_or(u64::MAX),
            ..self.view.clone()
        }
    }
}
