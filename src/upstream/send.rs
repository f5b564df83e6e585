//! Sends one request and waits for the head of its answer, with honest clocks.

use std::future::{Future as _, poll_fn};
use std::io;
use std::task::Poll;
use std::time::Duration;

use actix_http::error::PayloadError;
use actix_web::http::{Method, StatusCode, Uri};
use awc::error::{ConnectError, SendRequestError};
use awc::http::header::HeaderMap;
use awc::{ClientResponse, FrozenClientRequest};
use bytes::Bytes;
use switchyard_actors::domain::proxy::Proxy;
use tokio::time::{Instant, sleep_until};

use super::client::{Egress, Upstreams};
use super::opened::Opened;
use super::outgoing::{Outgoing, SentAt};
use super::proxy::{ProxyFault, forwarding};

/// The head of an answer, its body still to be read.
pub struct Reply {
    /// The answer.
    pub response: ClientResponse,
    /// The request's method: an answer to HEAD has no body, whatever its head says.
    pub method: Method,
    /// When the request's body had first been sent.
    pub sent_at: Instant,
}

/// Why there is no head.
#[derive(Debug, thiserror::Error)]
pub enum SendFailure {
    /// No connection: nothing of the request reached the vendor.
    #[error("connecting failed: {0}")]
    Connect(String),
    /// Private address refused; the text names both switches.
    #[error("{0}")]
    Refused(String),
    /// The proxy did not let the request through: nothing of it reached the vendor.
    #[error(transparent)]
    Proxy(#[from] ProxyFault),
    /// The connection broke after the request had been sent, in part or whole.
    #[error("the connection broke before an answer: {0}")]
    Broken(String),
    /// The answer is not HTTP.
    #[error("the answer is not HTTP: {0}")]
    Malformed(String),
    /// The vendor took the request and gave no head for so long.
    #[error("no answer within {} ms of sending", .0.as_millis())]
    FirstByte(Duration),
    /// The body could not be sent in time: the vendor reads too slowly.
    #[error("the request could not be sent within {} ms", .0.as_millis())]
    Upload(Duration),
    /// The caller's own time was over before the request was out.
    #[error("the time for this request was over before it was sent")]
    OutOfTime,
}

/// What to send.
#[derive(Clone)]
pub struct Outbound<'a> {
    /// The method.
    pub method: Method,
    /// The full address.
    pub url: &'a str,
    /// All headers, host and length excepted.
    pub headers: HeaderMap,
    /// The body.
    pub segments: &'a [Bytes],
}

/// Time limits of one send.
#[derive(Clone, Copy, Debug)]
pub struct SendLimits {
    /// From the last body byte to the answer's head.
    pub first_byte: Duration,
    /// For connecting and sending the body.
    pub upload: Duration,
    /// The end of all of it, a second sending included.
    pub by: Instant,
}

/// Sends a request. When a connection that had waited in the pool turns out dead before any byte of
/// an answer, it is sent once more: bodies are held, and a vendor closes idle connections without
/// looking whether a request is on its way. One that was opened for it and breaks is the vendor's
/// doing, and the request may have been taken. The second sending has only what the first one left of
/// the limits.
///
/// # Errors
/// [`SendFailure`] says how far the request came.
pub async fn send(
    upstreams: &Upstreams,
    egress: &Egress,
    out: Outbound<'_>,
    limits: SendLimits,
) -> Result<Reply, SendFailure> {
    let segments = out.segments;
    let uri = Uri::try_from(out.url).map_err(|error| SendFailure::Connect(error.to_string()))?;
    let forwarder = egress.forwarder(&uri);
    let request = freeze(&upstreams.client(egress), out, uri, forwarder)?;
    let mut waiting_since = None;
    let mut sent = send_once(&request, segments, limits, &mut waiting_since).await;
    if matches!(sent, Err(Stopped::Stale)) {
        sent = send_once(&request, segments, limits, &mut waiting_since).await;
    }
    let reply = sent.map_err(|stopped| match stopped {
        Stopped::Stale | Stopped::Closed => SendFailure::Broken(closed(forwarder)),
        Stopped::Failed(failure) => failure,
    })?;
    match forwarding::own_fault(forwarder, &reply.response) {
        Some(fault) => Err(fault.into()),
        None => Ok(reply),
    }
}

/// A proxy that refuses a request without reading it may close before its answer is read.
fn closed(forwarder: Option<&Proxy>) -> String {
    match forwarder {
        None => "the connection was closed without an answer".to_owned(),
        Some(proxy) => format!(
            "the proxy {proxy} closed the connection without an answer, as some do to refuse a user"
        ),
    }
}

