//! An answer whose client left: it is read on for its usage, or ended as it stands.

use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::{Live, Phase};
use crate::proxy::inbound::Piece;
use crate::proxy::settle::End;
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
                self.finish_passed = false;
                let ended = self.tap.as_mut().is_some_and(|tap| tap.push(&bytes).ended);
                Poll::Ready((!ended || !self.end_is_known()).then_some(length))
            }
            Poll::Ready(Piece::End) => {
                // Nothing followed: what the client had was the whole.
                if self.finish_passed {
                    self.terminal_at = Some(Instant::now());
                }
                Poll::Ready(None)
            }
            Poll::Ready(Piece::Broken(_)) => Poll::Ready(None),
        }
    }

    /// Polls an answer whose row is written for its polite end; `true` when it has come.
    pub fn poll_tail(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.inbound.poll_piece(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Piece::Bytes(_)) => {}
                Poll::Ready(Piece::End | Piece::Broken(_)) => return Poll::Ready(()),
            }
        }
    }

    /// Tells whether reading on for a client that left can tell its usage.
    #[must_use]
    pub fn drains(&self) -> bool {
        matches!(self.form, Some(Form::Sse | Form::GeminiArray)) && self.terminal_at.is_none()
    }

    /// Tells whether the upstream may still say goodbye.
    #[must_use]
    pub fn has_tail(&self) -> bool {
        self.phase == Phase::Tail
    }

    /// The client left. After the protocol's end that is a success; before it, it is not.
    pub fn client_left(&mut self, note: Option<&'static str>) {
        if self.is_settled() {
            return;
        }
        self.flight.notes.extend(note.map(Arc::from));
        let had_it_all = self.ready.is_empty() && self.kept_back.is_none();
        let end = if had_it_all && self.everything_came() {
            self.success()
        } else {
            self.end_with_usage(End::client_gone())
        };
        self.ready.clear();
        self.settle(end);
        self.phase = Phase::Done;
    }
}
