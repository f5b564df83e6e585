//! What has happened here and other nodes do not know yet, in its order. Whoever changes a counter
//! that others see does it under the outbox' lock, which comes before all others: so whoever looks at
//! what is held and at what is still to be told sees each change in one of them.

mod charges;
mod flights;
mod holds;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use self::charges::Charges;
pub use self::flights::Asking;
pub use self::holds::Held;
use self::holds::Holds;
use crate::domain::check::Dimension;
use crate::domain::flying::{Flying, Wanted, Weighing};
use crate::domain::ids::UserId;
use crate::domain::instant::Micros;
use crate::domain::limits::Refusal;
use crate::domain::map::Set;
use crate::domain::money::Nano;
use crate::domain::sharing::{Happened, Horizon, LogPlace, Movement, WindowSums};

/// The outbox of a process, and how this node stands to the others.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Mutex<Waiting>,
    bell: Bell,
    /// The common counter is not asked, and limits are divided.
    away: AtomicBool,
    /// There are some in [`Waiting::behind`].
    behind: AtomicBool,
    nodes: AtomicU32,
}

/// What is called when something was added.
#[derive(Default)]
struct Bell(OnceLock<Box<dyn Fn() + Send + Sync>>);

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bell")
    }
}

#[derive(Debug, Default)]
struct Waiting {
    holds: Holds,
    charges: Charges,
    horizon: Horizon,
    /// Of whom the common counter has heard of a cut that this node has not: it takes no windows of
    /// theirs from here until it has.
    behind: Set<Dimension>,
}

/// The outbox while it is locked.
pub struct Telling<'a>(&'a mut Waiting);

impl Telling<'_> {
    /// Adds something that has happened.
    pub fn tell(&mut self, happened: Happened) {
        self.0.charges.push(happened);
    }

    /// Adds a change of what is held; behind the charge that takes the place of what it gives back.
    pub fn moved(&mut self, movement: Movement) {
        self.0.holds.push(movement, self.0.charges.added());
    }

    /// Changes what is held of a question that flies.
    pub fn flies(&mut self, asking: &Asking, by: &Movement) {
        self.0.holds.flights.change(asking.number(), by);
    }

    /// Notes a cut of what an owner has spent. Of charges that wait or fly the money of before it counts
    /// no longer, here and wherever the cut is known; their tokens are told as ever. Returns arrivals
    /// and money of the others, which ended later and are to be counted still.
    pub fn cut(&mut self, owner: &Dimension, cut: Micros) -> Vec<(Micros, Nano)> {
        self.0.behind.remove(owner);
        self.0.charges.cut(owner, cut)
    }

    /// Returns the money of an owner that the common counter has not got from this node yet; while limits
    /// are divided, all that was spent here since.
    #[must_use]
    pub fn unheard(&self, owner: &Dimension) -> Nano {
        self.0.charges.unheard(owner)
    }
}

