//! What waits for a client on its socket, in bounded memory, and the body that its connection reads.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_http::ws::{CloseCode, CloseReason, Codec, Message};
use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::task::JoinHandle;
use bytes::{Bytes, BytesMut};
use tokio::time::Instant;
use tokio_util::codec::Encoder as _;

use crate::proxy::admission::HeldBytes;

/// The largest piece that the connection is handed at once: it copies what it is handed.
const PIECE: usize = 64 << 10;

/// The outgoing side of a socket; all copies speak of the same one.
#[derive(Clone)]
pub struct Outbox(Rc<RefCell<State>>);

struct State {
    /// What is not counted: every stream holds a little.
    free: usize,
    /// What waits beyond that, in the memory for bodies.
    held: HeldBytes,
    codec: Codec,
    waiting: VecDeque<Bytes>,
    /// What is being handed over: no other message comes in between.
    present: Bytes,
    /// The answer to the last ping, which stands for all before it (RFC 6455, 5.5.3).
    pong: Option<Bytes>,
    bytes: usize,
    ended: bool,
    /// Since when something waits, or when a piece of it was taken last.
    since: Option<Instant>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Outbox {
    /// Makes one that counts what waits beyond `free` bytes.
    #[must_use]
    pub fn new(free: usize, held: HeldBytes) -> Self {
        Self(Rc::new(RefCell::new(State {
            free,
            held,
            codec: Codec::new(),
            waiting: VecDeque::new(),
            present: Bytes::new(),
            pong: None,
            bytes: 0,
            ended: false,
            since: None,
            reader: None,
            writer: None,
        })))
    }

    /// Counts what waits; `false` when there is no room for it.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.0.borrow_mut().count()
    }

    /// Forgets what waits, but for the rest of a message that is on its way.
    pub fn forget(&self) {
        let mut state = self.0.borrow_mut();
        state.waiting.clear();
        state.bytes = state.present.len();
        state.taken();
    }

    /// Adds a text.
    pub fn text(&self, text: &Bytes) {
        // What is cut out of an event stream may be anything; a text has to be UTF-8.
        let lossy = || String::from_utf8_lossy(text).into_owned().into();
        self.push(Message::Text(text.clone().try_into().unwrap_or_else(|_| lossy())));
    }

    /// Adds a ping.
    pub fn ping(&self) {
        self.push(Message::Ping(Bytes::new()));
    }

    /// Adds the answer to a ping; it takes the place of one that still waits.
    pub fn pong(&self, bytes: Bytes) {
        let mut state = self.0.borrow_mut();
        if let Some(pong) = state.encoded(Message::Pong(bytes)) {
            state.pong = Some(pong);
            state.has_more();
        }
    }

    /// Says goodbye.
    pub fn close(&self, code: u16, reason: &str) {
        let description = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        self.push(Message::Close(Some(CloseReason { code: CloseCode::from(code), description })));
    }

    /// Nothing more comes: the connection ends when everything is taken.
    pub fn end(&self) {
        let mut state = self.0.borrow_mut();
        state.ended = true;
        wake(&mut state.reader);
    }

