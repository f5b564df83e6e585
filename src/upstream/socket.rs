//! A WebSocket to an upstream: opened by the ways of every request, texts in both directions.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::ws::{CloseCode, Frame, Item, Message, ProtocolError};
use actix_web::http::Uri;
use awc::error::WsClientError;
use awc::http::header::HeaderMap;
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::{Sink, SinkExt as _};
use tokio::time::{Instant, timeout};

use super::client::{Egress, Upstreams};
use super::frames::BoundedCodec;

/// Frames in both directions.
trait Frames:
    Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

impl<T> Frames for T where
    T: Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

/// An open socket.
pub struct Socket {
    framed: Box<dyn Frames>,
    parts: BytesMut,
    limit: usize,
    opened: Instant,
    /// The answer to the last ping, which stands for all before it.
    pong: Option<Bytes>,
    /// Something was said that has to be flushed.
    unsent: bool,
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum OpenFailure {
    /// The upstream answered the handshake with another status.
    #[error("the upstream answered the WebSocket handshake with status {0}")]
    Status(u16),
    /// There was no answer in time.
    #[error("the upstream did not answer the WebSocket handshake within {} s", .0.as_secs())]
    Late(Duration),
    /// No connection, or no handshake.
    #[error("the WebSocket could not be opened: {0}")]
    Failed(String),
}

/// What comes from the upstream.
#[derive(Debug)]
pub enum Heard {
    /// A whole text.
    Text(Bytes),
    /// The end, with the code of a goodbye.
    Closed(Option<u16>),
    /// The connection broke, or what came is not of the protocol.
    Broken(String),
}

/// Tells whether a socket can be opened to an address: a proxy that forwards requests opens no way.
#[must_use]
pub fn is_possible(egress: &Egress, url: &str) -> bool {
    Uri::try_from(url).is_ok_and(|uri| egress.forwarder(&uri).is_none())
}

/// Opens a socket whose messages have at most `limit` bytes.
///
/// # Errors
/// [`OpenFailure`] says why there is none.
pub async fn open(
    upstreams: &Upstreams,
    egress: &Egress,
    url: &str,
    headers: &HeaderMap,
    limit: usize,
    patience: Duration,
) -> Result<Socket, OpenFailure> {
    let mut request = upstreams.client(egress).ws(url).max_frame_size(limit);
    for (name, value) in headers {
        request = request.header(name.clone(), value.clone());
    }
    let opened = timeout(patience, request.connect()).await;
    match opened.map_err(|_| OpenFailure::Late(patience))? {
        Ok((_, framed)) => {
            let framed = framed.into_map_codec(|codec| BoundedCodec::new(codec, limit));
            Ok(Socket {
                framed: Box::new(framed),
                parts: BytesMut::new(),
                limit,
                opened: Instant::now(),
                pong: None,
                unsent: false,
            })
        }
        Err(WsClientError::InvalidResponseStatus(status)) => {
            Err(OpenFailure::Status(status.as_u16()))
        }
        Err(error) => Err(OpenFailure::Failed(error.to_string())),
    }
}

impl Socket {
    /// Sends a text.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn say(&mut self, text: Bytes) -> Result<(), String> {
        let text = text.try_into().map_err(|_| "the request is not UTF-8".to_owned())?;
        self.framed.send(Message::Text(text)).await.map_err(|error| error.to_string())
    }

    /// Returns for how long it has been open.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Tells whether nothing has come unasked: neither a message nor the end.
    pub fn is_quiet(&mut self) -> bool {
        self.poll_heard(&mut Context::from_waker(std::task::Waker::noop())).is_pending()
    }

    /// Polls for what comes next; pings are answered on the way.
    pub fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Heard> {
        loop {
            self.answer(cx);
            let frame = match ready!(Pin::new(&mut self.framed).poll_next(cx)) {
                None => return Poll::Ready(Heard::Closed(None)),
                Some(Err(error)) => return Poll::Ready(Heard::Broken(error.to_string())),
                Some(Ok(frame)) => frame,
            };
            if let Some(heard) = self.frame(frame) {
                return Poll::Ready(heard);
            }
        }
    }

    /// Answers the last ping. A pong that cannot leave does not keep us from listening: that tells
    /// what is the case.
    fn answer(&mut self, cx: &mut Context<'_>) {
        loop {
            self.unsent = self.unsent && Pin::new(&mut self.framed).poll_flush(cx).is_pending();
            let Some(pong) = self.pong.take_if(|_| !self.unsent) else { return };
            self.unsent = Pin::new(&mut self.framed).start_send(Message::Pong(pong)).is_ok();
        }
    }

    fn frame(&mut self, frame: Frame) -> Option<Heard> {
        match frame {
            Frame::Text(text) => Some(Heard::Text(text)),
            Frame::Continuation(Item::FirstText(part) | Item::Continue(part)) => self.add(&part),
            Frame::Continuation(Item::Last(part)) => {
                let text = |parts: &mut BytesMut| Heard::Text(std::mem::take(parts).freeze());
                self.add(&part).or_else(|| Some(text(&mut self.parts)))
            }
            Frame::Ping(bytes) => {
                self.pong = Some(bytes);
                None
            }
            Frame::Pong(_) => None,
            Frame::Close(reason) => {
                Some(Heard::Closed(reason.map(|reason| u16::from(reason.code))))
            }
            Frame::Binary(_) | Frame::Continuation(Item::FirstBinary(_)) => {
                Some(Heard::Broken("the upstream sent something else than text".to_owned()))
            }
        }
    }

    fn add(&mut self, part: &[u8]) -> Option<Heard> {
        if self.parts.len() + part.len() > self.limit {
            return Some(Heard::Broken("the upstream sent a message that is too long".to_owned()));
        }
        self.parts.extend_from_slice(part);
        None
    }

    /// Says goodbye, as far as that can be done at once.
    pub fn leave(mut self) {
        let goodbye = Message::Close(Some(CloseCode::Normal.into()));
        let framed = Pin::new(&mut self.framed);
        if framed.start_send(goodbye).is_ok() {
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let _flushed = Pin::new(&mut self.framed).poll_flush(&mut cx);
        }
    }
}
