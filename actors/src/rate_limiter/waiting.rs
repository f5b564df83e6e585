//! The wait for a place where a concurrency limit is reached: bounded, fair, woken by the end of
//! others. Nobody polls: whoever gives a place back hands it on, and where only a session's grace has to
//! pass, a timer is set for its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::door::{Rules, decide_at};
use super::fair::{FairQueue, Tried};
use super::messages::Reserve;
use super::reservation::Reservation;
use crate::clock::Clock;
use crate::domain::caller::Caller;
use crate::domain::check::Dimension;
use crate::domain::counters::Calendar;
use crate::domain::ids::KeyId;
use crate::domain::instant::Micros;
use crate::domain::limits::Refusal;
use crate::shared::counters::Counters;

/// The shortest timer: two clocks need not agree on less.
const SHORTEST: Duration = Duration::from_millis(1);

/// How one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitConfig {
    /// For so long at most; zero is not at all.
    pub time: Duration,
    /// So many at once, over all keys.
    pub places: usize,
}

impl Default for WaitConfig {
    fn default() -> Self {
        Self { time: Duration::ZERO, places: 256 }
    }
}

type Answer = Result<Reservation, Refusal>;

/// Somebody who waits.
#[derive(Debug)]
struct Waiter {
    reserve: Reserve,
    /// Taken with the answer.
    answer: Option<oneshot::Sender<Answer>>,
}

/// All who wait. One per process, shared by all workers.
pub struct Waiting {
    counters: Arc<Counters>,
    clock: Arc<dyn Clock>,
    rules: Rules,
    config: WaitConfig,
    state: Mutex<State>,
    /// As many as wait: looked at without the lock by everybody who comes and goes.
    len: AtomicUsize,
    left: watch::Sender<()>,
    /// As many wait for a place of another node.
    lookers: AtomicUsize,
}

/// A place among those who wait for a place of another node.
#[derive(Debug)]
pub(super) struct Looker(Arc<Waiting>);

impl Drop for Looker {
    fn drop(&mut self) {
        self.0.lookers.fetch_sub(1, Ordering::SeqCst);
    }
}

struct State {
    queue: FairQueue<Waiter>,
    calendar: Calendar,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Waiting {
    /// Makes an empty line; `None` where nobody waits.
    #[must_use]
    pub fn new(
        counters: Arc<Counters>,
        clock: Arc<dyn Clock>,
        rules: Rules,
        config: WaitConfig,
    ) -> Option<Arc<Self>> {
        let state = State { queue: FairQueue::new(config.places), calendar: Calendar::default() };
        (config.time > Duration::ZERO).then(|| {
            Arc::new(Self {
                counters,
                clock,
                rules,
                config,
                state: Mutex::new(state),
                len: AtomicUsize::new(0),
                left: watch::Sender::new(()),
                lookers: AtomicUsize::new(0),
            })
        })
    }

    /// Takes a place among those who look again and again whether another node has given one back;
    /// `None` when as many wait as may.
    pub(super) fn look_again(self: &Arc<Self>) -> Option<Looker> {
        let before = self.lookers.fetch_add(1, Ordering::SeqCst);
        let looker = Looker(Arc::clone(self));
        (before + self.len() < self.config.places).then_some(looker)
    }

    /// Returns how long one waits at most.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.config.time
    }

    /// Returns how many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::SeqCst)
    }

    /// Tells whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits for a place. Dropping the future leaves the line.
    ///
    /// # Errors
    /// The limit that is still in the way when the time is over, or that came in the way meanwhile.
    pub async fn wait(self: &Arc<Self>, reserve: Reserve, refusal: Refusal) -> Answer {
        let (give, mut take) = oneshot::channel();
        let (key, user) = (reserve.caller.key, reserve.caller.user);
        let shared = shared_by(&reserve.caller);
        let most = self.config.time.min(reserve.patience);
        let mut left = self.left.subscribe();
        let Some(place) = self.enter(key, Waiter { reserve, answer: Some(give) }) else {
            return Err(refusal);
        };
        let deadline = Instant::now() + most;
        // Somebody may have left between the refusal and the place in the line.
        self.serve();
        loop {
            let rest = self.counters.books(user, |books| books.next_rest(&shared));
            tokio::select! {
                biased;
                // The sender lives in the line until it has answered.
                answer = &mut take => return answer.unwrap_or(Err(refusal)),
                // Whoever sends lives as long as this line does.
                _ = left.changed() => {}
                () = self.until(rest) => self.serve(),
                () = sleep_until(deadline) => break,
            }
        }
        drop(place);
        // It may have come with the last moment.
        take.try_recv().unwrap_or(Err(refusal))
    }

    /// Hands on what is free. Called by whoever gave a place back or comes anew, with no lock held.
    pub(super) fn serve(self: &Arc<Self>) {
        if self.is_empty() {
            return;
        }
        let now = self.clock.now();
        // Given back without the lock: their end hands on what they held.
        let mut unwanted = Vec::new();
        {
            let mut state = self.state.lock();
            let State { queue, calendar } = &mut *state;
            queue.serve(|waiter| self.attempt(waiter, calendar, now, &mut unwanted));
            self.len.store(queue.len(), Ordering::SeqCst);
        }
        self.left.send_replace(());
        drop(unwanted);
    }

    fn attempt(
        self: &Arc<Self>,
        waiter: &mut Waiter,
        calendar: &mut Calendar,
        now: Micros,
        unwanted: &mut Vec<Answer>,
    ) -> Tried {
        let answer = decide_at(&self.counters, self.rules, calendar, &waiter.reserve, now);
        if answer.as_ref().is_err_and(|refusal| refusal.kind.is_concurrency()) {
            return Tried::Waits;
        }
        let answer = answer.map(|held| held.handing_on(self));
        if let Some(give) = waiter.answer.take() {
            unwanted.extend(give.send(answer).err());
        }
        Tried::Answered
    }

    fn enter(self: &Arc<Self>, key: KeyId, waiter: Waiter) -> Option<Place> {
        let mut state = self.state.lock();
        let ticket = state.queue.push(key, waiter)?;
        self.len.store(state.queue.len(), Ordering::SeqCst);
        Some(Place { waiting: Arc::clone(self), key, ticket })
    }

    /// Sleeps until an instant; for ever when there is none.
    async fn until(&self, at: Option<Micros>) {
        match at {
            Some(at) => sleep(at.since(self.clock.now()).max(SHORTEST)).await,
            None => std::future::pending().await,
        }
    }
}

/// Returns the groups and tags in whose seats a caller's sessions sit as well.
fn shared_by(caller: &Caller) -> Vec<Dimension> {
    let tags = caller.tags.iter().map(|tag| Dimension::Tag(Arc::clone(tag)));
    std::iter::once(Dimension::Group(Arc::clone(caller.limit_group()))).chain(tags).collect()
}

/// A place in the line. Dropping it leaves the line.
struct Place {
    waiting: Arc<Waiting>,
    key: KeyId,
    ticket: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let gone = {
            let mut state = self.waiting.state.lock();
            let gone = state.queue.remove(self.key, self.ticket);
            self.waiting.len.store(state.queue.len(), Ordering::SeqCst);
            gone
        };
        drop(gone);
    }
}

#[cfg(test)]
#[path = "waiting_tests.rs"]
mod tests;