impl Outbox {
    /// Changes counters and adds what that is for others, in one step. `work` must not wait, log or
    /// come back here.
    pub fn change<R>(&self, work: impl FnOnce(&mut Telling<'_>) -> R) -> R {
        let mut waiting = self.waiting.lock();
        let before = (waiting.charges.waiting(), waiting.holds.waiting());
        let done = work(&mut Telling(&mut waiting));
        let rings = (waiting.charges.waiting(), waiting.holds.waiting()) != before;
        drop(waiting);
        if rings {
            self.ring();
        }
        done
    }

    /// Adds something that has happened.
    pub fn tell(&self, happened: Happened) {
        self.change(|telling| telling.tell(happened));
    }

    /// Lets something in that the common counter is asked for: `decide` holds it here, and returns what
    /// the question asks for, which flies from the same step on, when it has owners. So no beat takes for
    /// held what is only asked for.
    ///
    /// # Errors
    /// What `decide` refuses.
    pub fn let_in(
        self: &Arc<Self>,
        decide: impl FnOnce(&Telling<'_>) -> Result<Flying, Refusal>,
    ) -> Result<Option<Asking>, Refusal> {
        let mut waiting = self.waiting.lock();
        let flying = decide(&Telling(&mut waiting))?;
        if flying.owners.is_empty() {
            return Ok(None);
        }
        let owners = Arc::clone(&flying.owners);
        let number = waiting.holds.flights.begin(flying);
        drop(waiting);
        Ok(Some(Asking::new(Arc::clone(self), number, owners)))
    }

    /// Looks at what is held, for a beat to say it; what is only asked for is given to `look`, to be left
    /// out. What has moved is in it, and lies aside until [`Self::said`].
    pub fn weigh<R>(&self, look: impl Fn(&Dimension, &Held, &Wanted) -> R) -> Weighing<R> {
        self.waiting.lock().holds.weigh(look)
    }

    /// Notes that the last look was said, but for these. What has moved of them is told after all; of
    /// others seats that rest alone, for nobody holds them. When nobody knows whether it was said, it was:
    /// the next look says it again.
    pub fn said(&self, skipped: &[Dimension]) {
        self.waiting.lock().holds.said(skipped);
    }

    /// Takes what has moved, and the oldest of what else waits: no further than to resets and with them,
    /// for whoever books what was taken books charges first. Nothing is given back before the charge in
    /// whose place it was held is taken.
    #[must_use]
    pub fn take(&self, most: usize) -> (Vec<Movement>, Vec<Happened>) {
        let mut waiting = self.waiting.lock();
        let happened = waiting.charges.take(most);
        let taken = waiting.charges.taken();
        (waiting.holds.take(most, taken), happened)
    }

    /// Returns how many charges and news there were until now.
    #[must_use]
    pub fn added(&self) -> u64 {
        self.waiting.lock().charges.added()
    }

    /// Tells whether the common counter has the first so many of them.
    #[must_use]
    pub fn has_told(&self, first: u64) -> bool {
        self.waiting.lock().charges.has_told(first)
    }

    /// Notes that the common counter has taken a batch, and how many charges it was.
    pub fn arrived(&self, batch: u64, charges: usize) {
        let mut waiting = self.waiting.lock();
        waiting.charges.arrived(charges);
        waiting.horizon.batch = batch;
        waiting.holds.arrived();
    }

    /// Notes up to where what other nodes have told is counted. A look without news changes nothing.
    pub fn heard(&self, place: LogPlace) {
        let mut waiting = self.waiting.lock();
        if waiting.horizon.place.as_ref() != Some(&place) {
            waiting.horizon.place = Some(place);
            waiting.behind.clear();
            self.behind.store(false, Ordering::Release);
        }
    }

    /// Notes that the common counter took no windows of these from here: about them this node decides
    /// alone, until it has heard more.
    pub fn is_behind_on(&self, owners: Vec<Dimension>) {
        let mut waiting = self.waiting.lock();
        waiting.behind.extend(owners);
        self.behind.store(true, Ordering::Release);
    }

    /// Looks at the windows of an owner, and takes out what the common counter has not got yet.
    pub fn known(
        &self,
        owner: &Dimension,
        sums: impl FnOnce() -> WindowSums,
    ) -> (WindowSums, Horizon) {
        let waiting = self.waiting.lock();
        let horizon = waiting.horizon.clone();
        let mut sums = sums();
        let from = sums.counts_from;
        for charge in waiting.charges.all().filter(|charge| charge.ended >= from) {
            if charge.owners.contains(owner) {
                sums.without(charge.at, charge.cost);
            }
        }
        (sums, horizon)
    }

    /// Returns how much waits, and how much was lost because too much did.
    #[must_use]
    pub fn backlog(&self) -> (usize, u64) {
        let waiting = self.waiting.lock();
        (waiting.charges.len(), waiting.charges.lost())
    }

    /// Returns how much waits or is on its way to the common counter.
    #[must_use]
    pub fn untold(&self) -> usize {
        self.waiting.lock().charges.len()
    }

    /// Tells whether everything was told and taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.charges.len() == 0 && waiting.holds.is_told()
    }

    /// Tells whether something of an owner was given back here that the common counter has not got yet.
    #[must_use]
    pub fn has_given_back(&self, owner: &Dimension) -> bool {
        self.waiting.lock().holds.has_given_back(owner)
    }

    /// Has this called whenever something was added, and when the common counter goes away; the first one
    /// stays. It must not wait.
    pub fn on_news(&self, ring: impl Fn() + Send + Sync + 'static) {
        let _first_stays = self.bell.0.set(Box::new(ring));
    }

    /// Notes that others see what this node holds of these, and of whom the seats of sessions; `user` is
    /// the one whose keys they are.
    pub fn note_held<'a>(
        &self,
        user: Option<UserId>,
        owners: impl IntoIterator<Item = (&'a Dimension, bool)>,
    ) {
        self.waiting.lock().holds.note(user, owners);
    }

    /// Forgets those of whom nothing is held any more, unless they were noted again since it was last
    /// looked at what is held.
    pub fn forget_held(&self, gone: &[Dimension]) {
        self.waiting.lock().holds.forget(gone);
    }

    /// Notes that the common counter answers and has what all nodes have spent, and how many use it.
    pub fn is_common(&self, nodes: u32) {
        self.nodes.store(nodes.max(1), Ordering::Relaxed);
        self.waiting.lock().charges.unite();
        self.away.store(false, Ordering::Release);
    }

    /// Notes that the common counter answers, and is not asked before all nodes have told it what they
    /// have spent meanwhile. Those that have not come back yet count.
    pub fn is_back(&self, nodes: u32) {
        self.nodes.fetch_max(nodes, Ordering::Relaxed);
    }

    /// Notes how many nodes live by what the database says, while the common counter cannot tell.
    pub fn note_nodes(&self, nodes: u32) {
        if !self.answers() {
            self.nodes.store(nodes.max(1), Ordering::Relaxed);
        }
    }

    /// Notes that the common counter is away: each node has its part of what is left. The first time it
    /// rings: somebody is to look when it is back.
    pub fn is_away(&self) {
        if !self.away.swap(true, Ordering::AcqRel) {
            self.waiting.lock().charges.divide();
            self.ring();
        }
    }

    fn ring(&self) {
        if let Some(ring) = self.bell.0.get() {
            ring();
        }
    }

    /// Tells whether the common counter is asked: it answers, as far as is known, and has what all nodes
    /// have spent.
    #[must_use]
    pub fn answers(&self) -> bool {
        !self.away.load(Ordering::Acquire)
    }

    /// Returns among how many nodes what is left of these owners' limits is divided, when this node
    /// decides about them alone; `None` when the common counter is asked.
    pub fn alone_on<'a>(&self, owners: impl IntoIterator<Item = &'a Dimension>) -> Option<u32> {
        if !self.answers() {
            return Some(self.nodes());
        }
        if !self.behind.load(Ordering::Acquire) {
            return None;
        }
        let waiting = self.waiting.lock();
        let is_behind = owners.into_iter().any(|owner| waiting.behind.contains(owner));
        is_behind.then(|| self.nodes())
    }

    /// Returns how many nodes there were when that was last known.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.nodes.load(Ordering::Relaxed).max(1)
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
