//! What several nodes agree on: each tells the others of its changes, adopts theirs when they are newer,
//! and probes only while it holds the lease. How they talk is not known here.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::{Breakers, Entry};
use crate::domain::breaker::{Change, Event, Standing, Transition, change};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::breaker_view::BreakerState;
use crate::domain::instant::Micros;
use crate::domain::provider::BreakerConfig;

/// The beginning of a look at the nodes' common store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Poll(u64);

impl Breakers {
    /// Says whether probes need a lease: only while several nodes share their breakers. Without, this
    /// node is the only one.
    pub fn require_leases(&self, required: bool) {
        self.leased.store(required, Ordering::Release);
    }

    /// Returns how all breakers stand that are not closed, by their keys.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Standing> {
        let entries = self.entries.load();
        let standing = |(key, entry): (&BreakerKey, &super::Locked)| entry.lock().standing(*key);
        let mut all: Vec<Standing> = entries.iter().filter_map(standing).collect();
        all.sort_unstable_by_key(|one| one.key);
        all
    }

    /// Begins a look at the common store. Called before it is asked.
    pub fn poll(&self) -> Poll {
        Poll(self.polls.fetch_add(1, Ordering::AcqRel))
    }

    /// Notes that the common store has taken a state of this node. From then on its absence there
    /// means that another node closed it, or that the store was emptied.
    pub fn shared(&self, key: BreakerKey, version: u64) {
        if let Some(entry) = self.known(key) {
            let mut entry = entry.lock();
            let Poll(poll) = self.poll();
            entry.common = Some((version, poll));
        }
    }

    /// Adopts what the common store has: states that are newer than those of this node, and the end
    /// of those that it has no more. `theirs` are those of it that the catalogue knows, so that what
    /// was removed stays forgotten. Returns the changes, for people; they are not for other nodes.
    pub fn adopt(&self, poll: Poll, theirs: &[Standing], now: Micros) -> Vec<Transition> {
        let mut told = Vec::new();
        for standing in theirs {
            let entry = self.entry(standing.key);
            let mut entry = entry.lock();
            told.extend(entry.adopt(standing, poll, now));
        }
        let there: HashSet<BreakerKey> = theirs.iter().map(|one| one.key).collect();
        for (key, entry) in self.entries.load().iter().filter(|(key, _)| !there.contains(key)) {
            told.extend(entry.lock().gone(*key, poll, now));
        }
        told
    }

    /// Returns the breakers that this node wants to probe, or is probing: their leases are to be
    /// taken or renewed. Of others a held lease is left to run out, also where attempts of this node
    /// have looked for 5 s and none has probed: for 2 s after its end it is other nodes'.
    #[must_use]
    pub fn needs_probe_lease(&self, now: Micros) -> Vec<BreakerKey> {
        if !self.leased.load(Ordering::Acquire) {
            return Vec::new();
        }
        let entries = self.entries.load();
        let wants = |entry: &mut Entry| {
            let may = entry.breaker.state().0 != BreakerState::Closed;
            may && (entry.breaker.probes_out() > 0 || entry.lease.is_needed(now))
        };
        let mut keys: Vec<BreakerKey> = entries
            .iter()
            .filter(|(_, entry)| wants(&mut entry.lock()))
            .map(|(key, _)| *key)
            .collect();
        keys.sort_unstable();
        keys
    }

    /// Notes until when this node alone may probe; an instant that is over gives the lease up.
    pub fn hold_probe_lease(&self, key: BreakerKey, now: Micros, until: Micros) {
        if let Some(entry) = self.known(key) {
            entry.lock().lease.hold(now, until);
        }
    }
}

impl Entry {
    fn standing(&self, key: BreakerKey) -> Option<Standing> {
        let (state, until) = self.breaker.state();
        (state != BreakerState::Closed).then(|| Standing {
            key,
            state,
            since: self.since,
            until,
            version: self.version,
            reason: self.reason.clone().unwrap_or_else(|| state.name().into()),
        })
    }

    /// Takes a state of another node when it is newer. Of two with one version that of the common
    /// store holds: it was there first.
    fn adopt(&mut self, their: &Standing, Poll(poll): Poll, now: Micros) -> Option<Transition> {
        if their.version < self.version {
            return None;
        }
        self.common = Some((their.version, poll));
        if their.version == self.version && self.breaker.state() == (their.state, their.until) {
            return None;
        }
        let before = self.breaker;
        self.breaker = before.adopted(their.state, their.until);
        (self.version, self.since) = (their.version, their.since);
        self.reason = Some(std::sync::Arc::clone(&their.reason));
        if their.state == BreakerState::Closed {
            self.closed();
        }
        let changed = change(&before, &self.breaker)?;
        let told = self.tell(their.key, changed, before.state().0, now);
        Some(Transition { elsewhere: true, ..told })
    }

    /// Closes a breaker that the common store had in its present state and has no more.
    fn gone(&mut self, key: BreakerKey, Poll(poll): Poll, now: Micros) -> Option<Transition> {
        let had = self.common.is_some_and(|(version, at)| version == self.version && at < poll);
        if !had || self.breaker.state().0 == BreakerState::Closed {
            return None;
        }
        self.resting_until = None;
        let closed = self.apply(key, Event::Reset, &BreakerConfig::default(), now)?;
        let reason = Change::Closed.name().into();
        Some(Transition { change: Change::Closed, reason, elsewhere: true, ..closed })
    }
}

#[cfg(test)]
#[path = "nodes_tests.rs"]
mod tests;
