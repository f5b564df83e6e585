//! A WebSocket to an upstream: opened by the ways of every request, texts in both directions.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use actix_http::ws::{CloseCode, Message};
use actix_web::http::Uri;
use awc::BoxedSocket;
use awc::error::WsClientError;
use awc::http::header::HeaderMap;
use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::AsyncWrite as _;
use tokio::time::{Instant, timeout};
use tokio_util::codec::{Decoder as _, Encoder as _};
use tokio_util::io::poll_read_buf;

use super::client::{Egress, Upstreams};
use super::frames::{Assembler, BoundedCodec, Unfit, Whole};

/// The room that is made for a reading.
const ROOM: usize = 8 << 10;

/// An open socket. What is sent is written as it was made, so that nothing of a large message stays.
pub struct Socket {
    io: BoxedSocket,
    codec: BoundedCodec,
    incoming: BytesMut,
    messages: Assembler,
    outgoing: VecDeque<Bytes>,
    /// What was written may wait inside of TLS.
    is_flushed: bool,
    /// Why nothing more can be written.
    broken: Option<String>,
    opened: Instant,
    /// The answer to the last ping, which stands for all before it.
    pong: Option<Bytes>,
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
            let parts = framed.into_parts();
            Ok(Socket {
                io: parts.io,
                codec: BoundedCodec::new(parts.codec, limit),
                incoming: parts.read_buf,
                messages: Assembler::new(limit),
                outgoing: VecDeque::new(),
                is_flushed: true,
                broken: None,
                opened: Instant::now(),
                pong: None,
            })
        }
        Err(WsClientError::InvalidResponseStatus(status)) => {
            Err(OpenFailure::Status(status.as_u16()))
        }
        Err(error) => Err(OpenFailure::Failed(error.to_string())),
    }
}

impl Socket {
    /// Sends a frame, which leaves while the socket is listened to.
    pub fn say(&mut self, frame: Bytes) {
        self.outgoing.push_back(frame);
        self.is_flushed = false;
    }

    /// Tells whether all that was said has left.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.outgoing.is_empty() && self.is_flushed
    }

    /// Returns for how long it has been open.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Tells whether nothing has come unasked: neither a message nor the end.
    pub fn is_quiet(&mut self) -> bool {
        self.poll_heard(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    /// Polls for what comes next; what is said leaves meanwhile, and pings are answered on the way.
    pub fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Heard> {
        loop {
            self.write(cx);
            match self.codec.decode(&mut self.incoming) {
                Err(error) => return Poll::Ready(Heard::Broken(error.to_string())),
                Ok(Some(frame)) => {
                    let whole = self.messages.frame(frame);
                    if let Some(heard) = self.heard(whole) {
                        return Poll::Ready(heard);
                    }
                    continue;
                }
                Ok(None) => self.incoming.reserve(ROOM),
            }
            match poll_read_buf(Pin::new(&mut self.io), cx, &mut self.incoming) {
                // What cannot leave does not keep us from listening: that tells what is the case.
                Poll::Pending => {
                    return self
                        .broken
                        .clone()
                        .map_or(Poll::Pending, |text| Poll::Ready(Heard::Broken(text)));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Heard::Broken(error.to_string())),
                Poll::Ready(Ok(0)) => return Poll::Ready(Heard::Closed(None)),
                Poll::Ready(Ok(_)) => {}
            }
        }
    }

    /// Writes what can leave now; a pong goes between messages.
    fn write(&mut self, cx: &mut Context<'_>) {
        if self.broken.is_some() {
            return;
        }
        self.answer();
        while let Some(first) = self.outgoing.front_mut() {
            match Pin::new(&mut self.io).poll_write(cx, first) {
                Poll::Pending => return,
                Poll::Ready(Ok(0)) => return self.breaks("nothing more is taken"),
                Poll::Ready(Ok(written)) => first.advance(written),
                Poll::Ready(Err(error)) => return self.breaks(&error.to_string()),
            }
            if first.is_empty() {
                self.outgoing.pop_front();
                self.answer();
            }
        }
        if !self.is_flushed {
            match Pin::new(&mut self.io).poll_flush(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.is_flushed = true,
                Poll::Ready(Err(error)) => self.breaks(&error.to_string()),
            }
        }
    }

    /// Answers the last ping, once what was begun has left.
    fn answer(&mut self) {
        if let Some(pong) = self.pong.take_if(|_| self.outgoing.is_empty()) {
            self.encode(Message::Pong(pong));
        }
    }

    fn encode(&mut self, message: Message) {
        let mut frame = BytesMut::new();
        // Encoding refuses parts out of order alone, and nothing is sent in parts.
        if self.codec.encode(message, &mut frame).is_ok() {
            self.say(frame.freeze());
        }
    }

    fn breaks(&mut self, text: &str) {
        self.broken = Some(text.to_owned());
        self.outgoing.clear();
    }

    fn heard(&mut self, whole: Result<Option<Whole>, Unfit>) -> Option<Heard> {
        match whole {
            Ok(Some(Whole::Text(text))) => Some(Heard::Text(text)),
            Ok(Some(Whole::Ping(bytes))) => {
                self.pong = Some(bytes);
                None
            }
            Ok(Some(Whole::Close(reason))) => {
                Some(Heard::Closed(reason.map(|reason| u16::from(reason.code))))
            }
            Ok(Some(Whole::Pong) | None) => None,
            Err(Unfit::NotText) => {
                Some(Heard::Broken("the upstream sent something else than text".to_owned()))
            }
            Err(Unfit::TooLong) => {
                Some(Heard::Broken("the upstream sent a message that is too long".to_owned()))
            }
        }
    }

    /// Says goodbye, as far as that can be done at once.
    pub fn leave(mut self) {
        self.encode(Message::Close(Some(CloseCode::Normal.into())));
        self.write(&mut Context::from_waker(Waker::noop()));
    }
}