    /// Becomes ready when less than `limit` bytes wait.
    pub fn poll_room(&self, limit: usize, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.0.borrow_mut();
        if state.bytes < limit {
            return Poll::Ready(());
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Returns since when the connection has taken nothing of what waits.
    #[must_use]
    pub fn stuck_since(&self) -> Option<Instant> {
        self.0.borrow().since
    }

    fn push(&self, message: Message) {
        let mut state = self.0.borrow_mut();
        if let Some(bytes) = state.encoded(message) {
            state.bytes += bytes.len();
            state.waiting.push_back(bytes);
            state.has_more();
        }
    }

    fn poll_piece(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.0.borrow_mut();
        if state.present.is_empty() {
            if let Some(pong) = state.pong.take() {
                state.taken();
                return Poll::Ready(Some(pong));
            }
            let Some(next) = state.waiting.pop_front() else {
                if state.ended {
                    return Poll::Ready(None);
                }
                state.reader = Some(cx.waker().clone());
                return Poll::Pending;
            };
            state.present = next;
        }
        let length = PIECE.min(state.present.len());
        let piece = state.present.split_to(length);
        state.bytes -= length;
        state.taken();
        Poll::Ready(Some(piece))
    }
}

impl State {
    /// Encoding refuses parts out of order alone, and nothing is sent in parts.
    fn encoded(&mut self, message: Message) -> Option<Bytes> {
        let mut bytes = BytesMut::new();
        self.codec.encode(message, &mut bytes).ok()?;
        Some(bytes.freeze()).filter(|bytes| !bytes.is_empty())
    }

    fn has_more(&mut self) {
        self.since.get_or_insert_with(Instant::now);
        wake(&mut self.reader);
    }

    fn count(&mut self) -> bool {
        self.held.set(self.bytes.saturating_sub(self.free))
    }

    fn taken(&mut self) {
        self.held.shrink(self.bytes.saturating_sub(self.free));
        let is_over = self.bytes == 0 && self.pong.is_none();
        self.since = (!is_over).then(Instant::now);
        wake(&mut self.writer);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// The body of the answer that opened a socket: the socket lives as long as its connection reads it.
pub struct SocketBody {
    outbox: Outbox,
    session: JoinHandle<()>,
}

impl SocketBody {
    /// Ties a socket's session to its connection.
    #[must_use]
    pub const fn new(outbox: Outbox, session: JoinHandle<()>) -> Self {
        Self { outbox, session }
    }
}

impl MessageBody for SocketBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.outbox.poll_piece(cx).map(|piece| piece.map(Ok))
    }
}

impl Drop for SocketBody {
    /// The connection is gone: so is whatever was done for it.
    fn drop(&mut self) {
        self.session.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::proxy::admission::Door;

    fn outbox() -> Outbox {
        Outbox::new(PIECE, Door::new(1, 1 << 20).hold())
    }

    #[test]
    fn what_waits_beyond_a_little_is_counted_and_given_back_as_it_is_taken() {
        let door = Door::new(1, 100_000);
        let (outbox, cx) = (Outbox::new(PIECE, door.hold()), Context::from_waker(Waker::noop()));
        outbox.text(&Bytes::from(vec![b'x'; PIECE]));
        assert!(outbox.is_counted());
        assert_eq!(door.held_bytes(), 10);
        outbox.text(&Bytes::from(vec![b'x'; 50_000]));
        assert!(outbox.is_counted());
        assert_eq!(door.held_bytes(), 50_014);
        outbox.text(&Bytes::from(vec![b'x'; 60_000]));
        assert!(!outbox.is_counted());
        assert!(matches!(outbox.poll_piece(&cx), Poll::Ready(Some(_))));
        outbox.forget();
        assert!(outbox.is_counted());
        assert_eq!(door.held_bytes(), 0);
        let Poll::Ready(Some(rest)) = outbox.poll_piece(&cx) else { panic!("half a message") };
        assert_eq!(rest.len(), 10, "what was begun is ended");
        assert!(outbox.poll_piece(&cx).is_pending());
    }

    #[test]
    fn large_messages_are_handed_over_in_pieces_and_room_is_told() {
        let (outbox, cx) = (outbox(), Context::from_waker(Waker::noop()));
        assert!(outbox.poll_piece(&cx).is_pending());
        outbox.text(&Bytes::from(vec![b'x'; PIECE]));
        assert!(outbox.stuck_since().is_some());
        assert!(outbox.poll_room(PIECE, &cx).is_pending());
        let mut lengths = Vec::new();
        while let Poll::Ready(Some(piece)) = outbox.poll_piece(&cx) {
            lengths.push(piece.len());
        }
        assert_eq!(lengths, [PIECE, 10], "a header of ten bytes and the text");
        assert!(outbox.poll_room(PIECE, &cx).is_ready());
        assert_eq!(outbox.stuck_since(), None);
        outbox.end();
        assert!(matches!(outbox.poll_piece(&cx), Poll::Ready(None)));
    }

    #[test]
    fn one_pong_waits_at_most_and_comes_between_messages() {
        let (outbox, cx) = (outbox(), Context::from_waker(Waker::noop()));
        outbox.text(&Bytes::from(vec![b'x'; PIECE]));
        assert!(matches!(outbox.poll_piece(&cx), Poll::Ready(Some(_))));
        for number in 0..1_000_u16 {
            outbox.pong(Bytes::from(number.to_string()));
        }
        let mut pieces = Vec::new();
        while let Poll::Ready(Some(piece)) = outbox.poll_piece(&cx) {
            pieces.push(piece);
        }
        assert_eq!(pieces[0].len(), 10, "the rest of the text");
        assert_eq!(pieces[1..], [Bytes::from_static(b"\x8a\x03999")]);
        assert_eq!(outbox.stuck_since(), None);
    }

    #[test]
    fn a_goodbye_carries_its_code() {
        let (outbox, cx) = (outbox(), Context::from_waker(Waker::noop()));
        outbox.close(1008, "no");
        let Poll::Ready(Some(piece)) = outbox.poll_piece(&cx) else { panic!("nothing is sent") };
        assert_eq!(piece.as_ref(), [0x88, 4, 0x03, 0xf0, b'n', b'o']);
    }
}
