//! The body that a client's connection reads from. It holds the answer, a live one or all of it, in a
//! place that the stall watchdog can empty, and hands a live one to the drainer when the client leaves.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::Instant;

use super::admission::Place;
use super::line::Line;
use super::live::{Live, Step};
use super::stall::Streams;

/// So much of a whole answer is given to the connection at once, in bytes: it copies what it is given.
pub const PIECE: usize = 64 << 10;

/// What is left of an answer that is all here, and the place of its request.
pub struct Whole {
    left: Bytes,
    _place: Option<Place>,
}

impl Whole {
    /// Makes an answer of bytes; they, and the place, are kept until the last of them is taken.
    #[must_use]
    pub const fn new(bytes: Bytes, place: Option<Place>) -> Self {
        Self { left: bytes, _place: place }
    }

    fn next(&mut self) -> Step {
        if self.left.is_empty() {
            return Step::End;
        }
        Step::Bytes(self.left.split_to(PIECE.min(self.left.len())))
    }
}

/// Where a client's answer comes from.
enum Answer {
    /// It has kilobytes, and is handed from place to place.
    Live(Box<Live>),
    Whole(Whole),
}

/// An answer and when its client last took something.
pub struct Slot {
    answer: Option<Answer>,
    /// Set while bytes were handed out and nothing more was asked for.
    given_at: Option<Instant>,
    client: Line,
    /// Who waits for the next piece.
    waiting: Option<Waker>,
    /// The dispatcher had its turn to send what it holds before it hears of the cut.
    cut_ahead: bool,
}

/// The slot as the watchdog knows it.
pub type WeakSlot = Weak<RefCell<Slot>>;

impl Slot {
    /// Ends an answer whose client took nothing since before `limit`, and cuts its connection: it
    /// would stay open for as long as the client does not read. Returns whether it did.
    pub fn end_if_stalled(&mut self, limit: Instant) -> bool {
        if !is_stalled(self.given_at, self.client.took_at(), limit) {
            return false;
        }
        match self.answer.take() {
            None => return false,
            Some(Answer::Live(mut live)) => live.client_left(Some("client stopped reading")),
            // Its row is written.
            Some(Answer::Whole(_)) => {}
        }
        self.client.cut();
        true
    }
}

impl Slot {
    /// Ends a live answer, whose client is told so in what it gets next.
    pub fn cut(&mut self) {
        if let Some(Answer::Live(live)) = &mut self.answer {
            live.cut_by_stop();
        }
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }
}

/// Tells whether bytes wait for a client since before `limit`, and none was taken since then.
fn is_stalled(given_at: Option<Instant>, took_at: Option<Instant>, limit: Instant) -> bool {
    given_at.is_some_and(|given| given < limit) && took_at.is_none_or(|took| took < limit)
}

/// The connection's way was cut short: the answer is not complete.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
pub struct Cut;

/// The body of a relayed answer.
pub struct RelayBody {
    slot: Rc<RefCell<Slot>>,
    length: Option<u64>,
}

impl RelayBody {
    /// Makes the body of a live answer; `length` is set when it is known and will not change.
    #[must_use]
    pub fn new(mut live: Live, length: Option<u64>, client: Line) -> Self {
        if live.flight.worker.curfew.has_rung() {
            live.cut_by_stop();
        }
        let streams = live.flight.worker.streams.clone();
        Self::watched(Answer::Live(Box::new(live)), length, &streams, client)
    }

    /// Makes the body of an answer that is all here.
    #[must_use]
    pub fn whole(whole: Whole, streams: &Streams, client: Line) -> Self {
        let length = Some(whole.left.len() as u64);
        Self::watched(Answer::Whole(whole), length, streams, client)
    }

    fn watched(answer: Answer, length: Option<u64>, streams: &Streams, client: Line) -> Self {
        streams.expect_one();
        let answer = Some(answer);
        let slot = Slot { answer, given_at: None, client, waiting: None, cut_ahead: false };
        let slot = Rc::new(RefCell::new(slot));
        streams.watch(Rc::downgrade(&slot));
        Self { slot, length }
    }
}

impl MessageBody for RelayBody {
    type Error = Cut;

    fn size(&self) -> BodySize {
        self.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let mut slot = self.slot.borrow_mut();
        slot.given_at = None;
        let step = match &mut slot.answer {
            None => return Poll::Ready(Some(Err(Cut))),
            Some(Answer::Whole(whole)) => whole.next(),
            Some(Answer::Live(live)) => match live.poll_step(cx) {
                Poll::Pending => {
                    slot.waiting.get_or_insert_with(|| cx.waker().clone()).clone_from(cx.waker());
                    return Poll::Pending;
                }
                Poll::Ready(step) => step,
            },
        };
        if matches!(step, Step::Cut) && !std::mem::replace(&mut slot.cut_ahead, true) {
            // An error of the body drops what the dispatcher has not sent, the head included.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        slot.given_at = Some(Instant::now());
        Poll::Ready(match step {
            Step::Bytes(bytes) => Some(Ok(bytes)),
            Step::End => None,
            Step::Cut => Some(Err(Cut)),
        })
    }
}

impl Drop for RelayBody {
    fn drop(&mut self) {
        let Some(Answer::Live(live)) = self.slot.borrow_mut().answer.take() else { return };
        let worker = Rc::clone(&live.flight.worker);
        worker.drainer.take_over(live);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::proxy::admission::Door;

    #[test]
    fn a_whole_answer_gives_its_place_and_its_bytes_back_with_the_last_piece() {
        let door = Door::new(1, 1 << 20);
        let mut held = door.hold();
        assert!(held.grow(PIECE + 2));
        let bytes = held.around(Bytes::from(vec![b'x'; PIECE + 2]));
        let mut whole = Whole::new(bytes, door.enter());
        for length in [PIECE, 2] {
            assert_eq!((door.inside(), door.held_bytes()), (1, PIECE as u64 + 2));
            assert!(matches!(whole.next(), Step::Bytes(bytes) if bytes.len() == length));
        }
        assert!(matches!(whole.next(), Step::End));
        assert_eq!(door.held_bytes(), 0);
        drop(whole);
        assert_eq!(door.inside(), 0);
    }

    #[test]
    fn a_client_that_takes_bytes_of_a_long_piece_is_not_stalled() {
        let limit = Instant::now();
        let before = Some(limit - Duration::from_secs(1));
        let after = Some(limit + Duration::from_secs(1));
        assert!(is_stalled(before, before, limit) && is_stalled(before, None, limit));
        assert!(!is_stalled(before, after, limit));
        assert!(!is_stalled(None, before, limit), "nothing waits for it");
    }
}
