//! What this node holds that others see, and how it has changed since they were told.

use std::sync::Arc;

use super::flights::Flights;
use crate::domain::check::Dimension;
use crate::domain::flying::{Wanted, Weighing};
use crate::domain::ids::UserId;
use crate::domain::map::Map;
use crate::domain::sharing::Movement;

/// What is held, and the changes of it that the common counter has not confirmed.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// Changes that wait: the next beat says them too.
    moved: Vec<Moved>,
    /// Changes that a beat says which is on its way.
    weighed: Vec<Moved>,
    /// Whom changes concern that were taken out.
    moving: Vec<Arc<[Dimension]>>,
    held: Map<Dimension, Held>,
    pub(super) flights: Flights,
}

/// A change, and how many charges and news were added before it.
#[derive(Debug)]
struct Moved {
    what: Movement,
    behind: u64,
}

/// Somebody of whom this node holds something that others see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The user whose keys they are, if they are anybody's.
    pub user: Option<UserId>,
    /// The seats of its sessions are limited.
    pub seats: bool,
    /// Noted since it was last looked at.
    is_new: bool,
}

impl Holds {
    /// Adds a change, behind so many charges and news.
    pub(super) fn push(&mut self, what: Movement, behind: u64) {
        self.moved.push(Moved { what, behind });
    }

    /// Returns how many changes wait.
    pub(super) fn waiting(&self) -> usize {
        self.moved.len()
    }

    /// Tells whether every change was told and taken.
    pub(super) fn is_told(&self) -> bool {
        self.moved.is_empty() && self.weighed.is_empty() && self.moving.is_empty()
    }

    /// Takes the oldest changes. What gives back does not come before the charge in whose place it was
    /// held: it waits until so many charges and news were taken as came before it.
    pub(super) fn take(&mut self, most: usize, taken: u64) -> Vec<Movement> {
        let waits = |one: &Moved| one.what.gives_back() && one.behind > taken;
        let count = self.moved.iter().take(most).take_while(|one| !waits(one)).count();
        let moved: Vec<Movement> = self.moved.drain(..count).map(|one| one.what).collect();
        let given = moved.iter().filter(|one| one.gives_back());
        self.moving = given.map(|one| Arc::clone(&one.owners)).collect();
        moved
    }

    /// Notes that those that were taken have arrived.
    pub(super) fn arrived(&mut self) {
        self.moving.clear();
    }

    /// Tells whether something of an owner was given back that the common counter has not got yet.
    pub(super) fn has_given_back(&self, owner: &Dimension) -> bool {
        let waits = self.weighed.iter().chain(&self.moved).map(|one| &one.what);
        let moved = waits.filter(|one| one.gives_back()).map(|one| &one.owners);
        moved.chain(&self.moving).any(|owners| owners.contains(owner))
    }

    /// Looks at what is held, without what is only asked for. What has moved is in it, and lies aside
    /// until [`Self::said`].
    pub(super) fn weigh<R>(
        &mut self,
        look: impl Fn(&Dimension, &Held, &Wanted) -> R,
    ) -> Weighing<R> {
        self.weighed.append(&mut self.moved);
        let (wanted, nothing) = (self.flights.wanted(), Wanted::default());
        let standings = self.held.iter_mut().map(|(owner, held)| {
            held.is_new = false;
            look(owner, held, wanted.get(owner).unwrap_or(&nothing))
        });
        let standings = standings.collect();
        Weighing { asked: self.flights.last(), standings, flying: self.flights.all() }
    }

    /// Has the rest told of what lies aside, before all that has moved since.
    pub(super) fn said(&mut self, skipped: &[Dimension]) {
        let weighed = std::mem::take(&mut self.weighed).into_iter();
        let rest = weighed.flat_map(|Moved { what, behind }| {
            what.beside_beat(skipped).map(move |what| Moved { what, behind })
        });
        let rest: Vec<Moved> = rest.collect();
        self.moved.splice(..0, rest);
    }

    /// Notes of whom something is held.
    pub(super) fn note<'a>(
        &mut self,
        user: Option<UserId>,
        owners: impl IntoIterator<Item = (&'a Dimension, bool)>,
    ) {
        for (owner, seats) in owners {
            match self.held.get_mut(owner) {
                Some(held) => {
                    held.is_new = true;
                    held.seats |= seats;
                }
                None => {
                    self.held.insert(owner.clone(), Held { user, seats, is_new: true });
                }
            }
        }
    }

    /// Forgets those of whom nothing is held any more, unless they were noted again since the last look.
    pub(super) fn forget(&mut self, gone: &[Dimension]) {
        for owner in gone {
            if self.held.get(owner).is_some_and(|held| !held.is_new) {
                self.held.remove(owner);
            }
        }
    }
}
