//! A socket's life: what the client says comes in, one turn at a time goes its way, and both sides
//! are held to their bounds. It ends with its connection, wherever it is.

use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::rt::time::Sleep;
use bytes::Bytes;
use futures_core::Stream as _;
use futures_core::future::LocalBoxFuture;
use tokio::time::{Instant, sleep_until};

use super::clock::{Due, Standing};
use super::history::History;
use super::inbox::{Heard, Inbox, Trouble};
use super::outbox::Outbox;
use super::seat::Seat;
use super::turn::{Over, Step, Turn, Waiting};
use crate::proxy::admission::HeldBytes;
use crate::proxy::config::SocketConfig;
use crate::proxy::line::Line;
use crate::wire::responses::socket::error::SocketError;

/// A client is not listened to while so many times more waits for it than may before a turn rests.
const UNHEARD: usize = 2;

/// Codes of RFC 6455, 7.4.1.
pub mod code {
    /// All was said.
    pub const NORMAL: u16 = 1000;
    /// The process stops.
    pub const GOING_AWAY: u16 = 1001;
    /// The frames are not as the protocol has them.
    pub const PROTOCOL: u16 = 1002;
    /// Something else than text.
    pub const UNSUPPORTED: u16 = 1003;
    /// No UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// More than may wait.
    pub const POLICY: u16 = 1008;
    /// A message beyond the limit.
    pub const TOO_BIG: u16 = 1009;
}

/// A socket's session.
pub struct Session {
    seat: Rc<Seat>,
    config: SocketConfig,
    payload: Payload,
    inbox: Inbox,
    arriving: HeldBytes,
    outbox: Outbox,
    line: Line,
    queue: VecDeque<Waiting>,
    queued: usize,
    turn: Option<Turn>,
    history: Option<History>,
    stop: Option<LocalBoxFuture<'static, ()>>,
    stopping: bool,
    clock: Pin<Box<Sleep>>,
    heard: Instant,
    pinged: Option<Instant>,
    rested: Instant,
    closed_at: Option<Instant>,
    /// What the client says is read and not listened to.
    deaf: bool,
    /// Both have said goodbye: what waits is taken, and that is the end.
    parting: bool,
}

enum Event {
    Bytes(Bytes),
    Gone,
    Turn(Step),
    Stop,
    Clock,
}

impl Drop for Session {
    /// However it ends, the connection does not outlive it.
    fn drop(&mut self) {
        self.outbox.end();
        // What is drained for a turn under way needs nothing of the conversation any more.
        self.turn = None;
        self.seat.link.rest();
    }
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    Over,
}

impl Session {
    /// Seats a client. `stop` becomes ready when the process begins to stop.
    #[must_use]
    pub fn new(
        seat: Rc<Seat>,
        payload: Payload,
        outbox: Outbox,
        stop: Option<LocalBoxFuture<'static, ()>>,
    ) -> Self {
        let config = seat.worker.shared.config.socket;
        let line = seat.request.conn_data::<Line>().cloned().unwrap_or_default();
        let now = Instant::now();
        Self {
            config,
            payload,
            inbox: Inbox::new(config.frame),
            arriving: seat.worker.shared.door.hold(),
            seat,
            outbox,
            line,
            queue: VecDeque::new(),
            queued: 0,
            turn: None,
            history: None,
            stop,
            stopping: false,
            clock: Box::pin(sleep_until(now)),
            heard: now,
            pinged: None,
            rested: now,
            closed_at: None,
            deaf: false,
            parting: false,
        }
    }

