//! A request body as segments that are shared with later attempts, and the moment it was sent.

use std::cell::Cell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::Instant;

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

impl MessageBody for Outgoing {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let next = self.segments.pop_front();
        self.left -= next.as_ref().map_or(0, |segment| segment.len() as u64);
        if self.left == 0 {
            self.sent.0.set(Some(Instant::now()));
        }
        Poll::Ready(next.map(Ok))
    }
}
