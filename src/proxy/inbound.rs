//! The body of an upstream's answer: decoded when it must be, counted, and never cut in silence.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::error::PayloadError;
use awc::ClientResponse;
use awc::http::header::HeaderMap;
use awc::http::{Method, Version};
use bytes::{Bytes, BytesMut};
use futures_core::Stream as _;

use super::headers;
use crate::upstream::Reply;
use crate::upstream::send::{body_break, is_close};
use crate::wire::decode::{BodyDecoder, Encoding};

/// The largest growth of one compressed answer; vendors are asked not to compress at all.
const DECODED_LIMIT: usize = 1 << 30;

/// What is said of an answer whose end only the end of its connection would tell. awc takes it for
/// empty, and in HTTP/1.1 nothing tells such an end from a break.
const UNFRAMED: &str = "the answer names neither its length nor chunks, so its end cannot be told from \
     a break: it is not read";

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// By a length, by chunks, or by frames of HTTP/2.
    Told,
    /// By the end of the connection, as HTTP/1.0 does: what is in it has to tell whether it is whole.
    Close,
    /// Not at all.
    Missing,
}

/// A part of an answer.
#[derive(Debug)]
pub enum Piece {
    /// Bytes.
    Bytes(Bytes),
    /// The end that HTTP promised.
    End,
    /// It broke off.
    Broken(String),
}

/// An answer's body.
pub struct Inbound {
    response: ClientResponse,
    decoder: Option<BodyDecoder>,
    is_decoded: bool,
    frame: Frame,
    /// None can come: it was only asked about, or there is none with such a status.
    is_bodiless: bool,
    expected: Option<u64>,
    seen: u64,
    ended: bool,
}

impl Inbound {
    /// Wraps an answer whose head was read.
    #[must_use]
    pub fn new(reply: Reply) -> Self {
        let is_bodiless = !has_body(&reply);
        let frame = frame(&reply, is_bodiless);
        let response = reply.response;
        let header = |name: &str| headers::text(response.headers(), name);
        let expected = header("content-length").and_then(|length| length.parse().ok());
        // An encoding nobody asked for and we do not know passes with its header.
        let decoder = match Encoding::parse(header("content-encoding")) {
            Ok(Encoding::Identity) | Err(_) => None,
            Ok(encoding) => BodyDecoder::new(encoding, DECODED_LIMIT).ok(),
        };
        Self {
            response,
            is_decoded: decoder.is_some(),
            decoder,
            frame,
            is_bodiless,
            expected,
            seen: 0,
            ended: false,
        }
    }

    /// Returns the head.
    #[must_use]
    pub const fn head(&self) -> &ClientResponse {
        &self.response
    }

    /// Returns the headers as they hold for the body that is passed on: of one that is decoded here,
    /// length and encoding are true no more.
    #[must_use]
    pub fn headers(&self) -> Cow<'_, HeaderMap> {
        let headers = self.response.headers();
        if !self.is_decoded {
            return Cow::Borrowed(headers);
        }
        let mut headers = headers.clone();
        headers.remove("content-encoding");
        headers.remove("content-length");
        Cow::Owned(headers)
    }

    /// Returns the length of the whole body as it will be passed on.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        if self.is_decoded { None } else { self.expected }
    }

    /// Tells whether bytes of the promised length are still to come.
    #[must_use]
    pub fn lacks_bytes(&self) -> bool {
        !self.is_bodiless && self.expected.is_some_and(|expected| self.seen < expected)
    }

    /// Tells whether no byte comes: nobody asks for one then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_bodiless || self.expected == Some(0)
    }

    /// Tells whether nothing more comes: it ended, or broke off.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Waits for the next part.
    pub async fn next(&mut self) -> Piece {
        poll_fn(|cx| self.poll_piece(cx)).await
    }

    /// Polls for the next part.
    pub fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        loop {
            let item = ready!(Pin::new(&mut self.response).poll_next(cx));
            if let Some(piece) = self.piece(item) {
                self.ended = !matches!(piece, Piece::Bytes(_));
                return Poll::Ready(piece);
            }
        }
    }

    /// Polls for its end; what comes before is dropped.
    pub fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match ready!(self.poll_piece(cx)) {
                Piece::Bytes(_) => {}
                Piece::End | Piece::Broken(_) => return Poll::Ready(()),
            }
        }
    }

    /// Makes a part of what arrived; `None` when a decoder needs more first.
    fn piece(&mut self, item: Option<Result<Bytes, PayloadError>>) -> Option<Piece> {
        match item {
            Some(Ok(bytes)) => {
                self.seen += bytes.len() as u64;
                match &mut self.decoder {
                    None => Some(Piece::Bytes(bytes)),
                    Some(decoder) => decode(decoder, &bytes),
                }
            }
            Some(Err(error)) if self.frame == Frame::Close && is_close(&error) => {
                Some(self.finish())
            }
            Some(Err(error)) => Some(Piece::Broken(body_break(&error))),
            None if self.frame == Frame::Missing => Some(Piece::Broken(UNFRAMED.to_owned())),
            // Over TLS a polite close in the middle of a body reaches awc as a clean end.
            None if self.lacks_bytes() => Some(Piece::Broken(
                "the upstream closed before the length it had promised".to_owned(),
            )),
            None => Some(self.finish()),
        }
    }

    fn finish(&mut self) -> Piece {
        let Some(mut decoder) = self.decoder.take() else { return Piece::End };
        match decoder.finish() {
            Ok(()) => Piece::End,
            Err(error) => Piece::Broken(format!("the upstream's compressed answer: {error}")),
        }
    }
}

fn has_body(reply: &Reply) -> bool {
    let status = reply.response.status().as_u16();
    reply.method != Method::HEAD && !matches!(status, 100..=199 | 204 | 304)
}

fn frame(reply: &Reply, is_bodiless: bool) -> Frame {
    let response = &reply.response;
    let is_told = ["content-length", "transfer-encoding"]
        .iter()
        .any(|name| response.headers().contains_key(*name));
    match response.version() {
        _ if is_told || is_bodiless => Frame::Told,
        Version::HTTP_10 | Version::HTTP_09 => Frame::Close,
        Version::HTTP_11 => Frame::Missing,
        _ => Frame::Told,
    }
}

fn decode(decoder: &mut BodyDecoder, bytes: &[u8]) -> Option<Piece> {
    let mut out = BytesMut::new();
    match decoder.push(bytes, &mut out) {
        Ok(()) if out.is_empty() => None,
        Ok(()) => Some(Piece::Bytes(out.freeze())),
        Err(error) => Some(Piece::Broken(format!("the upstream's compressed answer: {error}"))),
    }
}