    /// Lives until the client is gone or was told goodbye.
    pub async fn run(mut self) {
        loop {
            let event = poll_fn(|cx| self.poll_event(cx)).await;
            let flow = match event {
                Event::Bytes(bytes) => self.bytes(&bytes),
                Event::Gone => Flow::Over,
                Event::Turn(step) => self.step(step),
                Event::Stop => self.stop(),
                Event::Clock => self.look(),
            };
            if flow == Flow::Over {
                break;
            }
            self.begin_next();
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        self.seat.link.poll_kept(cx);
        if self.parting {
            if self.outbox.poll_room(1, cx).is_ready() && !self.line.is_blocked() {
                return Poll::Ready(Event::Gone);
            }
        } else if self.outbox.poll_room(UNHEARD * self.config.backlog, cx).is_pending() {
            // One that is not listened to is not silent.
            self.heard = Instant::now();
        } else if let Poll::Ready(piece) = Pin::new(&mut self.payload).poll_next(cx) {
            return Poll::Ready(piece.and_then(Result::ok).map_or(Event::Gone, Event::Bytes));
        }
        if let Some(turn) = &mut self.turn
            && self.outbox.poll_room(self.config.backlog, cx).is_ready()
            && let Poll::Ready(step) = turn.poll(cx)
        {
            return Poll::Ready(Event::Turn(step));
        }
        if let Some(stop) = &mut self.stop
            && stop.as_mut().poll(cx).is_ready()
        {
            self.stop = None;
            return Poll::Ready(Event::Stop);
        }
        self.clock.as_mut().poll(cx).map(|()| Event::Clock)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Flow {
        self.heard = Instant::now();
        if self.deaf {
            return Flow::On;
        }
        self.inbox.push(bytes);
        loop {
            match self.inbox.next() {
                Ok(None) => break,
                Ok(Some(heard)) => self.hear(heard),
                Err(trouble) => {
                    // What comes behind it cannot be told apart.
                    self.deaf = true;
                    self.in_trouble(&trouble);
                    break;
                }
            }
        }
        let held = if self.closed_at.is_some() { 0 } else { self.inbox.held() };
        if !self.arriving.set(held) {
            self.give_up(SocketError::NoMemory, "there is no memory left for more messages");
        }
        Flow::On
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            // Behind a goodbye nothing counts but the answer to it.
            Heard::Close(_) if self.closed_at.is_some() => self.parting = true,
            _ if self.closed_at.is_some() => {}
            Heard::Close(reason) => {
                self.close(reason.map_or(code::NORMAL, |reason| reason.code.into()), "");
                self.parting = true;
            }
            Heard::Ping(bytes) => self.outbox.pong(bytes),
            Heard::Pong => {}
            Heard::Text(text) => self.queue(text),
        }
    }

    fn queue(&mut self, text: Bytes) {
        if self.stopping {
            return;
        }
        let mut held = self.seat.worker.shared.door.hold();
        let queued = self.queued + text.len();
        if self.queue.len() >= self.config.queued || queued > self.config.queued_bytes {
            self.give_up(SocketError::TooMany, "too many messages wait for their turn");
        } else if !self.arriving.set(self.inbox.held()) || !held.grow(text.len()) {
            self.give_up(SocketError::NoMemory, "there is no memory left for more messages");
        } else {
            self.queued = queued;
            self.queue.push_back(Waiting { text, held });
        }
    }

    fn begin_next(&mut self) {
        if self.turn.is_some() || self.closed_at.is_some() {
            return;
        }
        if let Some(waiting) = self.queue.pop_front() {
            self.queued -= waiting.text.len();
            let before = self.history.as_ref().map(|history| Arc::clone(history.before()));
            self.turn = Some(Turn::begin(&self.seat, waiting, before));
        }
    }

    fn step(&mut self, step: Step) -> Flow {
        match step {
            Step::Messages(messages) => {
                for message in messages {
                    self.outbox.text(&message);
                }
                if !self.outbox.is_counted() {
                    let error = SocketError::NoMemory;
                    let text = "there is no memory left for an answer that is not taken";
                    self.outbox.forget();
                    self.give_up(error, text);
                }
            }
            Step::Over(over) => {
                self.turn = None;
                self.rested = Instant::now();
                // An earlier try's code means nothing to one that was answered after all.
                let code = self.seat.link.take_close().filter(|_| over.learned.id.is_none());
                self.seat.link.rest();
                self.remember(over);
                if let Some(code) = code {
                    self.close(code, "the upstream closed with this code");
                } else if self.stopping {
                    self.close(code::GOING_AWAY, "the server is stopping");
                }
            }
        }
        self.set_clock();
        Flow::On
    }

    /// A turn that failed leaves what was before it: its client may go on from there.
    fn remember(&mut self, over: Over) {
        if over.learned.id.is_none() {
            return;
        }
        let door = &self.seat.worker.shared.door;
        let (old, limit) = (self.history.take(), self.config.frame);
        self.history = History::after(door, old, over.ground, over.learned, limit);
    }

    /// The turn under way comes to its end; nothing else does.
    fn stop(&mut self) -> Flow {
        self.stopping = true;
        self.queue.clear();
        if self.turn.is_none() {
            self.close(code::GOING_AWAY, "the server is stopping");
        }
        Flow::On
    }

    fn in_trouble(&mut self, trouble: &Trouble) {
        if self.closed_at.is_some() {
            return;
        }
        match trouble {
            Trouble::Binary => {
                let text = "messages are text: binary ones are not served here";
                self.outbox.text(&SocketError::Binary.message(text));
                self.close(code::UNSUPPORTED, "text only");
            }
            Trouble::TooLong => self.close(code::TOO_BIG, "the message is too long"),
            Trouble::NotUtf8 => self.close(code::NOT_UTF8, "the text is not UTF-8"),
            Trouble::Protocol(text) => {
                tracing::debug!(error = %text, "a socket's frames are not as the protocol has them");
                self.close(code::PROTOCOL, "protocol error");
            }
        }
    }

    fn give_up(&mut self, error: SocketError, text: &str) {
        if self.closed_at.is_none() {
            if error == SocketError::NoMemory && self.turn.is_some() {
                self.seat.link.end_with(error.status(), text);
            }
            self.outbox.text(&error.message(text));
            self.close(code::POLICY, text);
        }
    }

    /// Says goodbye: a turn under way ends as if its client had left.
    fn close(&mut self, code: u16, reason: &str) {
        if self.closed_at.is_some() {
            return;
        }
        (self.turn, self.queued) = (None, 0);
        self.seat.link.rest();
        self.queue.clear();
        self.history = None;
        self.outbox.close(code, reason);
        self.closed_at = Some(Instant::now());
        self.set_clock();
    }

    fn look(&mut self) -> Flow {
        let now = Instant::now();
        match self.config.times.due(&self.standing(), now) {
            Due::Gone => {
                // What it did not take by now is of no use to it.
                let is_stuck = self.outbox.stuck_since().is_some() || self.line.is_blocked();
                if self.closed_at.is_none() || is_stuck {
                    self.line.cut();
                }
                return Flow::Over;
            }
            Due::Idle => self.close(code::NORMAL, "idle"),
            Due::Ping => {
                self.pinged = Some(now);
                self.outbox.ping();
            }
            Due::Nothing(_) => {}
        }
        self.set_clock();
        Flow::On
    }

    fn standing(&self) -> Standing {
        let took_at = self.line.took_at();
        let stuck = self.outbox.stuck_since();
        Standing {
            heard: self.heard,
            pinged: self.pinged,
            idle_since: self.turn.is_none().then_some(self.rested),
            stuck_since: stuck.map(|since| took_at.map_or(since, |took| took.max(since))),
            closed_at: self.closed_at,
        }
    }

    /// Looks again when something is due, and soon enough to see a client that gets stuck.
    fn set_clock(&mut self) {
        let now = Instant::now();
        let soon = now + self.config.times.send / 2;
        let at = match self.config.times.due(&self.standing(), now) {
            Due::Nothing(at) => at.min(soon),
            _ => now,
        };
        self.clock.as_mut().reset(at);
    }
}
