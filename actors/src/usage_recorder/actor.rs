//! The shell: a queue, one transaction at a time, and the journal told of what is committed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, ResponseFuture,
    SpawnHandle, WrapFuture,
};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;
use crate::domain::ledger::LedgerRow;
use crate::ports::{LedgerSink, PortError};
use crate::shared::feed::Feed;

use super::batch::{self, Situation, Step};
use super::journal::Journal;
use super::journal::backlog::Backlog;
use super::line::Line;
use super::messages::{Arrived, Flush, Observe, UsageRecorderView};
use super::refused::{Refused, Round};

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

/// What has just happened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// Rows came, or a question.
    News,
    /// The timer has run out.
    Pause,
    /// A transaction has ended.
    Write,
}

/// All that changes.
#[derive(Default)]
struct State {
    queue: VecDeque<Arc<LedgerRow>>,
    /// Rows of the transaction that is under way, and the end of the first of them.
    writing: usize,
    writing_since: Option<Micros>,
    busy: bool,
    timer: Option<SpawnHandle>,
    failures: u32,
    one_by_one: usize,
    let_go: bool,
    backlog: Option<Backlog>,
    refused: Refused,
    /// The walk takes up refused rows alone.
    only_refused: bool,
    /// The time of the next round of refused rows is set.
    round_set: bool,
    waiting: Vec<oneshot::Sender<()>>,
    view: UsageRecorderView,
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
        self.set_round(context);
        match batch::next(self.situation(after)) {
            Step::Write(rows) => self.write(rows, context),
            Step::ReadBack => self.read_back(context),
            Step::Wait(span) => self.arm(span, context),
            Step::Rest => self.answer_waiting(),
        }
    }

    fn situation(&mut self, after: After) -> Situation {
        let missed = self.line.take_missed();
        self.let_go(missed);
        let state = &self.state;
        Situation {
            queued: state.queue.len() + self.line.len(),
            busy: state.busy,
            timer: state.timer.is_some(),
            due: after == After::Pause,
            wrote: after == After::Write,
            failures: state.failures,
            flushing: !state.waiting.is_empty(),
            behind: state.is_behind(),
            one_by_one: state.one_by_one > 0,
        }
    }

    /// Notes rows that only the journal has.
    fn let_go(&mut self, rows: u64) {
        self.state.let_go |= rows > 0;
        self.state.view.let_go = self.state.view.let_go.saturating_add(rows);
    }

    fn arm(&mut self, span: Duration, context: &mut Context<Self>) {
        let timer = context.run_later(span, |actor, context| {
            actor.state.timer = None;
            actor.go_on(After::Pause, context);
        });
        self.state.timer = Some(timer);
    }

    /// What the ledger refuses is tried again: whatever refused it may be mended by then.
    fn set_round(&mut self, context: &mut Context<Self>) {
        let state = &mut self.state;
        if state.refused.is_empty() || state.round_set || state.is_behind() {
            return;
        }
        state.round_set = true;
        context.run_later(state.refused.pause(), |actor, context| {
            actor.state.round_set = false;
            actor.state.refused.fall_due();
            actor.go_on(After::News, context);
        });
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
            Err(error) => self.not_written(rows, &error),
        }
    }

    /// The one place where rows become part of the ledger. Who watches is told of them only now: who
    /// then opens one finds it.
    fn committed(&mut self, rows: Vec<LedgerRow>) {
        let ids: Vec<RequestId> = rows.iter().map(|row| row.opened.id).collect();
        self.journal.committed(&ids);
        let state = &mut self.state;
        state.refused.accepted(&ids);
        state.failures = 0;
        state.one_by_one = state.one_by_one.saturating_sub(rows.len());
        state.view.written = state.view.written.saturating_add(count(rows.len()));
        self.feed.rows(rows);
    }

    /// A ledger that is away gets the same rows again; one that refuses gets them one by one, and
    /// the row it then still refuses waits in the journal for its next round.
    fn not_written(&mut self, rows: Vec<LedgerRow>, error: &PortError) {
        let refused = matches!(error, PortError::Refused(..));
        if let ([row], true) = (rows.as_slice(), refused) {
            return self.refused(row.opened.id, error);
        }
        tracing::warn!(rows = rows.len(), %error, "rows could not be written");
        let state = &mut self.state;
        state.view.last_error = Some(error.to_string());
        if refused {
            state.one_by_one = rows.len();
        } else {
            state.failures = state.failures.saturating_add(1);
        }
        for row in rows.into_iter().rev() {
            state.queue.push_front(Arc::new(row));
        }
    }

    fn refused(&mut self, id: RequestId, error: &PortError) {
        let state = &mut self.state;
        state.one_by_one = state.one_by_one.saturating_sub(1);
        state.view.last_refusal = Some(error.to_string());
        if state.refused.note(id, self.clock.now()) {
            tracing::error!(%id, %error, "the ledger refuses a row; it is tried again");
        }
    }

    fn read_back(&mut self, context: &mut Context<Self>) {
        self.begin(context);
        let backlog = self.state.backlog.take().unwrap_or_else(|| {
            self.state.begin_walk();
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
                let state = &mut self.state;
                state.backlog = Some(backlog);
                let (all, refused) = (!state.only_refused, &state.refused);
                let wanted = rows.into_iter().filter(|row| all || refused.has(row.opened.id));
                state.queue.extend(wanted.map(Arc::new));
            }
            Err(error) => self.could_not_read(&error.to_string()),
        }
    }

    /// The journal could not be read: the walk starts again after a pause.
    fn could_not_read(&mut self, error: &str) {
        tracing::error!(error, "the journal could not be read back");
        self.state.let_go = true;
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

impl State {
    /// Rows are to be read back from the journal.
    const fn is_behind(&self) -> bool {
        self.let_go || self.backlog.is_some() || self.refused.is_due()
    }

    /// Begins a walk over the journal, for whom it is due.
    fn begin_walk(&mut self) {
        let is_round = self.refused.is_due() && self.refused.begin() == Round::Known;
        self.only_refused = is_round && !self.let_go;
        self.let_go = false;
    }
}

/// Reads the next piece of the backlog.
fn next_rows(mut backlog: Backlog) -> (Backlog, std::io::Result<Vec<LedgerRow>>) {
    let rows = backlog.next_rows(READ_BACK);
    (backlog, rows)
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
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
        let missed = self.line.take_missed();
        self.let_go(missed);
        let state = &self.state;
        let now = self.clock.now();
        let queued = state.queue.front().cloned().or_else(|| self.line.front());
        let oldest = state.writing_since.or_else(|| queued.map(|row| row.ended_at));
        MessageResult(UsageRecorderView {
            queued: state.queue.len() + self.line.len() + state.writing,
            behind: state.is_behind(),
            failures: state.failures,
            refused: state.refused.len(),
            refused_since: state.refused.since(),
            oldest_ms: oldest
                .map_or(0, |end| now.since(end).as_millis())
                .try_into()
                .unwrap_or(u64::MAX),
            ..state.view.clone()
        })
    }
}
