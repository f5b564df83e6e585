//! A client's connection as the relay knows it: when it last took bytes, whether an answer of it is under
//! way, since when its next head is coming, and a way to end it. The HTTP dispatcher holds back what
//! a client does not read and asks the body for nothing meanwhile, so a body alone can see nothing
//! of this; and it has a clock for the first head of a connection only.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

/// A handle on a connection; all copies speak of the same one.
#[derive(Clone, Debug, Default)]
pub struct Line(Rc<State>);

/// A handle that keeps nothing alive.
#[derive(Clone, Debug)]
pub struct WeakLine(Weak<State>);

#[derive(Debug, Default)]
struct State {
    took_at: Cell<Option<Instant>>,
    blocked_since: Cell<Option<Instant>>,
    cut: Cell<bool>,
    blocked: RefCell<Option<Waker>>,
    answers: Cell<u32>,
    /// Since when no answer is under way; unset before the first one.
    resting_since: Cell<Option<Instant>>,
    head_since: Cell<Option<Instant>>,
    ended: Cell<Option<Overdue>>,
    reader: RefCell<Option<Waker>>,
}

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub struct LineLimits {
    /// From a head's first byte to its last.
    pub head: Duration,
    /// From an answer's end to the next head's first byte.
    pub rest: Duration,
    /// Without taking any of the bytes that wait for it.
    pub stall: Duration,
}

/// What a connection took too long for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// A head that was begun.
    Head,
    /// The next request.
    Rest,
    /// Reading.
    Stall,
}

/// An answer that is under way, from its request's head on; dropping it ends it.
#[derive(Debug)]
pub struct Answering(Line);

impl Line {
    /// Notes that the system took bytes for the client.
    pub fn note_taken(&self) {
        self.0.took_at.set(Some(Instant::now()));
        self.0.blocked_since.set(None);
    }

    /// Notes who waits for the client to take more.
    pub fn note_blocked(&self, waker: &Waker) {
        if self.0.blocked_since.get().is_none() {
            self.0.blocked_since.set(Some(Instant::now()));
        }
        keep(&self.0.blocked, waker);
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
        self.0.blocked_since.get().is_some()
    }

    /// Notes that bytes of the client came. Without an answer under way, a head has begun.
    pub fn note_read(&self) {
        let state = &self.0;
        if state.answers.get() == 0 && state.head_since.get().is_none() {
            state.head_since.set(Some(Instant::now()));
        }
    }

    /// Notes who waits for bytes of the client.
    pub fn note_reading(&self, waker: &Waker) {
        keep(&self.0.reader, waker);
    }

    /// Notes that a head is complete: its answer is under way until what is returned is dropped.
    #[must_use]
    pub fn answer(&self) -> Answering {
        self.0.answers.set(self.0.answers.get() + 1);
        self.0.head_since.set(None);
        Answering(self.clone())
    }

    /// Tells what the connection has taken too long for. What comes before the end of its first
    /// answer has clocks elsewhere: the dispatcher's for the head, the reader's for the body.
    #[must_use]
    pub fn overdue(&self, now: Instant, limits: &LineLimits) -> Option<Overdue> {
        let state = &self.0;
        let over = |since: Option<Instant>, limit| since.is_some_and(|at| now - at > limit);
        if over(state.blocked_since.get(), limits.stall) {
            return Some(Overdue::Stall);
        }
        // What is still to be read by the client goes by that limit alone.
        if self.is_blocked() {
            return None;
        }
        let resting_since = state.resting_since.get();
        if state.answers.get() > 0 || resting_since.is_none() {
            return None;
        }
        if over(state.head_since.get(), limits.head) {
            return Some(Overdue::Head);
        }
        over(resting_since, limits.rest).then_some(Overdue::Rest)
    }

    /// Ends the connection: its reader finds the end of what the client sends. One that does not
    /// read, or was ended before, is cut.
    pub fn end(&self, why: Overdue) {
        if self.is_blocked() || self.0.ended.replace(Some(why)).is_some() {
            self.cut();
        }
        wake(&self.0.reader);
    }

    /// Tells whether it was ended, and for what.
    #[must_use]
    pub fn ended(&self) -> Option<Overdue> {
        self.0.ended.get()
    }

    /// Cuts the connection: whoever waits for it is woken and finds it broken.
    pub fn cut(&self) {
        self.0.cut.set(true);
        wake(&self.0.blocked);
    }

    /// Tells whether it was cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.0.cut.get()
    }

    /// Returns a handle that does not keep it.
    #[must_use]
    pub fn downgrade(&self) -> WeakLine {
        WeakLine(Rc::downgrade(&self.0))
    }
}

impl WeakLine {
    /// Returns the connection if it is still there.
    #[must_use]
    pub fn upgrade(&self) -> Option<Line> {
        self.0.upgrade().map(Line)
    }

    /// Tells whether it is gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let state = &self.0.0;
        state.answers.set(state.answers.get().saturating_sub(1));
        state.resting_since.set(Some(Instant::now()));
    }
}

fn keep(place: &RefCell<Option<Waker>>, waker: &Waker) {
    let mut kept = place.borrow_mut();
    if !kept.as_ref().is_some_and(|known| known.will_wake(waker)) {
        *kept = Some(waker.clone());
    }
}

fn wake(place: &RefCell<Option<Waker>>) {
    let waker = place.borrow_mut().take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LineLimits = LineLimits {
        head: Duration::from_secs(10),
        rest: Duration::from_secs(80),
        stall: Duration::from_mins(10),
    };

    fn after(line: &Line, seconds: u64) -> Option<Overdue> {
        line.overdue(Instant::now() + Duration::from_secs(seconds), &LIMITS)
    }

    #[tokio::test]
    async fn a_connection_is_measured_between_its_answers_alone() {
        let line = Line::default();
        line.note_read();
        assert_eq!(after(&line, 999), None, "the first head has a clock elsewhere");
        let first = line.answer();
        line.note_read();
        assert_eq!(after(&line, 999), None, "an upload or a long answer");
        drop(first);
        assert_eq!((after(&line, 79), after(&line, 81)), (None, Some(Overdue::Rest)));
        line.note_read();
        assert_eq!((after(&line, 9), after(&line, 11)), (None, Some(Overdue::Head)));
        let second = line.answer();
        assert_eq!(after(&line, 999), None);
        drop(second);
        assert_eq!(after(&line, 11), None, "the head that came is forgotten");
    }

    #[tokio::test]
    async fn who_reads_nothing_is_cut_and_who_goes_on_sending_after_the_end_too() {
        let line = Line::default();
        line.note_blocked(Waker::noop());
        assert_eq!((after(&line, 599), after(&line, 601)), (None, Some(Overdue::Stall)));
        line.end(Overdue::Stall);
        assert!(line.is_cut());
        let polite = Line::default();
        polite.end(Overdue::Head);
        assert_eq!((polite.ended(), polite.is_cut()), (Some(Overdue::Head), false));
        polite.end(Overdue::Head);
        assert!(polite.is_cut());
    }
}
