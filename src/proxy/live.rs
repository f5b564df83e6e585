//! A committed answer on its way: bytes pass as they come, usage is read beside them, and the end
//! is told truthfully.

use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};
use tokio::time::{Instant, Sleep, sleep_until};

use super::examine::{StreamReady, frame_failure};
use super::flight::Flight;
use super::inbound::{Inbound, Piece};
use super::scrub;
use super::settle::End;
use crate::wire::error_body::{ClientError, ErrorKind, StreamPosition};
use crate::wire::frame::{FrameError, end_is_final};
use crate::wire::openai_chat::usage_chunk::UsageChunkFilter;
use crate::wire::usage::{Form, TapReport, UsageTap};

/// After the terminal event the upstream has this long to end its connection's answer, so that the
/// connection can be used again.
pub const TAIL: Duration = Duration::from_secs(1);

/// What the client's connection gets next.
pub enum Step {
    /// Bytes.
    Bytes(Bytes),
    /// A clean end.
    End,
    /// The connection is cut: the client must not take this for a whole answer.
    Cut,
}

/// An answer under way.
pub struct Live {
    /// The request.
    pub flight: Flight,
    inbound: Inbound,
    form: Option<Form>,
    tap: Option<UsageTap>,
    filter: Option<UsageChunkFilter>,
    ready: VecDeque<Bytes>,
    /// The last piece of an answer that is not a stream: released once its row is written.
    kept_back: Option<Bytes>,
    idle: Duration,
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    waiting_since: Option<Instant>,
    terminal_at: Option<Instant>,
    phase: Phase,
    /// Bytes the client's connection has taken.
    handed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Bytes pass.
    Passing,
    /// The row is written; the upstream may still say goodbye.
    Tail,
    /// Over.
    Done,
    /// Over, and the connection must be cut.
    Cut,
}

impl Live {
    /// Starts passing on an answer.
    #[must_use]
    pub fn start(flight: Flight, ready: StreamReady) -> Self {
        let dialect = flight.arrival.route.dialect;
        let mut live = Self {
            flight,
            inbound: ready.inbound,
            form: ready.form,
            tap: ready.form.map(|form| UsageTap::new(dialect, form)),
            filter: ready.withhold_usage.then(UsageChunkFilter::new),
            ready: VecDeque::new(),
            kept_back: None,
            idle: ready.idle,
            deadline: ready.deadline,
            timer: None,
            waiting_since: None,
            terminal_at: None,
            phase: Phase::Passing,
            handed: 0,
        };
        for chunk in ready.held {
            live.take(chunk);
        }
        live
    }

