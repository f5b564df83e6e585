//! A client's connection as the relay knows it: when it last took bytes, and a way to cut it. The
//! HTTP dispatcher holds back what a client does not read and asks the body for nothing meanwhile,
//! so a body alone can see neither.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use tokio::time::Instant;

/// A handle on a connection; all copies speak of the same one.
#[derive(Clone, Debug, Default)]
pub struct Line(Rc<State>);

#[derive(Debug, Default)]
struct State {
    took_at: Cell<Option<Instant>>,
    is_blocked: Cell<bool>,
    cut: Cell<bool>,
    blocked: RefCell<Option<Waker>>,
}

impl Line {
    /// Notes that the system took bytes for the client.
    pub fn note_taken(&self) {
        self.0.took_at.set(Some(Instant::now()));
        self.0.is_blocked.set(false);
    }

    /// Notes who waits for the client to take more.
    pub fn note_blocked(&self, waker: &Waker) {
        self.0.is_blocked.set(true);
        let mut blocked = self.0.blocked.borrow_mut();
        if !blocked.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *blocked = Some(waker.clone());
        }
    }

    /// Returns when the system last took bytes for the client. It takes them into buffers of its
    /// own, in large pieces: a reader of a few bytes a second looks like none for a long time.
    #[must_use]
    pub fn took_at(&self) -> Option<Instant> {
        self.0.took_at.get()
    }

    /// Tells whether bytes wait that the system did not take at the last try.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.0.is_blocked.get()
    }

    /// Cuts the connection: whoever waits for it is woken and finds it broken.
    pub fn cut(&self) {
        self.0.cut.set(true);
        if let Some(waker) = self.0.blocked.take() {
            waker.wake();
        }
    }

    /// Tells whether it was cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.0.cut.get()
    }
}
