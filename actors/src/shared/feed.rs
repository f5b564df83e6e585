//! The live feed: what happens, for those who watch (the console). Whoever tells it something takes
//! a short lock and wakes who waits; nobody who tells ever waits for somebody who watches.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use parking_lot::Mutex;
use serde::Serialize;

use crate::domain::breaker::Transition;
use crate::domain::instant::Micros;
use crate::domain::ledger::LedgerRow;
use crate::domain::live::{
    After, Bounds, Event, EventId, Lately, Numbered, Ring, SessionLoads, Tally,
};
use crate::domain::map::Map;

use super::places::Places;
pub use super::places::{NoPlace, Person, PlaceBounds, Watcher};

/// What is remembered for who was away for a moment: some pages of a list. A row takes about a
/// kilobyte.
const BOUNDS: Bounds = Bounds { events: 1_000, bytes: 2 * 1024 * 1024 };
/// How many may follow at once. Each is an open connection and, when it is busy, twenty rows a
/// second to render. A tab that nobody looks at follows nothing, so that one person seldom has more
/// than a few.
const PLACES: PlaceBounds = PlaceBounds { all: 200, person: 20, kept: 40 };
/// Rounds (seconds) for which events are kept after the last one who showed interest.
const PATIENCE: u32 = 300;
/// Events given out at once.
const PIECE: usize = 256;

/// The feed of one process, shared by all who tell and all who follow.
#[derive(Debug)]
pub struct Feed(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    ring: Ring,
    tally: Tally,
    loads: Option<Arc<SessionLoads>>,
    /// Rises with each change of the loads.
    loads_version: u64,
    places: Places,
    followers: Map<u64, Option<Waker>>,
    next_follower: u64,
    quiet_rounds: u32,
    closed: bool,
}

/// What a follower is given next.
#[derive(Clone, Debug)]
pub enum News {
    /// These things happened, in order.
    Events(Vec<Numbered>),
    /// Things happened that are not known any more: what is shown must be loaded anew. It goes on
    /// behind this place.
    Reset(EventId),
    /// So many sessions live now.
    Sessions(Arc<SessionLoads>),
}

/// One who follows: a stream of news that ends when the process stops. Dropping it gives its place
/// back.
#[derive(Debug)]
pub struct Follower {
    feed: Arc<Feed>,
    who: Watcher,
    number: u64,
    place: EventId,
    loads_version: u64,
}

/// The feed's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FeedView {
    /// Who follows now.
    pub followers: usize,
    /// Events so far.
    pub events: u64,
    /// Events that are kept.
    pub kept: usize,
    /// The memory they take, as estimated.
    pub kept_bytes: usize,
}

impl Feed {
    /// Makes a feed. `boot` tells this process from those before it.
    #[must_use]
    pub fn new(boot: u64) -> Self {
        Self::bounded(boot, BOUNDS, PLACES)
    }

    fn bounded(boot: u64, bounds: Bounds, places: PlaceBounds) -> Self {
        Self(Mutex::new(Inner {
            ring: Ring::new(boot, bounds),
            tally: Tally::default(),
            loads: None,
            loads_version: 0,
            places: Places::new(places),
            followers: Map::default(),
            next_follower: 0,
            quiet_rounds: 0,
            closed: false,
        }))
    }

    /// Returns the place that a page which is about to be made will follow from, and keeps events
    /// from now on.
    #[must_use]
    pub fn mark(&self) -> EventId {
        let mut inner = self.0.lock();
        inner.show_interest();
        inner.ring.newest()
    }

    /// Starts to follow: behind a place, or with what happens from now on.
    ///
    /// # Errors
    /// There is no place for them, or the process stops.
    pub fn follow(
        self: &Arc<Self>,
        who: Watcher,
        from: Option<EventId>,
    ) -> Result<Follower, NoPlace> {
        let mut inner = self.0.lock();
        if inner.closed {
            return Err(NoPlace::Closed);
        }
        inner.places.take(who)?;
        inner.show_interest();
        let number = inner.next_follower;
        inner.next_follower = number.wrapping_add(1);
        inner.followers.insert(number, None);
        let place = from.unwrap_or_else(|| inner.ring.newest());
        drop(inner);
        Ok(Follower { feed: Arc::clone(self), who, number, place, loads_version: 0 })
    }

