//! A provider's answer over a socket, as the answer that HTTP would have been.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_http::error::PayloadError;
use actix_http::{BoxedPayloadStream, Payload};
use awc::ClientResponse;
use awc::http::header::{HeaderName, HeaderValue};
use awc::http::{Method, StatusCode};
use awc::test::TestResponse;
use bytes::Bytes;
use futures_core::Stream;
use switchyard_actors::domain::provider::Provider;
use tokio::time::Instant;

use super::exchange::{Begun, Exchange, closed};
use super::link::{Kept, Link};
use super::session::code::TOO_BIG;
use crate::upstream::Reply;
use crate::upstream::socket::{Heard, Socket};
use crate::wire::responses::socket::say;

impl Exchange {
    /// Makes the answer that HTTP would have been: a stream of events, or a refusal.
    pub fn reply(&self, begun: Begun) -> Reply {
        let Begun { events, socket, sent_at, as_written } = begun;
        if let Some(refusal) = events.last().and_then(|event| say::refusal(event)) {
            socket.leave();
            return of(refused(refusal), sent_at);
        }
        let events: BoxedPayloadStream = Box::pin(Events {
            first: events.into(),
            socket: Some(socket),
            link: Rc::clone(&self.link),
            turn: self.turn,
            provider: Arc::clone(&self.provider),
            url: self.url.clone(),
            as_written,
        });
        let head = TestResponse::with_header(("content-type", "text/event-stream"))
            .insert_header(("transfer-encoding", "chunked"));
        of(head.finish().map_body(|_, _| Payload::Stream { payload: events }), sent_at)
    }
}

const fn of(response: ClientResponse, sent_at: Instant) -> Reply {
    Reply { response, method: Method::POST, sent_at }
}

/// Makes the answer of a refusal. awc has no other way to make one that it did not receive itself.
fn refused(refusal: say::Refusal) -> ClientResponse {
    let say::Refusal { status, headers, body } = refusal;
    let length = HeaderValue::from(body.len());
    TestResponse::default().set_payload(body).finish().map_body(|head, payload| {
        head.status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
                head.headers.append(name, value);
            }
        }
        // What is said of another body does not hold for this one.
        for name in ["content-encoding", "transfer-encoding"] {
            head.headers.remove(name);
        }
        head.headers.insert(HeaderName::from_static("content-length"), length);
        let json = HeaderValue::from_static("application/json");
        head.headers.insert(HeaderName::from_static("content-type"), json);
        payload
    })
}

/// The events of one answer; at its good end the socket goes back to its client's link.
struct Events {
    first: VecDeque<Bytes>,
    socket: Option<Socket>,
    link: Rc<Link>,
    turn: u64,
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
                // What was changed on its way is not what the client goes on from.
                let remembers = kind.completed.filter(|_| self.as_written);
                self.link.keep(self.turn, Kept { provider, url, socket, remembers });
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
        if let Some(first) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(self.pass(&first))));
        }
        let Some(socket) = &mut self.socket else { return Poll::Ready(None) };
        Poll::Ready(Some(match ready!(socket.poll_heard(cx)) {
            Heard::Text(message) => Ok(self.pass(&message)),
            Heard::Closed(code) => {
                if code == Some(TOO_BIG) {
                    self.link.close_with(self.turn, TOO_BIG);
                }
                Err(self.broke(closed(code)))
            }
            Heard::Broken(text) => Err(self.broke(text)),
        }))
    }
}
