//! One user with keys and sessions: what is always judged together, under one lock (D1).

use std::sync::Arc;

use super::{Lesson, Lessons, Meter, Sessions, Taught};
use crate::domain::ids::KeyId;
use crate::domain::instant::Micros;
use crate::domain::map::Map;

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

    /// Counts a reservation.
    pub const fn begin(&mut self) {
        self.reservations = self.reservations.saturating_add(1);
    }

    /// Counts a reservation as over.
    pub const fn finish(&mut self) {
        self.reservations = self.reservations.saturating_sub(1);
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
