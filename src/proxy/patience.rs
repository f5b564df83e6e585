//! The clock of an answer that is waited for. It runs only while we wait for the upstream: a client
//! that takes its time costs the upstream none.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

/// One wait after another, with one timer.
#[derive(Debug, Default)]
pub struct Patience {
    timer: Option<Pin<Box<Sleep>>>,
    since: Option<Instant>,
}

impl Patience {
    /// Something arrived: the next wait begins anew.
    pub const fn renew(&mut self) {
        self.since = None;
    }

    /// Waits on; ready when the wait is over its limit, which is told by when it began.
    pub fn poll(&mut self, cx: &mut Context<'_>, limit: impl Fn(Instant) -> Instant) -> Poll<()> {
        let limit = limit(*self.since.get_or_insert_with(Instant::now));
        if limit <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        // A timer that rings early is set anew; one that would ring late is brought forward.
        if timer.deadline() > limit || timer.is_elapsed() {
            timer.as_mut().reset(limit);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if limit <= Instant::now() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(limit);
        }
        Poll::Pending
    }
}
