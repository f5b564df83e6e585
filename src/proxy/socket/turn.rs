//! One turn of a socket: a message that asks, the request it stands for, and its answer as messages.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody as _};
use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value};

use super::history::Ground;
use super::link::Link;
use super::plan::{Asked, ask};
use super::seat::Seat;
use crate::metrics::Shed;
use crate::proxy::admission::HeldBytes;
use crate::proxy::failure::Failure;
use crate::proxy::headers;
use crate::wire::responses::socket::error::{SocketError, headers_of, of_answer};
use crate::wire::responses::socket::{Before, EventReader, Learned};

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
    link: Rc<Link>,
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
        headers: Map<String, Value>,
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
            link: Rc::clone(&seat.link),
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
                self.answered(answer)
            }
        }
    }

    fn answered(&mut self, answer: HttpResponse) -> Option<Step> {
        let status = answer.status();
        let kind = headers::text(answer.headers(), "content-type").unwrap_or_default();
        if status.is_success() {
            if kind.starts_with("text/event-stream") {
                self.state = State::Streaming(answer.into_body());
                return None;
            }
            // Nobody can tell where an answer that is no stream has its end.
            let text = "the answer is no stream of events";
            return Some(Step::Messages(vec![self.end_with(SocketError::Cut, text)]));
        }
        let told = answer.headers().iter().filter(|(name, _)| !is_of_the_body(name.as_str()));
        let told = told.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let headers = headers_of(told);
        let (bytes, status, body) = (BytesMut::new(), status.as_u16(), answer.into_body());
        self.state = State::Reading { body, bytes, status, headers };
        None
    }

    fn streamed(&mut self, piece: Option<Result<Bytes, ()>>) -> Option<Step> {
        let mut messages = Vec::new();
        match piece {
            Some(Ok(bytes)) => match self.reader.push(&bytes) {
                Ok(whole) => {
                    messages = whole;
                    if !self.is_counted() {
                        let text = Failure::Shed(Shed::Bytes).message();
                        messages.push(self.end_with(SocketError::NoMemory, &text));
                    }
                }
                Err(error) => {
                    messages.push(self.end_with(SocketError::EventTooLong, &error.to_string()));
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

    /// Counts what is held; where there is no room for the answer's items, they are not kept for the
    /// turns behind it, and this one goes on.
    fn is_counted(&mut self) -> bool {
        let counted = |held: usize| if held > UNCOUNTED { held } else { 0 };
        if self.event.set(counted(self.reader.held())) {
            return true;
        }
        self.reader.lose_items();
        self.event.set(counted(self.reader.held()))
    }

    /// Ends the turn, which is not its client's doing.
    fn end_with(&mut self, error: SocketError, text: &str) -> Bytes {
        self.link.end_with(error.status(), text);
        self.state = State::Over;
        error.message(text)
    }

    fn read(&mut self, piece: Option<Bytes>) -> Option<Step> {
        let State::Reading { bytes, status, headers, .. } = &mut self.state else {
            return None;
        };
        if let Some(piece) = piece.filter(|piece| bytes.len() + piece.len() <= ERROR_BODY) {
            bytes.extend_from_slice(&piece);
            return None;
        }
        let message = of_answer(*status, headers, bytes);
        self.state = State::Over;
        Some(Step::Messages(vec![message]))
    }
}

/// Headers that speak of a body that is no longer one.
fn is_of_the_body(name: &str) -> bool {
    name.starts_with("content-") || matches!(name, "etag" | "last-modified" | "accept-ranges")
}
