//! One turn of a socket: a message that asks, the request it stands for, and its answer as messages.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::Payload;
use bytes::{Bytes, BytesMut};

use super::seat::Seat;
use crate::proxy::admission::HeldBytes;
use crate::proxy::arrival::Arrival;
use crate::proxy::away::away;
use crate::proxy::failure::Failure;
use crate::proxy::worker::Shared;
use crate::proxy::{authenticate, headers, relay_turn, turn_away};
use crate::wire::responses::socket::error::{SocketError, of_answer};
use crate::wire::responses::socket::say::Delta;
use crate::wire::responses::socket::{
    Before, Create, CreateError, EventReader, Learned, events, warm_up,
};

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
    /// What was asked, as a list of items.
    pub asked: Bytes,
    /// What came before it.
    pub before: Option<Arc<Before>>,
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

enum Asked {
    Answer { answer: HttpResponse, items: Bytes, before: Option<Arc<Before>> },
    Said { messages: Vec<Bytes>, learned: Learned, items: Bytes, before: Option<Arc<Before>> },
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
            Asked::Said { messages, learned, items, before } => {
                self.over = Over { asked: items, before, learned };
                self.state = State::Over;
                Some(Step::Messages(messages))
            }
            Asked::Answer { answer, items, before } => {
                self.over = Over { asked: items, before, ..Over::default() };
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
                self.over.learned = self.reader.learned().clone();
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

/// What a message comes to.
enum Plan {
    Request { body: Bytes, items: Bytes },
    WarmUp { model: String, items: Bytes },
}

async fn ask(seat: Rc<Seat>, text: Bytes, before: Option<Arc<Before>>) -> Asked {
    let shared = &seat.worker.shared;
    let plan = plan(shared, text, seat.model.clone(), before.clone()).await;
    match plan {
        Ok(Ok((plan, before))) => match plan {
            Plan::Request { body, items } => {
                let arrival = seat.arrival();
                let delta = before
                    .as_ref()
                    .map(|before| Delta { before: Arc::clone(before), items: items.clone() });
                seat.link.begin(delta);
                let payload = Payload::from(body);
                let answer = relay_turn(Rc::clone(&seat), payload, arrival).await;
                Asked::Answer { answer, items, before }
            }
            Plan::WarmUp { model, items } => {
                let arrival = seat.arrival();
                if let Err(failure) = key(&seat, &arrival) {
                    let answer = turn_away(&seat.worker, &seat.request, &arrival, &failure);
                    return Asked::Answer { answer, items, before };
                }
                let id = format!("resp_{}", arrival.id).replace('-', "");
                let now = shared.clock.now().seconds();
                let messages = warm_up::events(&id, &model, now).to_vec();
                let learned = Learned { id: Some(id), items: Vec::new(), ended: true };
                Asked::Said { messages, learned, items, before }
            }
        },
        Ok(Err(error)) => said(match &error {
            CreateError::NotAnObject(_) => SocketError::InvalidJson.message(&error.to_string()),
            CreateError::OtherType(_) => SocketError::UnsupportedType.message(&error.to_string()),
        }),
        Err(failure) => said(SocketError::Internal.message(&failure.message())),
    }
}

/// Nobody is asked, and still the key may have ended since the socket was opened.
fn key(seat: &Seat, arrival: &Arrival) -> Result<(), Failure> {
    let key = authenticate::key_of(&seat.request)?;
    let catalogue = seat.worker.shared.catalogue.load();
    authenticate::caller(&catalogue, &key, arrival.at).map(|_| ())
}

fn said(message: Bytes) -> Asked {
    let (learned, items) = (Learned::default(), Bytes::new());
    Asked::Said { messages: vec![message], learned, items, before: None }
}

type Planned = Result<(Plan, Option<Arc<Before>>), CreateError>;

/// Reads a message here when it is small, away from the worker when it is not.
async fn plan(
    shared: &Shared,
    text: Bytes,
    model: Option<String>,
    before: Option<Arc<Before>>,
) -> Result<Planned, Failure> {
    let length = text.len() + before.as_ref().map_or(0, |before| before.bytes());
    away(shared, length, move || planned(&text, model.as_deref(), before)).await
}

fn planned(text: &[u8], model: Option<&str>, before: Option<Arc<Before>>) -> Planned {
    let create = Create::read(text)?;
    let previous = create.previous();
    let before = before.filter(|before| previous.as_deref() == Some(&before.id));
    let items = create.items();
    let plan = if create.is_warm_up() {
        let model = create.model().or_else(|| model.map(ToOwned::to_owned)).unwrap_or_default();
        Plan::WarmUp { model, items }
    } else {
        Plan::Request { body: create.body(model, before.as_deref()), items }
    };
    Ok((plan, before))
}