    /// Tells of rows that are in the ledger now.
    pub fn rows(&self, rows: Vec<LedgerRow>) {
        {
            // Also while nobody follows: who comes asks first how it went until now.
            let mut inner = self.0.lock();
            for row in &rows {
                inner.tally.count(row);
            }
        }
        if !self.passes_by(rows.len()) {
            self.push(rows.into_iter().map(Event::row).collect());
        }
    }

    /// Returns how the requests of the last minutes ended.
    #[must_use]
    pub fn lately(&self, now: Micros) -> Lately {
        self.0.lock().tally.sum(now)
    }

    /// Tells of a breaker's change.
    pub fn breaker(&self, transition: Transition) {
        if !self.passes_by(1) {
            self.push(vec![Event::breaker(transition)]);
        }
    }

    /// Tells how many sessions live now.
    pub fn sessions(&self, loads: SessionLoads) {
        let mut inner = self.0.lock();
        if inner.loads.as_deref() != Some(&loads) {
            inner.loads = Some(Arc::new(loads));
            inner.loads_version = inner.loads_version.saturating_add(1);
            let waiting = inner.waiting();
            drop(inner);
            wake(waiting);
        }
    }

    /// Ends a round of a second; tells whether somebody follows. When nobody has for a while, what
    /// was kept is forgotten.
    #[must_use]
    pub fn end_round(&self) -> bool {
        let mut inner = self.0.lock();
        if !inner.followers.is_empty() {
            inner.quiet_rounds = 0;
            return true;
        }
        // Nobody counts from here on: who comes next must not be told an old number.
        inner.loads = None;
        inner.quiet_rounds = inner.quiet_rounds.saturating_add(1);
        if inner.quiet_rounds >= PATIENCE && !inner.ring.is_resting() {
            inner.ring.rest();
        }
        false
    }

    /// Ends all followers' streams and takes no new ones: the process stops.
    pub fn close(&self) {
        let mut inner = self.0.lock();
        inner.closed = true;
        let waiting = inner.waiting();
        drop(inner);
        wake(waiting);
    }

    /// Returns the figures.
    #[must_use]
    pub fn view(&self) -> FeedView {
        let inner = self.0.lock();
        FeedView {
            followers: inner.places.taken(),
            events: inner.ring.newest().seq,
            kept: inner.ring.len(),
            kept_bytes: inner.ring.bytes(),
        }
    }

    /// Where nobody follows, events are only counted; making them costs nothing then.
    fn passes_by(&self, events: usize) -> bool {
        let mut inner = self.0.lock();
        let resting = inner.ring.is_resting();
        if resting {
            inner.ring.pass_by(events);
        }
        resting
    }

    fn push(&self, events: Vec<Event>) {
        let mut inner = self.0.lock();
        for event in events {
            inner.ring.push(event);
        }
        let waiting = inner.waiting();
        drop(inner);
        wake(waiting);
    }
}

impl Inner {
    const fn show_interest(&mut self) {
        self.quiet_rounds = 0;
        self.ring.wake();
    }

    fn waiting(&mut self) -> Vec<Waker> {
        self.followers.values_mut().filter_map(Option::take).collect()
    }
}

fn wake(waiting: Vec<Waker>) {
    for waker in waiting {
        waker.wake();
    }
}

impl Follower {
    /// Returns the place behind all it has been given.
    #[must_use]
    pub const fn place(&self) -> EventId {
        self.place
    }
}

impl Stream for Follower {
    type Item = News;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<News>> {
        let feed = Arc::clone(&self.feed);
        let mut inner = feed.0.lock();
        if inner.closed {
            return Poll::Ready(None);
        }
        // First, because it comes once a second at most and rows may come without an end.
        if inner.loads_version > self.loads_version {
            self.loads_version = inner.loads_version;
            if let Some(loads) = inner.loads.clone() {
                return Poll::Ready(Some(News::Sessions(loads)));
            }
        }
        let After::Events(events) = inner.ring.after(self.place, PIECE) else {
            self.place = inner.ring.newest();
            return Poll::Ready(Some(News::Reset(self.place)));
        };
        if let Some(last) = events.last() {
            self.place = last.id;
            return Poll::Ready(Some(News::Events(events)));
        }
        inner.followers.insert(self.number, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut inner = self.feed.0.lock();
        inner.followers.remove(&self.number);
        inner.places.give_back(self.who);
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
