//! The body of an upstream's answer: decoded when it must be, counted, and never cut in silence.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::error::PayloadError;
use awc::ClientResponse;
use awc::http::header::HeaderMap;
use bytes::{Bytes, BytesMut};
use futures_core::Stream as _;

use super::headers;
use crate::upstream::send::body_break;
use crate::wire::decode::{BodyDecoder, Encoding};

/// The largest growth of one compressed answer; vendors are asked not to compress at all.
const DECODED_LIMIT: usize = 1 << 30;

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
    expected: Option<u64>,
    seen: u64,
}

impl Inbound {
    /// Wraps an answer whose head was read.
    #[must_use]
    pub fn new(response: ClientResponse) -> Self {
        let header = |name: &str| headers::text(response.headers(), name);
        let expected = header("content-length").and_then(|length| length.parse().ok());
        // An encoding nobody asked for and we do not know passes with its header.
        let decoder = match Encoding::parse(header("content-encoding")) {
            Ok(Encoding::Identity) | Err(_) => None,
            Ok(encoding) => BodyDecoder::new(encoding, DECODED_LIMIT).ok(),
        };
        Self { response, is_decoded: decoder.is_some(), decoder, expected, seen: 0 }
    }

    /// Returns the head.
    #[must_use]
    pub const fn head(&self) -> &ClientResponse {
        &self.response
    }

    /// Returns the headers as they hold for the body that is passed on: of one that is decoded here,
    /// length and encoding are true no more.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let mut headers = self.response.headers().clone();
        if self.is_decoded {
            headers.remove("content-encoding");
            headers.remove("content-length");
        }
        headers
    }

    /// Returns the length of the whole body as it will be passed on.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        if self.is_decoded { None } else { self.expected }
    }

    /// Tells whether bytes of the promised length are still to come.
    #[must_use]
    pub fn lacks_bytes(&self) -> bool {
        self.expected.is_some_and(|expected| self.seen < expected)
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
                return Poll::Ready(piece);
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
            Some(Err(error)) => Some(Piece::Broken(body_break(&error))),
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

fn decode(decoder: &mut BodyDecoder, bytes: &[u8]) -> Option<Piece> {
    let mut out = BytesMut::new();
    match decoder.push(bytes, &mut out) {
        Ok(()) if out.is_empty() => None,
        Ok(()) => Some(Piece::Bytes(out.freeze())),
        Err(error) => Some(Piece::Broken(format!("the upstream's compressed answer: {error}"))),
    }
}
