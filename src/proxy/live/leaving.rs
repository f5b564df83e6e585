//! An answer whose client left: it is read on for its usage, or ended as it stands.

use std::sync::Arc;
use std::task::{Context, Poll};

use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};

use super::{Live, Phase};
use crate::proxy::inbound::Piece;
use crate::proxy::settle::End;
use crate::proxy::socket::link::Ended;
use crate::wire::usage::Form;

impl Live {
    /// Polls the upstream for a client that left: usage is read, bytes are dropped. Returns the
    /// number of bytes of a piece, `None` at the end.
    pub fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.phase != Phase::Passing {
            return Poll::Ready(None);
        }
        match self.inbound.poll_piece(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Piece::Bytes(bytes)) => {
                let length = bytes.len();
                let ended = self.passage.read_on(&bytes);
                Poll::Ready((!ended).then_some(length))
            }
            Poll::Ready(Piece::End) => {
                self.passage.read_to_end();
                Poll::Ready(None)
            }
            Poll::Ready(Piece::Broken(_)) => Poll::Ready(None),
        }
    }

    /// Polls an answer whose row is written for its polite end.
    pub fn poll_tail(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.inbound.poll_end(cx)
    }

    /// Tells whether reading on for a client that left can tell its usage.
    #[must_use]
    pub fn drains(&self) -> bool {
        matches!(self.passage.form(), Some(Form::Sse | Form::GeminiArray))
            && !self.passage.has_ended()
    }

    /// Tells whether the upstream may still say goodbye.
    #[must_use]
    pub fn has_tail(&self) -> bool {
        self.phase == Phase::Tail
    }

    /// Notes who ended it: a turn of a socket may be over while its client is there.
    pub fn note_who_ended(&mut self) {
        self.ended = self.flight.link.as_ref().and_then(|link| link.take_end());
    }

    /// The client left. After the protocol's end that is a success; before it, it is not.
    pub fn client_left(&mut self, note: Option<&'static str>) {
        if self.is_settled() {
            return;
        }
        self.flight.notes.extend(note.map(Arc::from));
        let lacks_bytes = self.inbound.lacks_bytes();
        let end = if self.passage.all_handed() && self.passage.everything_came(lacks_bytes) {
            self.success()
        } else {
            let end = match self.ended.take() {
                Some(Ended { status, text }) => {
                    End::of(RowOutcome::Truncated, status, TryOutcome::CutShort).because(text)
                }
                None => End::client_gone(),
            };
            self.end_with_usage(end)
        };
        self.passage.clear();
        self.settle(end);
        self.phase = Phase::Done;
    }
}
