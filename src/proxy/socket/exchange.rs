//! A request on a provider's socket, up to the first event of its answer.

use std::future::{Future as _, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use awc::http::header::HeaderMap;
use bytes::Bytes;
use switchyard_actors::domain::provider::Provider;
use tokio::time::{Instant, sleep_until};

use super::link::{Kept, Link};
use super::session::code::TOO_BIG;
use crate::proxy::admission::HeldBytes;
use crate::proxy::away::away;
use crate::proxy::forward::TryLimits;
use crate::proxy::worker::WorkerRef;
use crate::upstream::Egress;
use crate::upstream::frames;
use crate::upstream::socket::{Heard, OpenFailure, Socket, open};
use crate::wire::edit;
use crate::wire::responses::socket::say;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the first event may take from when the message has left.
const FIRST_EVENT: Duration = Duration::from_secs(20);
/// Providers end a socket after an hour: one this old is not begun with again.
const OLDEST: Duration = Duration::from_mins(55);
/// Events beside an answer that may come before it.
const PRELUDE: usize = 16;
/// The code of a provider that has forgotten the response before.
const FORGOTTEN: &str = "previous_response_not_found";
/// The code of a provider whose socket has served for long enough.
const WORN_OUT: &str = "websocket_connection_limit_reached";

/// Why a socket gave no event.
pub enum Stop {
    /// The provider says that the request is too long for a socket.
    TooBig,
    /// The provider took the message and said nothing for as long as it may: for so long.
    Late(Duration),
    /// The socket has ended, or serves no longer: another one may.
    Gone(String),
    /// Anything else.
    Failed(String),
}

/// A request on its way.
pub struct Exchange {
    /// The worker.
    pub worker: WorkerRef,
    /// What the turns of the client's socket share.
    pub link: Rc<Link>,
    /// The turn that it belongs to.
    pub turn: u64,
    /// Who is asked.
    pub provider: Arc<Provider>,
    /// The way there.
    pub egress: Egress,
    /// The address.
    pub url: String,
    /// The headers of a handshake.
    pub headers: HeaderMap,
    /// The body, as HTTP would have it.
    pub segments: Vec<Bytes>,
    /// How long it may take.
    pub limits: TryLimits,
}

/// The beginning of an answer.
pub struct Begun {
    /// The first event, behind those that belong to no answer.
    pub events: Vec<Bytes>,
    /// Where the others come.
    pub socket: Socket,
    /// When the message had left.
    pub sent_at: Instant,
    /// What went out has the input that the client wrote: the provider may be told what is new alone
    /// in the next turn.
    pub as_written: bool,
}

impl Begun {
    fn code(&self) -> Option<String> {
        say::error_code(self.events.last()?)
    }
}

/// A message as it is sent, under the budget of bodies.
struct Message {
    frame: Bytes,
    as_written: bool,
    is_delta: bool,
    _held: HeldBytes,
}

impl Exchange {
    /// Sends the request; returns the first event and the socket on which the others come.
    ///
    /// # Errors
    /// [`Stop`] says why there is none.
    pub async fn run(&self) -> Result<Begun, Stop> {
        if let Some(kept) = self.link.take(&self.provider, &self.url) {
            match self.on_kept(kept).await {
                // It may have died meanwhile, as a connection in a pool does.
                Err(Stop::Gone(_)) => {}
                done => return done,
            }
        }
        let socket = self.open().await?;
        let message = self.message(None).await?;
        let begun = self.first(socket, message).await.inspect_err(|stop| {
            // Where our own time was up nothing is known of the address.
            let is_told = matches!(stop, Stop::Gone(_) | Stop::Failed(_));
            if is_told && Instant::now() < self.limits.by {
                self.worker.sockets.failed(&self.url);
            }
        })?;
        self.worker.sockets.works(&self.url);
        unless_worn_out(begun)
    }

    async fn open(&self) -> Result<Socket, Stop> {
        let left = self.limits.by.saturating_duration_since(Instant::now());
        let patience = HANDSHAKE.min(left).min(self.limits.answer);
        let (upstreams, limit) = (&self.worker.upstreams, self.worker.shared.config.socket.frame);
        let opened = open(upstreams, &self.egress, &self.url, &self.headers, limit, patience).await;
        opened.map_err(|failure| {
            self.note(&failure, patience);
            Stop::Failed(failure.to_string())
        })
    }

    /// Notes what a failed handshake tells of its address. A refused key is no matter of sockets.
    fn note(&self, failure: &OpenFailure, patience: Duration) {
        match failure {
            OpenFailure::Status(400 | 404 | 405 | 426 | 501) => {
                self.worker.sockets.unsupported(&self.url);
            }
            OpenFailure::Status(401 | 403) => {}
            OpenFailure::Late(_) if patience < HANDSHAKE => {}
            _ => self.worker.sockets.failed(&self.url),
        }
    }

    /// Asks on a socket that was open before: the provider may have forgotten what it remembered.
    async fn on_kept(&self, kept: Kept) -> Result<Begun, Stop> {
        let Kept { mut socket, remembers, .. } = kept;
        if socket.age() >= OLDEST || !socket.is_quiet() {
            socket.leave();
            return Err(Stop::Gone("the socket that was kept is of no use any longer".to_owned()));
        }
        let message = self.message(remembers).await?;
        let is_delta = message.is_delta;
        let mut begun = self.first(socket, message).await?;
        if is_delta && begun.code().as_deref() == Some(FORGOTTEN) {
            let message = self.message(None).await?;
            begun = self.first(begun.socket, message).await?;
        }
        unless_worn_out(begun)
    }

    /// Makes the message, away from the worker when it is large; for a provider that remembers the
    /// response before, of what is new alone.
    async fn message(&self, remembers: Option<String>) -> Result<Message, Stop> {
        let (segments, written) = (self.segments.clone(), self.link.written());
        let length = segments.iter().map(Bytes::len).sum();
        let shared = &self.worker.shared;
        let mut held = shared.door.hold();
        if !held.grow(length) {
            return Err(Stop::Failed("there is no memory left for the message".to_owned()));
        }
        let work = move || {
            let body = edit::join(segments);
            let created = say::create(&body, written.as_ref(), remembers.as_deref())?;
            let say::Created { message, as_written, is_delta } = created;
            let frame = frames::of_client(message)?;
            // Whole it is about as long as the body, and of what is new much less.
            held.shrink(frame.len());
            Some(Message { frame, as_written, is_delta, _held: held })
        };
        let made = away(shared, length, work).await;
        let made = made.map_err(|failure| Stop::Failed(failure.message()))?;
        made.ok_or_else(|| Stop::Failed("the request is no object".to_owned()))
    }

    async fn first(&self, mut socket: Socket, message: Message) -> Result<Begun, Stop> {
        let upload = self.worker.shared.config.timeouts.upload;
        let patience = self.limits.answer.min(FIRST_EVENT);
        socket.say(message.frame.clone());
        let by = self.limits.by;
        let mut clock = Box::pin(sleep_until(by.min(Instant::now() + upload)));
        let (mut events, mut sent_at) = (Vec::new(), None);
        let stopped = poll_fn(|cx| {
            if let Poll::Ready(done) = poll_first(&mut socket, &mut events, cx) {
                return Poll::Ready(done);
            }
            if sent_at.is_none() && socket.is_sent() {
                let now = Instant::now();
                sent_at = Some(now);
                clock.as_mut().reset(by.min(now + patience));
            }
            ready!(clock.as_mut().poll(cx));
            Poll::Ready(Some(self.late(sent_at)))
        })
        .await;
        if let Some(stop) = stopped {
            return Err(stop);
        }
        let sent_at = sent_at.unwrap_or_else(Instant::now);
        Ok(Begun { events, socket, sent_at, as_written: message.as_written })
    }

    /// Says whose silence it was.
    fn late(&self, sent_at: Option<Instant>) -> Stop {
        let silent_for = sent_at.map(|at| at.elapsed());
        match silent_for.filter(|silent_for| *silent_for >= self.limits.answer) {
            Some(silent_for) => Stop::Late(silent_for),
            None => Stop::Failed("no event came over the socket in time".to_owned()),
        }
    }
}

/// Polls for the first event of an answer, which is the last of `events` then; or why there is none.
fn poll_first(
    socket: &mut Socket,
    events: &mut Vec<Bytes>,
    cx: &mut Context<'_>,
) -> Poll<Option<Stop>> {
    loop {
        match ready!(socket.poll_heard(cx)) {
            Heard::Text(event) => {
                let is_beside = events.len() < PRELUDE && say::is_beside_the_answer(&event);
                events.push(event);
                if !is_beside {
                    return Poll::Ready(None);
                }
            }
            Heard::Closed(Some(TOO_BIG)) => return Poll::Ready(Some(Stop::TooBig)),
            Heard::Closed(code) => return Poll::Ready(Some(Stop::Gone(closed(code)))),
            Heard::Broken(text) => return Poll::Ready(Some(Stop::Gone(text))),
        }
    }
}

/// A socket that has served for long enough is as good as one that died.
fn unless_worn_out(begun: Begun) -> Result<Begun, Stop> {
    if begun.code().as_deref() == Some(WORN_OUT) {
        begun.socket.leave();
        return Err(Stop::Gone("the upstream takes nothing more on this socket".to_owned()));
    }
    Ok(begun)
}

/// Says that a provider has closed its socket.
pub fn closed(code: Option<u16>) -> String {
    let code = code.map_or_else(String::new, |code| format!(" with code {code}"));
    format!("the upstream closed its socket{code}")
}
