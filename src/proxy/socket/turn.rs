//! One turn of a socket: a message that asks, the request it stands for, and its answer as messages.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BoxBody, MessageBody as _};
use bytes::{Bytes, BytesMut};

use super::history::Ground;
use super::plan::{Asked, ask};
use super::seat::Seat;
use crate::proxy::admission::HeldBytes;
use crate::proxy::failure::Failure;
use crate::proxy::headers;
use crate::wire::responses::socket::error::{SocketError, of_answer};
use crate::wire::responses::socket::{Before, EventReader, Learned, events};

/// Events up to this are not counted while they arrive: every stream holds a little.
const UNCOUNTED: usize = 64 << 10;
/// The longest error that is read.
const ERROR_BODY: usize = 1 << 20;

/// A message that waits for its turn, under the budget of bodies.
pub struct Waiting {
    /// The text.
    pub text: Bytes,
    /// Its place in the budget.
    pub held: HeldBytes,
}

/// What a turn has.
pub enum Step {
    /// Messages for the client.
    Messages(Vec<Bytes>),
    /// Its end.
    Over(Over),
}

/// How a turn ended.
#[derive(Default)]
pub struct Over {
    /// What was asked.
    pub ground: Ground,
    /// What was answered; nothing when it failed.
    pub learned: Learned,
}

/// A turn under way. Dropping it is what a client's leaving is to a request.
pub struct Turn {
    state: State,
    over: Over,
    reader: EventReader,
    event: HeldBytes,
    /// The input is kept until the end.
    _held: HeldBytes,
}

enum State {
    Asking(Pin<Box<dyn Future<Output = Asked>>>),
    /// An event stream.
    Streaming(BoxBody),
    /// An answer that is none: read to its end.
    Reading {
        body: BoxBody,
        bytes: BytesMut,
        status: u16,
        retry_after: Option<String>,
    },
    Over,
}

impl Turn {
    /// Begins a turn.
    #[must_use]
    pub fn begin(seat: &Rc<Seat>, waiting: Waiting, before: Option<Arc<Before>>) -> Self {
        let door = &seat.worker.shared.door;
        let (event, limit) = (door.hold(), seat.worker.shared.config.socket.frame);
        let asking = ask(Rc::clone(seat), waiting.text, before);
        Self {
            state: State::Asking(Box::pin(asking)),
            over: Over::default(),
            reader: EventReader::new(limit),
            event,
            _held: waiting.held,
        }
    }

    /// Polls for what is next.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            let step = match &mut self.state {
                State::Asking(asking) => {
                    let asked = ready!(asking.as_mut().poll(cx));
                    self.asked(asked)
                }
                State::Streaming(body) => {
                    let piece = ready!(Pin::new(body).poll_next(cx));
                    self.streamed(piece.map(|piece| piece.map_err(|_| ())))
                }
                State::Reading { body, .. } => {
                    let piece = ready!(Pin::new(body).poll_next(cx));
                    self.read(piece.and_then(Result::ok))
                }
                State::Over => Some(Step::Over(std::mem::take(&mut self.over))),
            };
            if let Some(step) = step {
                return Poll::Ready(step);
            }
        }
    }

    fn asked(&mut self, asked: Asked) -> Option<Step> {
        match asked {
            Asked::Said { messages, learned, ground } => {
                self.over = Over { ground, learned };
                self.state = State::Over;
                Some(Step::Messages(messages))
            }
            Asked::Answer { answer, ground } => {
                self.over = Over { ground, ..Over::default() };
                let status = answer.status();
                let header = |name| headers::text(answer.headers(), name);
                let kind = header("content-type").unwrap_or_default();
                let streams = status.is_success() && kind.starts_with("text/event-stream");
                let retry_after = header("retry-after").map(ToOwned::to_owned);
                let body = answer.into_body();
                self.state = if streams {
                    State::Streaming(body)
                } else {
                    let (bytes, status) = (BytesMut::new(), status.as_u16());
                    State::Reading { body, bytes, status, retry_after }
                };
                None
            }
        }
    }

    fn streamed(&mut self, piece: Option<Result<Bytes, ()>>) -> Option<Step> {
        let mut messages = Vec::new();
        match piece {
            Some(Ok(bytes)) => match self.reader.push(&bytes) {
                Ok(whole) => {
                    messages = whole;
                    let held = self.reader.held();
                    if !self.event.set(if held > UNCOUNTED { held } else { 0 }) {
                        let text = Failure::Shed(crate::metrics::Shed::Bytes).message();
                        messages.push(SocketError::NoMemory.message(&text));
                        self.state = State::Over;
                    }
                }
                Err(error) => {
                    messages.push(SocketError::EventTooLong.message(&error.to_string()));
                    self.state = State::Over;
                }
            },
            ended => {
                let whole = ended.is_none();
                messages.extend(self.reader.finish().filter(|_| whole));
                self.over.learned = self.reader.take_learned();
                if !self.over.learned.ended {
                    let text = "the upstream broke off its answer; what was sent is not complete";
                    messages.push(SocketError::Cut.message(text));
                }
                self.state = State::Over;
            }
        }
        (!messages.is_empty()).then_some(Step::Messages(messages))
    }

    fn read(&mut self, piece: Option<Bytes>) -> Option<Step> {
        let State::Reading { bytes, status, retry_after, .. } = &mut self.state else {
            return None;
        };
        let limit = if *status < 400 { self.reader.limit() } else { ERROR_BODY };
        if let Some(piece) = piece.filter(|piece| bytes.len() + piece.len() <= limit) {
            bytes.extend_from_slice(&piece);
            return None;
        }
        let message = if *status < 400 {
            events::completed(bytes)
        } else {
            of_answer(*status, retry_after.as_deref(), bytes)
        };
        self.state = State::Over;
        Some(Step::Messages(vec![message]))
    }
}
