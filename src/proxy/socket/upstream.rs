//! Responses over WebSocket, the provider's side: a client at a socket is served over one, too, where
//! its provider takes them. The socket stays open between turns, so that the provider remembers the
//! last response. Whatever fails before the first event falls back to HTTP and is nobody's fault.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::error::PayloadError;
use actix_http::{BoxedPayloadStream, Payload};
use awc::http::Method;
use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use awc::test::TestResponse;
use bytes::Bytes;
use futures_core::Stream;
use switchyard_actors::domain::dialect::{Operation, ProviderKind};
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::proxy::ProxyUse;
use tokio::time::{Instant, timeout_at};

use super::link::{Kept, Link};
use super::session::code::TOO_BIG;
use crate::proxy::failure::AttemptFailure;
use crate::proxy::flight::Flight;
use crate::proxy::forward::TryLimits;
use crate::proxy::prepare::Prepared;
use crate::proxy::worker::WorkerRef;
use crate::upstream::socket::{Heard, OpenFailure, Socket, is_possible, open};
use crate::upstream::{Egress, Reply};
use crate::wire::edit;
use crate::wire::responses::instructions::CODEX_INSTRUCTIONS;
use crate::wire::responses::session_id::CODEX_SESSION_ID;
use crate::wire::responses::socket::say;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the first event may take.
const FIRST_EVENT: Duration = Duration::from_secs(20);
/// The longest message of a provider.
const LONGEST: usize = 8 << 20;
/// Providers end a socket after an hour: one this old is not begun with again.
const OLDEST: Duration = Duration::from_mins(55);
/// The code of a provider that has forgotten the response before.
const FORGOTTEN: &str = "previous_response_not_found";
/// The code of a provider whose socket has served for long enough.
const WORN_OUT: &str = "websocket_connection_limit_reached";
/// What the row says of an answer that came over a socket.
pub const ATTEMPTED: &str = "responses_ws_attempted";
/// The chain's word for a socket that was tried before HTTP.
pub const FALLBACK: &str = "responses_ws_fallback";
/// Edits that leave what is new in the input as it was.
const BESIDE_THE_INPUT: [&str; 4] =
    [edit::MODEL_REDIRECT, edit::MODEL_FALLBACK, CODEX_INSTRUCTIONS, CODEX_SESSION_ID];

/// Why a socket gave no event.
enum Stop {
    /// The provider says that the request is too long for a socket.
    TooBig,
    /// Anything else.
    Failed(String),
}

/// A request on its way.
struct Errand {
    worker: WorkerRef,
    link: Rc<Link>,
    provider: Arc<Provider>,
    egress: Egress,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    /// What goes out has the input that the client wrote: the provider may be told what is new alone,
    /// now and in the next turn.
    as_written: bool,
    by: Instant,
}

/// Asks over a socket where client and provider do; `None` leaves it to HTTP.
///
/// # Errors
/// The request is too long for the provider's sockets: its client hears that in the same way.
pub async fn ask(
    flight: &mut Flight,
    prepared: &Prepared,
    limits: TryLimits,
) -> Result<Option<Reply>, AttemptFailure> {
    if let Some(link) = &flight.link {
        // What another provider closed with is its own matter.
        link.take_close();
    }
    let Some(errand) = errand(flight, prepared, limits) else { return Ok(None) };
    match errand.run().await {
        Ok((first, socket)) => {
            flight.notes.push(Arc::from(ATTEMPTED));
            Ok(Some(errand.reply(first, socket)))
        }
        Err(Stop::TooBig) => {
            errand.link.close_with(TOO_BIG);
            let text = "the upstream says that the message is too long";
            Err(AttemptFailure::of(TryOutcome::ClientFault, text).inferred(413).final_here())
        }
        Err(Stop::Failed(text)) => {
            tracing::debug!(request.id = %flight.arrival.id, error = %text, "served over HTTP");
            note_fallback(flight, text);
            Ok(None)
        }
    }
}

/// Tells whether a link of a chain is a socket before HTTP: the try is not over with it.
#[must_use]
pub fn is_fallback(reason: &str) -> bool {
    reason == FALLBACK
}

