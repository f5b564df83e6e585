//! The shell: a queue, one transaction at a time, and the journal told of what is committed.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, ResponseFuture,
    WrapFuture,
};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::domain::ids::RequestId;
use crate::domain::ledger::LedgerRow;
use crate::ports::{LedgerSink, PortError};
use crate::shared::feed::Feed;

use super::batch::{self, Step};
use super::journal::Journal;
use super::journal::backlog::Backlog;
use super::line::Line;
use super::messages::{Arrived, Flush, Observe};
use super::state::{After, State};

/// Questions and notices that may wait in the mailbox.
pub(super) const CAPACITY: usize = 64;
/// Rows read back at once.
const READ_BACK: usize = 2_000;

/// Writes finished requests into the ledger. It never drops a row that the journal does not have,
/// and runs on a background arbiter: a request only tells it.
pub struct UsageRecorder {
    sink: Arc<dyn LedgerSink>,
    journal: Arc<Journal>,
    clock: Arc<dyn Clock>,
    line: Arc<Line>,
    feed: Arc<Feed>,
    state: State,
}

impl UsageRecorder {
    /// Makes the recorder. Rows come on the line.
    #[must_use]
    pub(super) fn new(
        sink: Arc<dyn LedgerSink>,
        journal: Arc<Journal>,
        clock: Arc<dyn Clock>,
        line: Arc<Line>,
        feed: Arc<Feed>,
    ) -> Self {
        Self { sink, journal, clock, line, feed, state: State::default() }
    }

    /// Does what is due after something has happened.
    fn go_on(&mut self, after: After, context: &mut Context<Self>) {
        self.state.let_go(self.line.take_missed());
        match batch::next(self.state.situation(after, self.line.len())) {
            Step::Write(rows) => self.write(rows, context),
            Step::ReadBack => self.read_back(context),
            Step::Wait(span) => self.arm(span, context),
            Step::Rest => self.answer_waiting(),
        }
    }

    fn arm(&mut self, span: Duration, context: &mut Context<Self>) {
        let timer = context.run_later(span, |actor, context| {
            actor.state.timer = None;
            actor.go_on(After::Pause, context);
        });
        self.state.timer = Some(timer);
    }

    fn begin(&mut self, context: &mut Context<Self>) {
        self.state.busy = true;
        if let Some(timer) = self.state.timer.take() {
            context.cancel_future(timer);
        }
    }

    fn write(&mut self, rows: usize, context: &mut Context<Self>) {
        self.begin(context);
        let wanted = rows.saturating_sub(self.state.queue.len());
        self.state.queue.extend(self.line.take(wanted));
        let rows = rows.min(self.state.queue.len());
        let rows: Vec<LedgerRow> =
            self.state.queue.drain(..rows).map(Arc::unwrap_or_clone).collect();
        self.state.writing = rows.len();
        self.state.writing_since = rows.first().map(|row| row.ended_at);
        let sink = Arc::clone(&self.sink);
        let write = async move {
            fail::fail_point!("recorder::before_write");
            let result = sink.write(&rows).await;
            fail::fail_point!("recorder::after_write");
            (rows, result)
        };
        context.spawn(write.into_actor(self).map(|(rows, result), actor, context| {
            actor.wrote(rows, result);
            actor.go_on(After::Write, context);
        }));
    }

    fn wrote(&mut self, rows: Vec<LedgerRow>, result: Result<(), PortError>) {
        let state = &mut self.state;
        state.busy = false;
        (state.writing, state.writing_since) = (0, None);
        match result {
            Ok(()) => self.committed(rows),
            Err(error) => {
                tracing::warn!(rows = rows.len(), %error, "rows could not be written");
                state.view.last_error = Some(error.to_string());
                state.not_written(rows, &error);
            }
        }
    }

    /// The one place where rows become part of the ledger. Who watches is told of them only now: who
    /// then opens one finds it.
    fn committed(&mut self, rows: Vec<LedgerRow>) {
        let ids: Vec<RequestId> = rows.iter().map(|row| row.opened.id).collect();
        self.journal.committed(&ids);
        self.state.written(rows.len());
        self.feed.rows(rows);
    }

    fn read_back(&mut self, context: &mut Context<Self>) {
        self.begin(context);
        let backlog = self.state.backlog.take().unwrap_or_else(|| {
            self.state.only_in_journal = false;
            self.journal.backlog()
        });
        let read = tokio::task::spawn_blocking(move || next_rows(backlog));
        context.spawn(read.into_actor(self).map(|read, actor, context| {
            actor.state.busy = false;
            match read {
                Ok(read) => actor.has_read(read),
                Err(error) => actor.could_not_read(&error.to_string()),
            }
            actor.go_on(After::News, context);
        }));
    }

    fn has_read(&mut self, (backlog, rows): (Backlog, std::io::Result<Vec<LedgerRow>>)) {
        match rows {
            Ok(rows) if rows.is_empty() => {}
            Ok(rows) => {
                self.state.backlog = Some(backlog);
                self.state.queue.extend(rows.into_iter().map(Arc::new));
            }
            Err(error) => self.could_not_read(&error.to_string()),
        }
    }

    /// The journal could not be read: the walk starts again after a pause.
    fn could_not_read(&mut self, error: &str) {
        tracing::error!(error, "the journal could not be read back");
        self.state.only_in_journal = true;
        self.state.failures = self.state.failures.saturating_add(1);
        self.state.view.last_error = Some(error.to_owned());
    }

    fn answer_waiting(&mut self) {
        let state = &mut self.state;
        if state.busy || state.is_behind() || !state.queue.is_empty() || self.line.len() > 0 {
            return;
        }
        for waiting in state.waiting.drain(..) {
            // Who no longer waits has gone past its deadline.
            let _ = waiting.send(());
        }
    }
}

/// Reads the next piece of the backlog.
fn next_rows(mut backlog: Backlog) -> (Backlog, std::io::Result<Vec<LedgerRow>>) {
    let rows = backlog.next_rows(READ_BACK);
    (backlog, rows)
}

impl Actor for UsageRecorder {
    type Context = Context<Self>;
}

impl Handler<Arrived> for UsageRecorder {
    type Result = ();

    fn handle(&mut self, _: Arrived, context: &mut Self::Context) {
        self.go_on(After::News, context);
    }
}

impl Handler<Flush> for UsageRecorder {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Flush, context: &mut Self::Context) -> Self::Result {
        let (empty, emptied) = oneshot::channel();
        self.state.waiting.push(empty);
        self.go_on(After::News, context);
        Box::pin(async move {
            // The sender goes with the actor: then there is nothing left to wait for.
            let _ = emptied.await;
        })
    }
}

impl Handler<Observe> for UsageRecorder {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        self.state.let_go(self.line.take_missed());
        MessageResult(self.state.view(&self.line, self.clock.now()))
    }
}