enum Stopped {
    /// Taken from the pool, and closed before a byte of an answer: it had died there.
    Stale,
    /// Opened for this request, and closed before a byte of an answer.
    Closed,
    Failed(SendFailure),
}

/// Makes the head once, for both sendings.
fn freeze(
    client: &awc::Client,
    out: Outbound<'_>,
    uri: Uri,
    forwarder: Option<&Proxy>,
) -> Result<FrozenClientRequest, SendFailure> {
    let mut headers = out.headers;
    let uri = forwarding::address(forwarder, uri, &mut headers).map_err(SendFailure::Connect)?;
    let mut request = client.request(out.method, uri);
    *request.headers_mut() = headers;
    request.freeze().map_err(|error| SendFailure::Connect(error.to_string()))
}

async fn send_once(
    request: &FrozenClientRequest,
    segments: &[Bytes],
    limits: SendLimits,
    waiting_since: &mut Option<Instant>,
) -> Result<Reply, Stopped> {
    let sent = SentAt::default();
    let opened = Opened::default();
    let answer = opened.watch(request.send_body(Outgoing::new(segments, sent.clone())));
    tokio::pin!(answer);
    let started = Instant::now();
    let clock = sleep_until(limits.by.min(started + limits.upload));
    tokio::pin!(clock);
    let mut is_sent = false;
    let done = poll_fn(|cx| {
        if let Poll::Ready(done) = answer.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        // The clock of the answer begins when the request has been handed over.
        if !is_sent && let Some(at) = sent.get() {
            is_sent = true;
            let since = *waiting_since.get_or_insert(at);
            clock.as_mut().reset(limits.by.min(since + limits.first_byte));
        }
        clock.as_mut().poll(cx).map(|()| None)
    });
    let done = done.await;
    let sent_at = waiting_since.or_else(|| sent.get());
    match done {
        Some(Ok(response)) if !opened.trust(response.status()) => {
            Err(Stopped::Failed(SendFailure::Malformed(interim(response.status()))))
        }
        Some(Ok(response)) => {
            let (method, sent_at) = (request.get_method().clone(), sent_at.unwrap_or(started));
            Ok(Reply { response, method, sent_at })
        }
        Some(Err(error)) => Err(classify(&error, &opened)),
        None => Err(Stopped::Failed(late(sent_at, limits))),
    }
}

fn interim(status: StatusCode) -> String {
    format!(
        "the upstream sent an interim response (status {}), which is not understood",
        status.as_u16()
    )
}

/// Says which limit ended the waiting.
fn late(sent_at: Option<Instant>, limits: SendLimits) -> SendFailure {
    match sent_at {
        Some(at) => SendFailure::FirstByte(at.elapsed()),
        None if limits.by <= Instant::now() => SendFailure::OutOfTime,
        None => SendFailure::Upload(limits.upload),
    }
}

fn classify(error: &SendRequestError, opened: &Opened) -> Stopped {
    if let SendRequestError::Connect(ConnectError::Io(io)) = error
        && let Some(fault) = ProxyFault::of(io)
    {
        return Stopped::Failed(fault.clone().into());
    }
    match error {
        SendRequestError::Connect(ConnectError::Disconnected)
        | SendRequestError::Response(actix_http::error::ParseError::Io(_))
        | SendRequestError::Send(_) => {
            if opened.is_fresh() {
                Stopped::Closed
            } else {
                Stopped::Stale
            }
        }
        SendRequestError::Connect(ConnectError::Io(io))
            if io.kind() == io::ErrorKind::PermissionDenied =>
        {
            Stopped::Failed(SendFailure::Refused(io.to_string()))
        }
        SendRequestError::Connect(connect) => {
            Stopped::Failed(SendFailure::Connect(connect.to_string()))
        }
        SendRequestError::Response(parse) => {
            Stopped::Failed(SendFailure::Malformed(parse.to_string()))
        }
        SendRequestError::Url(_) | SendRequestError::Http(_) => {
            Stopped::Failed(SendFailure::Connect(error.to_string()))
        }
        other => Stopped::Failed(SendFailure::Broken(other.to_string())),
    }
}

/// Tells whether a body ended with its connection, in order.
#[must_use]
pub fn is_close(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Incomplete(Some(io)) if io.kind() == io::ErrorKind::UnexpectedEof)
}

/// Says in a few words how a body broke off.
#[must_use]
pub fn body_break(error: &PayloadError) -> String {
    match error {
        closed if is_close(closed) => {
            "the upstream closed the connection before the end of its answer".to_owned()
        }
        PayloadError::Incomplete(Some(io)) => format!("the upstream's connection broke: {io}"),
        other => format!("the upstream's answer broke off: {other}"),
    }
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