fn note_fallback(flight: &mut Flight, text: String) {
    // The selection is told with the try itself.
    let decision = flight.attempt.as_mut().and_then(|attempt| attempt.decision.take());
    let link = flight.link(FALLBACK, None, Some(Arc::from(text)));
    flight.chain.extend(link);
    if let Some(attempt) = &mut flight.attempt {
        attempt.decision = decision;
        attempt.started = Instant::now();
    }
}

fn errand(flight: &Flight, prepared: &Prepared, limits: TryLimits) -> Option<Errand> {
    let link = flight.link.clone()?;
    let shared = &flight.worker.shared;
    let attempt = flight.attempt.as_ref()?;
    let provider = Arc::clone(&attempt.provider);
    let proxy = match &provider.proxy {
        ProxyUse::None => None,
        ProxyUse::Through { proxy, .. } => Some(Arc::clone(proxy)),
        ProxyUse::Unusable(_) => return None,
    };
    let allow_private = shared.config.allow_private || provider.allow_private;
    let egress = Egress { allow_private, proxy };
    let may = shared.config.socket.upstream
        && provider.kind == ProviderKind::Codex
        && flight.arrival.route.operation == Operation::Generate
        && is_possible(&egress, &prepared.url)
        && !flight.worker.sockets.knows(&prepared.url);
    may.then(|| Errand {
        worker: Rc::clone(&flight.worker),
        headers: headers(&prepared.headers, &link.beta),
        link,
        provider,
        egress,
        url: prepared.url.clone(),
        body: edit::join(prepared.segments.clone()),
        as_written: flight.filtered.is_idle()
            && flight.edits.iter().all(|edit| BESIDE_THE_INPUT.contains(edit)),
        by: limits.by,
    })
}

/// Makes the headers of a handshake out of those of a `POST`.
fn headers(of_post: &HeaderMap, beta: &HeaderValue) -> HeaderMap {
    let mut headers = of_post.clone();
    for name in ["content-type", "accept", "accept-encoding"] {
        headers.remove(name);
    }
    headers.append(HeaderName::from_static("openai-beta"), beta.clone());
    headers
}