    /// Tells whether the row is written.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.flight.is_settled()
    }

    /// Polls for what the client gets next.
    pub fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                self.handed += bytes.len() as u64;
                return Poll::Ready(Step::Bytes(bytes));
            }
            match self.phase {
                Phase::Done | Phase::Tail => return Poll::Ready(Step::End),
                Phase::Cut => return Poll::Ready(Step::Cut),
                Phase::Passing => {}
            }
            match self.inbound.poll_piece(cx) {
                Poll::Ready(piece) => self.piece(piece),
                Poll::Pending => {
                    if self.poll_clock(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// Polls the upstream for a client that left: usage is read, bytes are dropped. Returns the
    /// number of bytes of a piece, `None` at the end.
    pub fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.phase != Phase::Passing {
            return Poll::Ready(None);
        }
        match self.inbound.poll_piece(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Piece::Bytes(bytes)) => {
                let length = bytes.len();
                let ended = self.tap.as_mut().is_some_and(|tap| tap.push(&bytes).ended);
                Poll::Ready((!ended).then_some(length))
            }
            Poll::Ready(Piece::End | Piece::Broken(_)) => Poll::Ready(None),
        }
    }

    /// Polls an answer whose row is written for its polite end; `true` when it has come.
    pub fn poll_tail(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.inbound.poll_piece(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Piece::Bytes(_)) => {}
                Poll::Ready(Piece::End | Piece::Broken(_)) => return Poll::Ready(()),
            }
        }
    }

    /// Tells whether reading on for a client that left can tell its usage.
    #[must_use]
    pub fn drains(&self) -> bool {
        matches!(self.form, Some(Form::Sse | Form::GeminiArray)) && self.terminal_at.is_none()
    }

    /// Tells whether the upstream may still say goodbye.
    #[must_use]
    pub fn has_tail(&self) -> bool {
        self.phase == Phase::Tail
    }

    /// The client left. After the protocol's end that is a success; before it, it is not.
    pub fn client_left(&mut self, note: Option<&'static str>) {
        if self.is_settled() {
            return;
        }
        self.flight.notes.extend(note);
        let ended = self.terminal_at.is_some();
        let end = if ended { self.success() } else { self.end_with_usage(End::client_gone()) };
        self.ready.clear();
        self.settle(end);
        self.phase = Phase::Done;
    }

    /// Writes the row. What is ready by now is released right after it and counts as sent.
    fn settle(&mut self, end: End) {
        let ready: usize = self.ready.iter().map(Bytes::len).sum();
        self.flight.bytes_out = Some(self.handed + ready as u64);
        self.flight.settle(end);
    }

    fn piece(&mut self, piece: Piece) {
        self.waiting_since = None;
        match piece {
            Piece::Bytes(bytes) => self.take(bytes),
            Piece::End => self.upstream_ended(),
            Piece::Broken(text) => self.truncated(502, &text),
        }
    }

    fn take(&mut self, bytes: Bytes) {
        let Some(tap) = &mut self.tap else {
            self.pass(bytes);
            return;
        };
        let progress = tap.push(&bytes);
        if progress.first_content && self.flight.first_content_ms.is_none() {
            self.flight.first_content_ms = Some(self.flight.arrival.elapsed_ms());
        }
        if let Some(error) = progress.error {
            self.upstream_said_error(&error, bytes);
        } else if progress.ended {
            self.terminal(bytes);
        } else {
            self.pass(bytes);
        }
    }

    /// The frame that ends the stream is complete: its bytes are released after the row is written.
    /// Gemini names no last frame; there the end of the answer is waited for.
    fn terminal(&mut self, bytes: Bytes) {
        self.terminal_at.get_or_insert_with(Instant::now);
        if self.ends_at_eof() {
            self.pass(bytes);
            return;
        }
        self.pass(bytes);
        self.flush_filter();
        let end = self.success();
        self.settle(end);
        self.phase = Phase::Tail;
    }

    fn ends_at_eof(&self) -> bool {
        self.form != Some(Form::Sse) || !end_is_final(self.flight.arrival.route.dialect)
    }

    /// The upstream's own error event is already in the client's dialect: it passes, and the answer
    /// ends there.
    fn upstream_said_error(&mut self, error: &FrameError, bytes: Bytes) {
        let failure = frame_failure(error);
        let text = failure.message.unwrap_or_else(|| Arc::from("the upstream reported an error"));
        // A plain answer has promised its length.
        let framed = self.form != Some(Form::Json);
        let bytes = if framed { scrub::passed(&mut self.flight, bytes) } else { bytes };
        self.pass(bytes);
        self.flush_filter();
        self.settle_truncated(502, &text, failure.outcome);
        self.phase = Phase::Tail;
    }

    /// Hands bytes to the client; of an answer that is not a stream, one piece is kept back.
    fn pass(&mut self, bytes: Bytes) {
        if self.form == Some(Form::Json) {
            self.ready.extend(self.kept_back.replace(bytes));
            return;
        }
        match &mut self.filter {
            None => self.ready.push_back(bytes),
            Some(filter) => self.ready.extend(filter.push(&bytes)),
        }
    }

    fn flush_filter(&mut self) {
        if let Some(filter) = &mut self.filter {
            self.ready.extend(filter.finish());
        }
    }

    fn upstream_ended(&mut self) {
        let whole = match (self.form, self.report()) {
            (Some(Form::Sse | Form::GeminiArray), Some(report)) => {
                report.terminal || report.finish_seen
            }
            (Some(Form::Json), Some(report)) => !report.malformed,
            _ => true,
        };
        if !whole {
            self.truncated(502, "the upstream ended its answer before the protocol's end");
            return;
        }
        self.flush_filter();
        self.ready.extend(self.kept_back.take());
        let end = self.success();
        self.settle(end);
        self.phase = Phase::Done;
    }

    /// The answer broke off after the client had seen its beginning.
    fn truncated(&mut self, status: u16, text: &str) {
        if self.terminal_at.is_some() {
            // Everything the protocol wants has arrived; only HTTP's own end is missing.
            let end = self.success();
            self.settle(end);
            self.phase = Phase::Done;
            return;
        }
        self.flush_filter();
        if self.form == Some(Form::Sse) {
            let event = self.error_event();
            self.ready.push_back(event);
            self.phase = Phase::Done;
        } else {
            // A body without frames has no place for an error: only a cut tells the truth.
            self.kept_back = None;
            self.phase = Phase::Cut;
        }
        self.settle_truncated(status, text, TryOutcome::ProviderFault);
    }

    fn settle_truncated(&mut self, status: u16, text: &str, tried: TryOutcome) {
        let end = End::of(RowOutcome::Truncated, status, tried).because(text);
        let end = self.end_with_usage(end);
        self.settle(end);
    }

    fn error_event(&mut self) -> Bytes {
        let dialect = self.flight.arrival.route.dialect;
        let message = "the upstream broke off its answer; what was sent is not complete";
        let error = ClientError::new(ErrorKind::Upstream, message, self.flight.arrival.id);
        let position = self.report().map(|report| StreamPosition::from(&report));
        error.stream_event(dialect, &position.unwrap_or_default())
    }

    fn report(&mut self) -> Option<TapReport> {
        self.tap.as_mut().map(UsageTap::finish)
    }

    fn success(&mut self) -> End {
        let status = self.flight.sent_status.unwrap_or(200);
        self.end_with_usage(End::of(RowOutcome::Success, status, TryOutcome::Success))
    }

    fn end_with_usage(&mut self, end: End) -> End {
        match self.report() {
            Some(report) => with_report(end, report),
            None => end,
        }
    }

    /// The clock runs only while we wait for the upstream.
    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let since = *self.waiting_since.get_or_insert(now);
        let limit = match (self.terminal_at, self.deadline) {
            (Some(at), _) => at + TAIL,
            (None, Some(deadline)) => deadline.min(since + self.idle),
            (None, None) => since + self.idle,
        };
        if limit <= now {
            self.truncated(524, "the upstream sent nothing for too long");
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        // A timer that rings early is set anew; one that would ring late is brought forward.
        if timer.deadline() > limit || timer.is_elapsed() {
            timer.as_mut().reset(limit);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if limit <= Instant::now() {
                return self.poll_clock(cx);
            }
            timer.as_mut().reset(limit);
        }
        Poll::Pending
    }
}

impl Drop for Live {
    /// Whoever lets an answer go, its row tells the usage known so far.
    fn drop(&mut self) {
        self.client_left(None);
    }
}

/// Adds what a tap read to an end.
#[must_use]
pub fn with_report(mut end: End, report: TapReport) -> End {
    end.usage = report.usage;
    end.usage_complete = report.complete;
    end.response_model = report.model.map(|model| Arc::from(model.as_str()));
    end.priority = report.service_tier.as_deref() == Some("priority");
    end
}
