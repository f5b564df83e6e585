//! Work for threads that own a database connection: two lanes, the interactive one first.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

/// How urgent a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Somebody waits for it.
    Interactive,
    /// It may wait for those; at most 500 statements a piece.
    Bulk,
}

#[derive(Debug)]
struct Waiting<T> {
    interactive: VecDeque<T>,
    bulk: VecDeque<T>,
    closed: bool,
}

/// A queue with two lanes.
#[derive(Debug)]
pub(crate) struct Lanes<T> {
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        let waiting =
            Waiting { interactive: VecDeque::new(), bulk: VecDeque::new(), closed: false };
        Self { waiting: Mutex::new(waiting), arrived: Condvar::new() }
    }
}

impl<T> Lanes<T> {
    /// Adds work; gives it back when the queue is closed.
    pub(crate) fn push(&self, lane: Lane, work: T) -> Result<(), T> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(work);
        }
        match lane {
            Lane::Interactive => waiting.interactive.push_back(work),
            Lane::Bulk => waiting.bulk.push_back(work),
        }
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for work; `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let mut waiting = self.waiting.lock();
        loop {
            let next = waiting.interactive.pop_front();
            if let Some(work) = next.or_else(|| waiting.bulk.pop_front()) {
                return Some(work);
            }
            if waiting.closed {
                return None;
            }
            self.arrived.wait(&mut waiting);
        }
    }

    /// Lets no more work in; what waits is still done.
    pub(crate) fn close(&self) {
        self.waiting.lock().closed = true;
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interactive_work_overtakes_bulk_work() {
        let lanes = Lanes::default();
        lanes.push(Lane::Bulk, 1).unwrap();
        lanes.push(Lane::Interactive, 2).unwrap();
        assert_eq!((lanes.pop(), lanes.pop()), (Some(2), Some(1)));
    }

    #[test]
    fn a_closed_queue_finishes_what_waits_and_takes_nothing_new() {
        let lanes = Lanes::default();
        lanes.push(Lane::Interactive, 1).unwrap();
        lanes.close();
        assert_eq!(lanes.push(Lane::Interactive, 2), Err(2));
        assert_eq!((lanes.pop(), lanes.pop()), (Some(1), None));
    }
}
