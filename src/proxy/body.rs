//! The body that a client's connection reads from. It holds the live answer in a place that the
//! stall watchdog can empty, and hands it to the drainer when the client leaves.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::Instant;

use super::line::Line;
use super::live::{Live, Step};

/// A live answer and when its client last took something.
pub struct Slot {
    live: Option<Live>,
    /// Set while bytes were handed out and nothing more was asked for.
    given_at: Option<Instant>,
    client: Line,
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
        let Some(mut live) = self.live.take() else { return false };
        live.client_left(Some("client stopped reading"));
        self.client.cut();
        true
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
    pub fn new(live: Live, length: Option<u64>, client: Line) -> Self {
        live.flight.worker.streams.expect_one();
        let slot = Rc::new(RefCell::new(Slot {
            live: Some(live),
            given_at: None,
            client,
            cut_ahead: false,
        }));
        if let Some(live) = &slot.borrow().live {
            live.flight.worker.streams.watch(Rc::downgrade(&slot));
        }
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
        let Some(live) = &mut slot.live else { return Poll::Ready(Some(Err(Cut))) };
        let step = match live.poll_step(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(step) => step,
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
        let Some(live) = self.slot.borrow_mut().live.take() else { return };
        let worker = Rc::clone(&live.flight.worker);
        worker.drainer.take_over(live);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