impl Errand {
    /// Sends the request; returns the first event and the socket on which the others come.
    async fn run(&self) -> Result<(Bytes, Socket), Stop> {
        if let Some(kept) = self.link.take(&self.provider, &self.url) {
            match self.on_kept(kept).await {
                Err(Stop::Failed(_)) => {}
                done => return done,
            }
        }
        let patience = HANDSHAKE.min(self.by.saturating_duration_since(Instant::now()));
        let upstreams = &self.worker.upstreams;
        let opened =
            open(upstreams, &self.egress, &self.url, &self.headers, LONGEST, patience).await;
        let mut socket = opened.map_err(|failure| {
            self.note(&failure, patience);
            Stop::Failed(failure.to_string())
        })?;
        let message = self.message(None)?;
        let first = self.first(&mut socket, message).await.inspect_err(|stop| {
            // Where our own time was up nothing is known of the address.
            if matches!(stop, Stop::Failed(_)) && Instant::now() < self.by {
                self.worker.sockets.failed(&self.url);
            }
        })?;
        self.worker.sockets.works(&self.url);
        unless_worn_out(first, socket)
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

    /// Asks on a socket that was open before: it may have died meanwhile, and the provider may have
    /// forgotten what it remembered.
    async fn on_kept(&self, kept: Kept) -> Result<(Bytes, Socket), Stop> {
        let Kept { mut socket, remembers, .. } = kept;
        if socket.age() >= OLDEST || !socket.is_quiet() {
            socket.leave();
            return Err(Stop::Failed(
                "the socket that was kept is of no use any longer".to_owned(),
            ));
        }
        let delta = self.link.delta(remembers.as_deref()).filter(|_| self.as_written);
        let message = self.message(delta.as_ref())?;
        let mut first = self.first(&mut socket, message).await?;
        if delta.is_some() && say::error_code(&first).as_deref() == Some(FORGOTTEN) {
            let message = self.message(None)?;
            first = self.first(&mut socket, message).await?;
        }
        unless_worn_out(first, socket)
    }

    fn message(&self, delta: Option<&say::Delta>) -> Result<Bytes, Stop> {
        let not_an_object = || Stop::Failed("the request is no object".to_owned());
        say::create(&self.body, delta).ok_or_else(not_an_object)
    }

    async fn first(&self, socket: &mut Socket, message: Bytes) -> Result<Bytes, Stop> {
        let by = self.by.min(Instant::now() + FIRST_EVENT);
        let asked = async {
            socket.say(message).await.map_err(Heard::Broken)?;
            Ok(poll_fn(|cx| socket.poll_heard(cx)).await)
        };
        let heard = match timeout_at(by, asked).await {
            Err(_) => return Err(Stop::Failed("no event came over the socket in time".to_owned())),
            Ok(Ok(heard) | Err(heard)) => heard,
        };
        match heard {
            Heard::Text(first) => Ok(first),
            Heard::Closed(Some(TOO_BIG)) => Err(Stop::TooBig),
            Heard::Closed(code) => Err(Stop::Failed(closed(code))),
            Heard::Broken(text) => Err(Stop::Failed(text)),
        }
    }

    /// Makes the answer that HTTP would have been: a stream of events.
    fn reply(&self, first: Bytes, socket: Socket) -> Reply {
        let events = Events {
            first: Some(first),
            socket: Some(socket),
            link: Rc::clone(&self.link),
            provider: Arc::clone(&self.provider),
            url: self.url.clone(),
            as_written: self.as_written,
        };
        // awc has no other way to make an answer that it did not receive itself.
        let head = TestResponse::with_header(("content-type", "text/event-stream"))
            .insert_header(("transfer-encoding", "chunked"));
        let events: BoxedPayloadStream = Box::pin(events);
        let response = head.finish().map_body(|_, _| Payload::Stream { payload: events });
        Reply { response, method: Method::POST, sent_at: Instant::now() }
    }
}

/// A socket that has served for long enough is as good as one that died.
fn unless_worn_out(first: Bytes, socket: Socket) -> Result<(Bytes, Socket), Stop> {
    if say::error_code(&first).as_deref() == Some(WORN_OUT) {
        socket.leave();
        return Err(Stop::Failed("the upstream takes nothing more on this socket".to_owned()));
    }
    Ok((first, socket))
}

fn closed(code: Option<u16>) -> String {
    let code = code.map_or_else(String::new, |code| format!(" with code {code}"));
    format!("the upstream closed its socket{code}")
}

/// The events of one answer; at its good end the socket goes back to its client's link.
struct Events {
    first: Option<Bytes>,
    socket: Option<Socket>,
    link: Rc<Link>,
    provider: Arc<Provider>,
    url: String,
    as_written: bool,
}

impl Events {
    fn pass(&mut self, message: &[u8]) -> Bytes {
        let kind = say::kind(message);
        if kind.ends
            && let Some(socket) = self.socket.take()
        {
            let (provider, url) = (Arc::clone(&self.provider), self.url.clone());
            if kind.is_good {
                // What filters made of a conversation is not what the client goes on from.
                let remembers = kind.completed.filter(|_| self.as_written);
                self.link.keep(Kept { provider, url, socket, remembers });
            } else {
                socket.leave();
            }
        }
        say::event(message)
    }

    fn broke(&mut self, text: String) -> PayloadError {
        self.socket = None;
        PayloadError::Incomplete(Some(io::Error::other(text)))
    }
}

impl Stream for Events {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(self.pass(&first))));
        }
        let Some(socket) = &mut self.socket else { return Poll::Ready(None) };
        Poll::Ready(Some(match ready!(socket.poll_heard(cx)) {
            Heard::Text(message) => Ok(self.pass(&message)),
            Heard::Closed(code) => {
                if code == Some(TOO_BIG) {
                    self.link.close_with(TOO_BIG);
                }
                Err(self.broke(closed(code)))
            }
            Heard::Broken(text) => Err(self.broke(text)),
        }))
    }
}
