//! One user with keys and sessions: what is always judged together, under one lock (D1).

use std::sync::Arc;

use super::{Borders, Lesson, Lessons, Meter, Sessions, Taught};
use crate::domain::ids::{KeyId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::map::Map;
use crate::domain::money::Nano;

/// A user's counters.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    /// The user's own meter: the sum over the keys, also of those that are gone.
    pub user: Meter,
    /// The sessions of all keys.
    pub sessions: Sessions,
    keys: Map<KeyId, KeyCounters>,
    reservations: u32,
}

#[derive(Clone, Debug, Default)]
struct KeyCounters {
    meter: Meter,
    lessons: Lessons,
}

/// A request that was let in.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Its key.
    pub key: KeyId,
    /// The session whose seat it takes, if it takes one.
    pub session: Option<&'a SessionId>,
    /// The money it holds.
    pub hold: Nano,
    /// How long the request log may get.
    pub log_bound: usize,
    /// The arrival.
    pub now: Micros,
}

impl Tenant {
    /// Returns a key's meter, if it was ever used.
    #[must_use]
    pub fn key(&self, key: KeyId) -> Option<&Meter> {
        self.keys.get(&key).map(|counters| &counters.meter)
    }

    /// Returns a key's meter to change it.
    pub fn key_mut(&mut self, key: KeyId) -> &mut Meter {
        &mut self.keys.entry(key).or_default().meter
    }

    /// Returns how many reservations are open.
    #[must_use]
    pub const fn reservations(&self) -> u32 {
        self.reservations
    }

    /// Returns what a key's former requests teach about a model.
    #[must_use]
    pub fn lesson(&self, key: KeyId, model: &str) -> Option<&Lesson> {
        self.keys.get(&key)?.lessons.of(model)
    }

    /// Learns from a finished request.
    pub fn teach(&mut self, key: KeyId, model: &Arc<str>, taught: &Taught) {
        self.keys.entry(key).or_default().lessons.teach(model, taught);
    }

    /// Moves both meters' calendar windows on.
    pub fn roll(&mut self, key: KeyId, user_borders: &Borders, key_borders: &Borders) {
        self.user.roll(user_borders);
        self.key_mut(key).roll(key_borders);
    }

    /// Lets a request in.
    pub fn open(&mut self, opening: &Opening<'_>) {
        for meter in [&mut self.user, &mut self.keys.entry(opening.key).or_default().meter] {
            meter.log_start(opening.now, opening.log_bound);
            meter.open(opening.hold);
        }
        if let Some(session) = opening.session {
            self.sessions.enter(session, opening.key, opening.now);
        }
        self.reservations = self.reservations.saturating_add(1);
    }

    /// Holds more money for a request.
    pub fn raise(&mut self, key: KeyId, by: Nano) {
        self.user.raise(by);
        self.key_mut(key).raise(by);
    }

    /// Counts a request as no longer running.
    pub fn leave(&mut self, key: KeyId) {
        self.user.leave();
        self.key_mut(key).leave();
    }

    /// Gives a request's held money back: its reservation is over.
    pub fn release(&mut self, key: KeyId, hold: Nano) {
        self.user.release(hold);
        self.key_mut(key).release(hold);
        self.reservations = self.reservations.saturating_sub(1);
    }

    /// Adds a cost to the windows of its arrival.
    pub fn charge(&mut self, key: KeyId, arrival: Micros, cost: Nano) {
        self.user.charge(arrival, cost);
        self.key_mut(key).charge(arrival, cost);
    }

    /// Forgets all spent money, to be restored.
    pub fn forget_spent(&mut self) {
        self.user.forget_spent();
        for counters in self.keys.values_mut() {
            counters.meter.forget_spent();
        }
    }

    /// Drops what nobody can see any more.
    pub fn expire(&mut self, now: Micros, ttl: std::time::Duration) {
        self.user.expire(now);
        for counters in self.keys.values_mut() {
            counters.meter.expire(now);
        }
        self.sessions.expire(now, ttl);
    }
}
