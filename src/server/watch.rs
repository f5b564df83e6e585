//! Watches the connections of a worker between their answers. The dispatcher has a clock for the first
//! head of a connection and one for silence; a head that begins later stops the second and starts
//! none, and what is left of a refused upload has none either.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::proxy::line::{Line, LineLimits, Overdue, WeakLine};

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The connections of one worker.
#[derive(Clone, Debug, Default)]
pub struct Lines(Rc<State>);

#[derive(Debug, Default)]
struct State {
    open: RefCell<Vec<WeakLine>>,
    /// Connections that sent what is no HTTP since the last look.
    unreadable: Cell<usize>,
}

impl Lines {
    /// Adds a connection. Entries of those that are gone are forgotten when the list would grow.
    pub fn add(&self, line: &Line) {
        let mut list = self.0.open.borrow_mut();
        if list.len() == list.capacity() {
            list.retain(|line| !line.is_gone());
        }
        list.push(line.downgrade());
    }

    /// Notes that a connection was ended for what it sent.
    pub fn note_unreadable(&self) {
        self.0.unreadable.set(self.0.unreadable.get() + 1);
    }

    /// Ends connections that take too long, until the worker ends.
    pub async fn watch(self, limits: LineLimits) {
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let late = self.end_overdue(&limits);
            // One line of each sort a look at most: strangers decide how many there are.
            let unreadable = self.0.unreadable.take();
            if unreadable > 0 {
                tracing::info!(
                    connections = unreadable,
                    "{unreadable} connections were ended: they sent what is no request of HTTP"
                );
            }
            if late > 0 {
                tracing::info!(
                    connections = late,
                    limit_s = limits.head.as_secs(),
                    "{late} connections were ended: the head of a request did not come to its end"
                );
            }
        }
    }

    /// Returns how many were ended for the head of a request.
    fn end_overdue(&self, limits: &LineLimits) -> usize {
        let now = Instant::now();
        let mut late = 0;
        self.0.open.borrow_mut().retain(|line| {
            let Some(line) = line.upgrade() else { return false };
            if let Some(why) = line.overdue(now, limits) {
                late += usize::from(why == Overdue::Head && line.ended().is_none());
                line.end(why);
            }
            true
        });
        late
    }
}
