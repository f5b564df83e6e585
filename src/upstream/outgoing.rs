//! A request body as segments that are shared with later attempts, and the moment it was sent.
//!
//! awc copies each piece it is handed into its write buffer and asks for the next one when less than
//! 8 KiB of that are left: pieces, not whole bodies, are what keeps its copy small and its back
//! pressure working.

use std::cell::Cell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::Instant;

/// The largest piece handed over at once.
const PIECE: usize = 64 << 10;

/// When the last byte of a body was handed to the connection; shared with the first-byte clock.
#[derive(Clone, Debug, Default)]
pub struct SentAt(Rc<Cell<Option<Instant>>>);

impl SentAt {
    /// Returns the moment, `None` while the body is on its way.
    #[must_use]
    pub fn get(&self) -> Option<Instant> {
        self.0.get()
    }
}

/// A body on its way out. Cloning segments copies no bytes.
#[derive(Debug)]
pub struct Outgoing {
    segments: VecDeque<Bytes>,
    left: u64,
    sent: SentAt,
}

impl Outgoing {
    /// Makes a body of segments that are sent one after another.
    #[must_use]
    pub fn new(segments: &[Bytes], sent: SentAt) -> Self {
        let left = segments.iter().map(|segment| segment.len() as u64).sum();
        if left == 0 {
            sent.0.set(Some(Instant::now()));
        }
        Self { segments: segments.iter().filter(|s| !s.is_empty()).cloned().collect(), left, sent }
    }
}

impl Outgoing {
    /// Takes the next piece off the first segment, without copying.
    fn next_piece(&mut self) -> Option<Bytes> {
        let first = self.segments.front_mut()?;
        if first.len() > PIECE { Some(first.split_to(PIECE)) } else { self.segments.pop_front() }
    }
}

impl MessageBody for Outgoing {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let next = self.next_piece();
        // The end is asked for when all but a few KiB are in the kernel's hands.
        if next.is_none() && self.sent.get().is_none() {
            self.sent.0.set(Some(Instant::now()));
        }
        self.left -= next.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(next.map(Ok))
    }
}
