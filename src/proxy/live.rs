//! A committed answer on its way: bytes pass as they come, usage is read beside them, and the end
//! is told truthfully.

mod leaving;

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};
use tokio::time::Instant;

use super::convert::translator::Translator;
use super::cost;
use super::examine::{StreamReady, frame_failure};
use super::flight::Flight;
use super::inbound::{Inbound, Piece};
use super::last_words::Breaker;
use super::passage::{Badly, Closed, Passage};
use super::patience::Patience;
use super::scrub;
use super::settle::End;
use super::socket::link::Ended;
use crate::wire::error_body::{ClientError, ErrorKind};
use crate::wire::frame::FrameError;
use crate::wire::usage::{Form, TapReport};

/// After the terminal event the upstream has this long to end its connection's answer, so that the
/// connection can be used again.
pub const TAIL: Duration = Duration::from_secs(1);

/// A client for whom nothing was said for so long hears that its answer goes on.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

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
    passage: Passage,
    idle: Duration,
    deadline: Option<Instant>,
    patience: Patience,
    /// When the frame came that is the last for sure.
    terminal_at: Option<Instant>,
    phase: Phase,
    /// Bytes the client's connection has taken.
    handed: u64,
    /// When there was something for a client that reads another format.
    said_at: Instant,
    /// We ended it, at a socket whose client is there.
    ended: Option<Ended>,
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
    pub fn start(mut flight: Flight, ready: StreamReady) -> Self {
        let dialect = flight.upstream_dialect();
        let StreamReady { form, ending, withhold_usage, .. } = ready;
        let mut passage = Passage::new(dialect, form, ending, withhold_usage);
        let attempt = flight.attempt.as_mut();
        if let Some(conversion) = attempt.and_then(|attempt| attempt.conversion.as_deref_mut()) {
            passage = passage.translated(Translator::new(conversion));
        }
        let mut live = Self {
            flight,
            inbound: ready.inbound,
            passage,
            idle: ready.idle,
            deadline: ready.deadline,
            patience: Patience::default(),
            terminal_at: None,
            phase: Phase::Passing,
            handed: 0,
            said_at: Instant::now(),
            ended: None,
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
            if let Some(bytes) = self.passage.pop() {
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
        self.flight.bytes_out = Some(self.handed + self.passage.ready_bytes() as u64);
        if let Some(lost) = self.passage.losses() {
            self.flight.lose(lost);
        }
        self.flight.settle(end);
    }

    fn piece(&mut self, piece: Piece) {
        self.patience.renew();
        match piece {
            Piece::Bytes(bytes) => self.take(bytes),
            Piece::End => self.upstream_ended(),
            Piece::Broken(text) => self.broke_off(502, &text),
        }
    }

    fn take(&mut self, bytes: Bytes) {
        if self.phase != Phase::Passing {
            return;
        }
        let progress = self.passage.read(&bytes);
        if progress.first_content && self.flight.first_content_ms.is_none() {
            self.flight.first_content_ms = Some(self.flight.arrival.elapsed_ms());
        }
        if let Some(error) = &progress.error {
            let bytes = self.passage.up_to_error(bytes, &progress);
            self.upstream_said_error(error, bytes);
        } else if self.passage.pass(bytes, &progress) {
            self.terminal();
        } else if self.passage.is_translated() {
            self.keep_alive();
        }
    }

    /// What comes may say nothing to a client of another format for a long time: hidden thinking, pings.
    fn keep_alive(&mut self) {
        let now = Instant::now();
        if self.passage.ready_bytes() == 0 && now < self.said_at + KEEP_ALIVE {
            return;
        }
        if self.passage.ready_bytes() == 0 {
            self.passage.keep_alive();
        }
        self.said_at = now;
    }

    /// The frame that ends the answer is complete: an event stream's last bytes are released after
    /// the row is written, documents end with HTTP. Gemini names no last frame at all.
    fn terminal(&mut self) {
        self.terminal_at.get_or_insert_with(Instant::now);
        if self.passage.form() != Some(Form::Sse) {
            return;
        }
        if let Some(badly) = self.passage.ended_badly() {
            self.ended_badly(badly);
            return;
        }
        self.passage.release();
        let end = self.success();
        self.settle(end);
        self.phase = Phase::Tail;
    }

    /// What came has an end, but none that the client may take for one.
    fn ended_badly(&mut self, badly: Badly) {
        let (closed, text, tried) = match badly {
            Badly::BadCall(text) => (Closed::Told, text.to_owned(), TryOutcome::Success),
            Badly::Untold(text) => (self.tell_of_end(), text, TryOutcome::ProviderFault),
            // Our own bound, which is nobody's fault.
            Badly::TooLong(text) => (self.tell_of_end(), text, TryOutcome::ClientGone),
        };
        self.phase = if closed == Closed::Cut { Phase::Cut } else { Phase::Tail };
        self.settle_truncated(502, &text, tried);
    }

    fn tell_of_end(&mut self) -> Closed {
        self.passage.end_translated(&Breaker::Upstream.error(self.flight.arrival.id))
    }

    /// The upstream's own error is already in the client's dialect: it passes, and the answer ends
    /// there; one that is not a stream ends with its body.
    fn upstream_said_error(&mut self, error: &FrameError, bytes: Bytes) {
        let failure = frame_failure(error);
        let text = failure.message.unwrap_or_else(|| Arc::from("the upstream reported an error"));
        // A plain answer has promised its length.
        let framed = self.passage.form() != Some(Form::Json);
        let bytes = if framed { scrub::passed(&mut self.flight, bytes) } else { bytes };
        let told = self.told(error, &text);
        let closed = self.passage.pass_error(bytes, &told);
        if framed {
            self.phase = if closed == Closed::Cut { Phase::Cut } else { Phase::Tail };
        } else {
            self.terminal_at = Some(Instant::now());
        }
        self.settle_truncated(502, &text, failure.outcome);
    }

    /// Says an upstream's error as clients of other formats are told it.
    fn told(&self, error: &FrameError, text: &Arc<str>) -> ClientError {
        let text = scrub::error(&self.flight, Some(Arc::clone(text))).unwrap_or_default();
        let retry_after_s = error.retry_after.map(|wait| wait.as_secs());
        let kind = ErrorKind::of_status(error.status);
        let told = ClientError::new(kind, text.as_ref(), self.flight.arrival.id);
        ClientError { retry_after_s, ..told }
    }

    fn upstream_ended(&mut self) {
        let closed = self.passage.http_ended(self.flight.arrival.id);
        self.close(closed, 502, "the upstream ended its answer before the protocol's end");
    }

    fn broke_off(&mut self, status: u16, text: &str) {
        let lacks_bytes = self.inbound.lacks_bytes();
        let closed = self.passage.broke_off(lacks_bytes, self.flight.arrival.id);
        self.close(closed, status, text);
    }

    /// The grace of a stop is over: the client hears that we end it, unless all came that it needs.
    pub fn cut_by_stop(&mut self) {
        if self.phase != Phase::Passing {
            return;
        }
        let lacks_bytes = self.inbound.lacks_bytes();
        let closed = self.passage.cut_by_stop(lacks_bytes, self.flight.arrival.id);
        self.phase = if closed == Closed::Cut { Phase::Cut } else { Phase::Done };
        let end = if closed == Closed::Whole {
            self.success()
        } else {
            self.end_with_usage(End::stopped())
        };
        self.settle(end);
    }

    /// All of the answer has arrived, or the client had seen its beginning and there is no more.
    fn close(&mut self, closed: Closed, status: u16, text: &str) {
        self.phase = if closed == Closed::Cut { Phase::Cut } else { Phase::Done };
        if closed == Closed::Whole {
            let end = self.success();
            self.settle(end);
            return;
        }
        match self.passage.ended_badly() {
            Some(Badly::BadCall(text)) => self.settle_truncated(status, text, TryOutcome::Success),
            Some(Badly::TooLong(text)) => {
                self.settle_truncated(status, &text, TryOutcome::ClientGone);
            }
            _ => self.settle_truncated(status, text, TryOutcome::ProviderFault),
        }
    }

    fn settle_truncated(&mut self, status: u16, text: &str, tried: TryOutcome) {
        let end = End::of(RowOutcome::Truncated, status, tried).because(text);
        let end = self.end_with_usage(end);
        self.settle(end);
    }

    fn success(&mut self) -> End {
        let status = self.flight.sent_status.unwrap_or(200);
        self.end_with_usage(End::of(RowOutcome::Success, status, TryOutcome::Success))
    }

    fn end_with_usage(&mut self, end: End) -> End {
        match self.passage.report() {
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
        late.map(|()| self.broke_off(524, "the upstream sent nothing for too long"))
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
    end.priority = report.service_tier.as_deref() == Some(cost::PRIORITY);
    end
}
