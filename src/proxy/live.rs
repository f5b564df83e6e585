//! A committed answer on its way: bytes pass as they come, usage is read beside them, and the end
//! is told truthfully.

mod leaving;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};
use tokio::time::Instant;

use super::ending::Ending;
use super::examine::{StreamReady, frame_failure};
use super::flight::Flight;
use super::inbound::{Inbound, Piece};
use super::last_words;
use super::patience::Patience;
use super::scrub;
use super::settle::End;
use crate::wire::frame::FrameError;
use crate::wire::gemini::list::{ListPlace, ListTracker};
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
    ending: Ending,
    patience: Patience,
    /// When the frame came that is the last for sure.
    terminal_at: Option<Instant>,
    /// A frame that may have been the last one was passed on, and nothing was dropped since.
    finish_passed: bool,
    /// Where a growing list stands at the client.
    list: ListTracker,
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
            ending: ready.ending,
            patience: Patience::default(),
            terminal_at: None,
            finish_passed: false,
            list: ListTracker::default(),
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

    /// Writes the row. What is ready by now is released right after it and counts as sent.
    fn settle(&mut self, end: End) {
        let ready: usize = self.ready.iter().map(Bytes::len).sum();
        self.flight.bytes_out = Some(self.handed + ready as u64);
        self.flight.settle(end);
    }

    fn piece(&mut self, piece: Piece) {
        self.patience.renew();
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
        match progress.error {
            _ if self.ending == Ending::Http => self.pass(bytes),
            Some(error) => self.upstream_said_error(&error, bytes),
            None if progress.ended => self.terminal(bytes),
            None => self.pass(bytes),
        }
    }

    /// The frame that ends the answer is complete: an event stream's last bytes are released after
    /// the row is written, documents end with HTTP. Gemini names no last frame at all.
    fn terminal(&mut self, bytes: Bytes) {
        if !self.end_is_known() {
            self.finish_passed = true;
            self.pass(bytes);
            return;
        }
        self.terminal_at.get_or_insert_with(Instant::now);
        self.pass(bytes);
        if self.form != Some(Form::Sse) {
            return;
        }
        self.flush_filter();
        let end = self.success();
        self.settle(end);
        self.phase = Phase::Tail;
    }

    fn end_is_known(&self) -> bool {
        self.ending.is_known(self.form, self.flight.arrival.route.dialect)
    }

    /// Tells whether the client has (or will have) all that the protocol wants, though HTTP's own
    /// end is missing. Of a Gemini stream that is so when its finish reason and its usage came and
    /// no content behind them.
    fn everything_came(&mut self) -> bool {
        if self.terminal_at.is_some() {
            return match self.form {
                Some(Form::Json) => !self.inbound.lacks_bytes(),
                Some(Form::GeminiArray) => self.is_whole(),
                _ => true,
            };
        }
        let whole = |report: &TapReport| report.complete && !report.went_on;
        self.finish_passed && self.report().as_ref().is_some_and(whole)
    }

    /// The upstream's own error is already in the client's dialect: it passes, and the answer ends
    /// there; one that is not a stream ends with its body.
    fn upstream_said_error(&mut self, error: &FrameError, bytes: Bytes) {
        let failure = frame_failure(error);
        let text = failure.message.unwrap_or_else(|| Arc::from("the upstream reported an error"));
        // A plain answer has promised its length.
        let framed = self.form != Some(Form::Json);
        let bytes = if framed { scrub::passed(&mut self.flight, bytes) } else { bytes };
        self.pass(bytes);
        self.flush_filter();
        if self.form == Some(Form::Json) {
            self.ready.extend(self.kept_back.take());
            self.terminal_at = Some(Instant::now());
        } else {
            self.phase = self.close_list();
        }
        self.settle_truncated(502, &text, failure.outcome);
    }

    /// Closes a list behind an element; elsewhere inside it nothing can.
    fn close_list(&mut self) -> Phase {
        match (self.form, self.list.place()) {
            (Some(Form::GeminiArray), ListPlace::Element) => {
                self.ready.push_back(Bytes::from_static(b"]\n"));
                Phase::Tail
            }
            (Some(Form::GeminiArray), place) if place != ListPlace::Ended => Phase::Cut,
            _ => Phase::Tail,
        }
    }

    /// Hands bytes to the client; of an answer that is not a stream, one piece is kept back.
    fn pass(&mut self, bytes: Bytes) {
        if self.form == Some(Form::Json) {
            self.ready.extend(self.kept_back.replace(bytes));
            return;
        }
        if self.form == Some(Form::GeminiArray) {
            self.list.push(&bytes);
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
        if self.is_whole() {
            self.succeed();
        } else {
            self.truncated(502, "the upstream ended its answer before the protocol's end");
        }
    }

    fn is_whole(&mut self) -> bool {
        let report = self.report();
        self.ending.is_whole(self.form, report.as_ref(), self.list.place())
    }

    /// All of the answer has arrived.
    fn succeed(&mut self) {
        self.flush_filter();
        self.ready.extend(self.kept_back.take());
        let end = self.success();
        self.settle(end);
        self.phase = Phase::Done;
    }

    /// The answer broke off after the client had seen its beginning.
    fn truncated(&mut self, status: u16, text: &str) {
        if self.everything_came() {
            self.succeed();
            return;
        }
        self.flush_filter();
        if let Some(last_words) = self.last_words() {
            self.ready.push_back(last_words);
            self.phase = Phase::Done;
        } else {
            // Without a place for an error only a cut tells the truth.
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

    fn last_words(&mut self) -> Option<Bytes> {
        let (route, id) = (&self.flight.arrival.route, self.flight.arrival.id);
        match self.form {
            Some(Form::Sse) if self.ending == Ending::Protocol => {
                let report = self.tap.as_mut().map(UsageTap::finish);
                Some(last_words::in_events(route.dialect, id, report.as_ref()))
            }
            Some(Form::GeminiArray) => last_words::in_list(route.dialect, id, self.list.place()),
            _ => None,
        }
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

    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (terminal_at, deadline, idle) = (self.terminal_at, self.deadline, self.idle);
        let late = self.patience.poll(cx, |since| match (terminal_at, deadline) {
            (Some(at), _) => at + TAIL,
            (None, Some(deadline)) => deadline.min(since + idle),
            (None, None) => since + idle,
        });
        late.map(|()| self.truncated(524, "the upstream sent nothing for too long"))
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
