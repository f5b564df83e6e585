//! Watches streams whose clients stopped reading, and cuts all of them when a stop's grace is over. A
//! body that nobody polls cannot look at a clock, so tasks of the worker look for it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::body::{Slot, WeakSlot};
use crate::process::Curfew;

/// How often the watchdog looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The streams of one worker.
#[derive(Clone, Default)]
pub struct Streams(Rc<RefCell<Vec<WeakSlot>>>);

impl Streams {
    /// Adds a stream.
    pub fn watch(&self, slot: WeakSlot) {
        self.0.borrow_mut().push(slot);
    }

    /// Makes room: entries of streams that ended are forgotten when the list would grow.
    pub fn expect_one(&self) {
        let mut list = self.0.borrow_mut();
        if list.len() == list.capacity() {
            list.retain(|slot| slot.strong_count() > 0);
        }
    }

    /// Returns how many streams are under way.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.borrow().iter().filter(|slot| slot.strong_count() > 0).count()
    }

    /// Looks for stalled clients until the worker ends.
    pub async fn watch_for_stalls(self, limit: Duration) {
        let mut tick = interval(LOOK_EVERY.min(limit));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.end_stalled(limit);
        }
    }

    /// Cuts all streams when their time is over.
    pub async fn cut_when(self, curfew: Curfew) {
        curfew.rung().await;
        for slot in self.slots() {
            slot.borrow_mut().cut();
        }
    }

    fn slots(&self) -> Vec<Rc<RefCell<Slot>>> {
        self.0.borrow().iter().filter_map(WeakSlot::upgrade).collect()
    }

    fn end_stalled(&self, limit: Duration) {
        let Some(before) = Instant::now().checked_sub(limit) else { return };
        self.0.borrow_mut().retain(|slot| slot.strong_count() > 0);
        for slot in self.slots() {
            if slot.borrow_mut().end_if_stalled(before) {
                tracing::info!(
                    limit_s = limit.as_secs(),
                    "a client stopped reading; its stream is ended"
                );
            }
        }
    }
}
